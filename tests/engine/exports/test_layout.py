"""Where things stand in pictures, read back from what was written: nothing moves, nothing covers anything."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings

from engine import SPACES, Genotype
from engine.exports.geometry import Box
from engine.exports.layout import cell_layout
from engine.exports.placement import OUTPUT
from engine.exports.svg import genotype_svg, supernet_svg
from engine.genotypes.population import Population
from engine.spaces import Gene, SearchSpace
from tests.engine.documents import Document, cell, documents
from tests.engine.exports.pictures import places, read_pictures
from tests.engine.exports.spaces import every_space
from tests.engine.spaces.test_own_document import own
from tests.engine.strategies import PARALLEL


@every_space
def test_no_edge_passes_a_node_and_no_label_covers_anything(space: SearchSpace):
    """Of all edges at once, and so of those of any genotype that has each once."""
    for kind in space.cell_types:
        (picture,) = read_pictures(supernet_svg(space, kind)).values()
        assert len(picture.edges) == len(space.edges)
        assert picture.problems() == []


@pytest.mark.slow
@pytest.mark.parametrize("name", SPACES)
def test_genotypes_move_nothing(name: str):
    """200 at random, each drawn where all edges at once are."""
    space = SPACES[name]
    whole = {name: place for kind in space.cell_types for name, place in places(supernet_svg(space, kind)).items()}
    nodes = [name for name in whole if name.startswith("node-")]
    population = Population.sample(space, 200, seed=1)
    for row in range(len(population)):
        genotype = population.genotype(row)
        drawn = places(genotype_svg(genotype))
        assert drawn.items() <= whole.items()
        assert len(drawn) == len(nodes) + sum(len(genes) for _, genes in genotype.genes)


def repeated(space: SearchSpace, seed: int) -> Genotype:
    """A genotype whose nodes read any inputs, some of them several times."""
    draw, cells = random.Random(seed), {}
    for kind in space.cell_types:
        genes = []
        for node in range(space.inputs, space.nodes):
            incoming = [edge for edge in space.edges if edge.target == node]
            drawn = sorted(draw.choices(incoming, k=space.kept_counts[node - space.inputs]))
            genes += [Gene(*edge, draw.choice(space.candidate_names[kind, edge])) for edge in drawn]
        cells[kind] = genes
    return Genotype.of(space, cells)


@pytest.mark.slow
@pytest.mark.parametrize("space", PARALLEL.values(), ids=PARALLEL)
def test_inputs_that_are_read_several_times_have_room(space: SearchSpace):
    nodes = read_pictures(supernet_svg(space, space.cell_types[0]))[space.cell_types[0]].nodes
    for seed in range(20):
        pictures = read_pictures(genotype_svg(repeated(space, seed)))
        assert {kind: picture.problems() for kind, picture in pictures.items()} == {kind: [] for kind in pictures}
        assert pictures[space.cell_types[0]].nodes == nodes


@settings(max_examples=30)
@given(documents())
def test_own_spaces_have_room_too(document: Document):
    space = own(document)
    (picture,) = read_pictures(supernet_svg(space, space.cell_types[0])).values()
    assert picture.problems() == []


@pytest.mark.slow
@pytest.mark.parametrize("inputs", [1, 2])
def test_the_largest_own_space_has_room(inputs: int):
    """Every edge of twelve nodes, of which some are concatenated."""
    edges = [(source, target) for target in range(inputs, 12) for source in range(target)]
    document = {
        "schema": "freenas/search-space@1",
        "name": "large",
        "inputs": ["a long name", "b"][:inputs],
        "nodes": 12,
        "operations": ["skip_connect", "mbconv3_3x3"],
        "cells": {"cell": cell(edges)},
        "output": [4, 5, 7, 11],
        "network": {"entry": "preprocessed", "stages": [{"cell": "cell"}], "search": {"channels": 4, "cells": 1}},
    }
    (picture,) = read_pictures(supernet_svg(own(document), "cell")).values()
    assert picture.problems() == []


def test_inputs_stand_above_each_other_and_the_others_on_a_line():
    layout = cell_layout(SPACES["darts"])
    boxes = {node.key: node.box for node in layout.nodes}
    first, second = boxes[0].centre, boxes[1].centre
    assert first.x == second.x
    assert first.y == -second.y < 0
    line = [boxes[key].centre for key in (2, 3, 4, 5, OUTPUT)]
    assert {centre.y for centre in line} == {0}
    assert line == sorted(line)
    assert first.x < line[0].x


@pytest.mark.parametrize(("name", "low", "high"), [("darts", 2.1, 2.5), ("nas-bench-201", 1.5, 2.0)])
def test_pictures_have_the_shape_of_their_place(name: str, low: float, high: float):
    frame = cell_layout(SPACES[name]).frame
    assert low < frame.width / frame.height < high
    assert frame.width < 520  # so that letters of 13 points are 9 pixels high on a phone


def test_a_note_makes_room_for_itself():
    space = SPACES["nas-bench-201"]
    widths = [min(route.chip.width for route in cell_layout(space, note).routes.values()) for note in ("", "| conv 3")]
    assert widths[0] + 15 < widths[1]


def tray_of(output: list[int]) -> list[tuple[float, float]]:
    document = {
        "schema": "freenas/search-space@1",
        "name": "joined",
        "inputs": ["in"],
        "nodes": 5,
        "operations": ["skip_connect"],
        "cells": {"cell": cell([(0, 1), (1, 2), (2, 3), (3, 4)])},
        "output": output,
        "network": {"entry": "preprocessed", "stages": [{"cell": "cell"}], "search": {"channels": 4, "cells": 1}},
    }
    layout = cell_layout(own(document))
    boxes = {node.key: node.box for node in layout.nodes}
    return [tuple(node for node in range(1, 5) if Box.holding([box, boxes[node]]) == box) for box in layout.tray]


@pytest.mark.parametrize(
    ("output", "behind"),
    [([1, 2, 3, 4], [(1, 2, 3, 4)]), ([1, 3, 4], [(1,), (3, 4), ()]), ([2, 4], [(2,), (4,), ()])],
)
def test_the_tray_holds_what_is_concatenated_and_nothing_else(output: list[int], behind: list[tuple[int, ...]]):
    assert tray_of(output) == behind
