"""Operations pinned to edges and banned from them: their texts, the mask they make, and what searches do with them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import SPACES, SearchConfig, SearchResult, explain, search
from engine.searches.constraints import candidate_operations, live_operations, parse_edge_operation, pinned_edges
from engine.searches.pruning import EQUAL
from engine.spaces import SearchSpace, get_space
from tests.conftest import tiny
from tests.engine.reference import Place, Reference

NAMES = ["nas-bench-201", "darts"]
NB201, DARTS = get_space("nas-bench-201"), get_space("darts")
every_space = pytest.mark.parametrize("name", NAMES)


class Constraints(NamedTuple):
    """Pins and bans as texts, and the operations that they leave, `(cell types, edges, operations)`."""

    pinned: tuple[str, ...]
    banned: tuple[str, ...]
    live: np.ndarray


def text(described: SearchSpace, place: Place) -> str:
    """A place as the documentation writes it."""
    kind, edge, operation = place
    source, target = described.edges[edge]
    cell = f"{described.cell_types[kind]}:" if described.name == "darts" else ""
    return f"{cell}{source}-{target}:{described.operations[operation]}"


def shape_of(described: SearchSpace) -> Place:
    return len(described.cell_types), len(described.edges), len(described.operations)


def every_place(described: SearchSpace) -> list[Place]:
    return list(np.ndindex(shape_of(described)))


def paths(described: SearchSpace) -> list[tuple[int, ...]]:
    """Every way through a cell from an input to a node of its output, as edges."""

    def onward(node: int) -> Iterator[tuple[int, ...]]:
        if node in described.outputs:
            yield ()
        for index, edge in enumerate(described.edges):
            if edge.source == node:
                yield from ((index, *rest) for rest in onward(edge.target))

    return [path for node in range(described.inputs) for path in onward(node)]


def flowing(described: SearchSpace, live: np.ndarray) -> np.ndarray:
    """The live operations on a way through the cell on whose edges something other than `none` is live."""
    found = np.zeros_like(live)
    something = live.copy()
    something[..., described.operations.index("none")] = False
    for kind in range(len(live)):
        for path in paths(described):
            if all(something[kind, edge].any() for edge in path):
                found[kind, list(path)] = something[kind, list(path)]
    return found


def draw_constraints(described: SearchSpace, seed: int, rates: Sequence[float] = (0.0, 0.1, 0.5)) -> Constraints:
    """Some pins and bans, at one of these `rates`, that leave an operation on every edge and a way through cells."""
    rng = np.random.default_rng(seed)
    usable = np.isin(described.operations, described.genotype_operations)
    while True:
        pins, into = [], dict[tuple[int, int], int]()
        for kind, edge in np.argwhere(rng.random(shape_of(described)[:2]) < rng.choice([0.0, 0.1, 0.3])).tolist():
            node = kind, described.edges[edge].target
            into[node] = into.get(node, 0) + 1
            if described.kept_edges is None or into[node] <= described.kept_edges:
                pins.append((kind, edge, int(rng.choice(np.flatnonzero(usable)))))
        out = rng.random(shape_of(described)) < rng.choice(rates)
        for place in pins:
            out[place] = False
        live = ~out
        for kind, edge, operation in pins:
            live[kind, edge] = np.arange(len(usable)) == operation
        if (live & usable).any(axis=2).all() and flowing(described, live).any(axis=(1, 2)).all():
            bans = np.argwhere(out).tolist()
            return Constraints(*(tuple(text(described, place) for place in each) for each in (pins, bans)), live)


constraints = st.integers(0, 2**32 - 1)
"""A seed for `draw_constraints`."""


# Texts.


@pytest.mark.parametrize("name", SPACES)
def test_every_place_that_is_listed_can_be_read(name: str):
    described = get_space(name)
    listed = candidate_operations(described)
    assert [parse_edge_operation(each, described).text(described) for each in listed] == listed
    assert len(set(listed)) == len(listed) > 0


@every_space
def test_every_place_reads_as_it_is_written(name: str):
    described = get_space(name)
    assert candidate_operations(described) == [text(described, place) for place in every_place(described)]
    for place in every_place(described):
        found = parse_edge_operation(text(described, place), described)
        assert found.index_in(described) == place
        assert found.text(described) == text(described, place)


@given(st.data())
@every_space
def test_places_may_be_written_with_room_and_zeros(name: str, data: st.DataObject):
    described = get_space(name)
    kind, edge, operation = place = data.draw(st.sampled_from(every_place(described)))
    source, target = described.edges[edge]
    room, zeros = (data.draw(st.text(" \t\n", max_size=3)) for _ in range(2)), data.draw(st.integers(1, 3))
    cell = f"{described.cell_types[kind]}:" if name == "darts" or data.draw(st.booleans()) else ""
    edge_said = f"{source:0{zeros}}-{target:0{zeros}}"
    written = f"{cell}{edge_said}:{described.operations[operation]}".join(room)
    assert parse_edge_operation(written, described).index_in(described) == place


@given(st.data())
@every_space
def test_a_configuration_holds_each_place_once_in_the_order_of_the_tables(name: str, data: st.DataObject):
    pinned, banned, live = draw_constraints(get_space(name), data.draw(constraints))
    mixed = {"pinned": data.draw(st.permutations(pinned)), "banned": data.draw(st.permutations(banned))}
    again = banned[: 256 - len(banned)]  # so many are taken in all
    config = SearchConfig(space=name, pinned=[*mixed["pinned"], *pinned], banned=[*mixed["banned"], *again])
    assert (config.pinned, config.banned) == (pinned, banned)
    assert (config.live == live).all()
    assert SearchConfig(**config.to_dict()) == config
    assert hash(SearchConfig(**json.loads(json.dumps(config.to_dict())))) == hash(config)


@every_space
def test_without_constraints_everything_is_live(name: str):
    assert live_operations(get_space(name), (), ()).all()
    assert SearchConfig(space=name).live.shape == shape_of(get_space(name))
    assert pinned_edges(get_space(name), ()) == frozenset()


def test_pinned_edges_are_known_by_their_places():
    pins = ["reduce:4-5:max_pool_3x3", "normal:0-2:skip_connect", "normal:1-3:skip_connect"]
    assert pinned_edges(DARTS, pins) == {(0, 0), (0, 3), (1, 13)}


# What is wrong with them, in a sentence.

ALL = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
SENTENCES = [
    ("nas-bench-201", ["none"], [], "'none' names no operation on an edge; written like '0-1:avg_pool_3x3'"),
    ("darts", [], [""], "'' names no operation on an edge; written like 'normal:0-2:dil_conv_5x5'"),
    ("nas-bench-201", [], ["0–1:none"], "'0–1:none' names no operation on an edge; written like '0-1:avg_pool_3x3'"),
    ("nas-bench-201", [], ["0-1:none extra"], "names no operation on an edge"),
    ("nas-bench-201", [], ["0-1:none\x00"], r"'0-1:none\x00' names no operation on an edge"),
    ("nas-bench-201", [], ["x" * 10_000], "x…"),
    ("nas-bench-201", [], ["0-1000:none"], "'0-1000:none' names no operation on an edge"),
    ("nas-bench-201", ["1-0:none"], [], "'1-0:none': NAS-Bench-201 has no edge from node 1 to node 0"),
    ("darts", [], ["normal:0-1:none"], "'normal:0-1:none': DARTS has no edge from node 0 to node 1"),
    ("darts", ["0-2:skip_connect"], [], "'0-2:skip_connect': a cell type expected before the edge, one of normal, red"),
    ("nas-bench-201", ["normal:0-1:none"], [], "'normal:0-1:none': a cell type expected before the edge, one of cell"),
    ("darts", [], ["normal:0-2:conv"], "'normal:0-2:conv': unknown operation 'conv'; allowed: none, max_pool_3x3"),
    ("nas-bench-201", [], ["0-1:sep_conv_3x3"], "unknown operation 'sep_conv_3x3'; allowed: none, skip_connect"),
    ("nas-bench-201", ["0-1:none", "0-1:skip_connect"], [], "'0-1:skip_connect' is pinned, and banned or replaced by"),
    ("nas-bench-201", ["2-3:none"], ["2-3:none"], "'2-3:none' is pinned, and banned or replaced by another pin"),
    ("darts", ["normal:0-2:none"], [], "'none' cannot be pinned: no genotype of DARTS holds it"),
    (
        "darts",
        [f"reduce:{source}-4:skip_connect" for source in range(3)],
        [],
        "reduce, node 4: 3 edges are pinned; a genotype of DARTS keeps 2 at this node",
    ),
    ("nas-bench-201", [], [f"1-2:{each}" for each in ALL], "cell, edge 1→2: every operation is banned; leave at least"),
    (
        "darts",
        [],
        [f"reduce:0-3:{each}" for each in DARTS.operations if each != "none"],
        "reduce, edge cₖ₋₂→3: every operation is banned; leave at least one",
    ),
    ("mobilenet", ["x"], [], "'x' names no operation on a layer; written like '0-1:mbconv6_7x7'"),
    ("mobilenet", ["0-9:skip_connect"], [], "MobileNet (ProxylessNAS) has no layer from node 0 to node 9"),
    ("nas-bench-macro", ["cell:0-1:identity"], [], "a cell type expected before the layer, one of network"),
    (
        "mobilenet",
        ["0-1:skip_connect"],
        [],
        "'skip_connect' is no candidate on this layer of MobileNet (ProxylessNAS); allowed: mbconv3_3x3, mbconv6_3x3",
    ),
    (
        "nas-bench-macro",
        [],
        [f"2-3:{each}" for each in ("identity", "mb3_k3", "mb6_k5")],
        "layer 3: every operation is banned; leave at least one",
    ),
    (
        "nas-bench-1shot1-1",
        [],
        [f"1-2:{each}" for each in ("conv1x1_bn_relu", "conv3x3_bn_relu", "max_pool_3x3")],
        "cell, edge Σ1→1: every operation is banned; leave at least one",
    ),
    (
        "nas-bench-1shot1-1",
        [],
        ["2-3:max_pool_3x3"],
        "'max_pool_3x3' is no candidate on this edge of NAS-Bench-1Shot1 S1; allowed: skip_connect",
    ),
    (
        "nas-bench-1shot1-1",
        ["0-5:conv1x1_bn_relu", "2-5:skip_connect", "4-5:skip_connect"],
        [],
        "cell, node Σ3: 3 edges are pinned; a genotype of NAS-Bench-1Shot1 S1 keeps 2 at this node",
    ),
    (
        "nas-bench-201",
        ["0-1:none", "0-2:none", "0-3:none"],
        [],
        "cell: pins and bans leave no path from input to output",
    ),
    (
        "nas-bench-201",
        ["0-3:none", "2-3:none"],
        [f"1-3:{each}" for each in ALL[1:]],
        "cell: pins and bans leave no path from input to output",
    ),
]


@pytest.mark.parametrize(("name", "pinned", "banned", "sentence"), SENTENCES)
def test_what_cannot_be_is_said_in_a_sentence(name: str, pinned: list[str], banned: list[str], sentence: str):
    for recipe in ("synaptic", "released"):
        with pytest.raises(ValueError) as caught:  # noqa: PT011
            SearchConfig(space=name, pinned=pinned, banned=banned, recipe=recipe)
        found = explain(caught.value)
        assert sentence in found
        assert "edge layer" not in found
        assert found.isprintable()
        assert len(found) <= 300


def test_as_many_edges_as_a_node_keeps_can_be_pinned():
    pins = [f"{kind}:{source}-4:skip_connect" for kind in ("normal", "reduce") for source in (1, 3)]
    assert SearchConfig(space="darts", pinned=pins).pinned == tuple(pins)
    every = [f"{source}-{target}:nor_conv_1x1" for source, target in NB201.edges]
    assert SearchConfig(pinned=every).live.sum() == 6


# What flows.


# What a search makes of them.


def prune(reference: Reference, live: np.ndarray) -> list[Place]:
    """Iterative pruning from `live` on with a pass for every removal: of equals the first in the order of places."""
    live, removals = live.copy(), list[Place]()
    while live.sum() > live[..., 0].size:
        shares = reference.shares(live)
        order = [(k, e, o) for k, e, o in np.ndindex(*live.shape) if live[k, e, o] and live[k, e].sum() > 1]
        lowest = min(shares[place] for place in order)
        removals.append(next(place for place in order if shares[place] <= lowest * (1 + EQUAL)))
        live[removals[-1]] = False
    return removals


def removals(result: SearchResult) -> list[Place]:
    described = result.space
    return [
        (described.cell_types.index(step.cell), step.edge, described.operations.index(step.operation))
        for step in result.steps
    ]


def check_genes(result: SearchResult, live: np.ndarray, pinned: tuple[str, ...]) -> None:
    """The genotype has what is `live`: on pinned edges, and for the rest on the best ones into every node."""
    described = result.space
    shares = np.stack([result.passes[-1].shares[kind] for kind in described.cell_types])
    left = {(kind, edge): (kind, edge, operation) for kind, edge, operation in np.argwhere(live).tolist()}
    for kind, (_, genes) in enumerate(result.genotype.genes):
        kept = {described.edges.index(gene[:2]): gene.operation for gene in genes}
        for edge, name in kept.items():
            assert left[kind, edge][2] == described.operations.index(name)
        musts = [edge for edge in range(len(described.edges)) if text(described, left[kind, edge]) in pinned]
        assert set(musts) <= set(kept)
        for edge in kept.keys() - set(musts):
            target = described.edges[edge].target
            beaten = [e for e, (_, node) in enumerate(described.edges) if node == target and e not in kept]
            worst = shares[left[kind, edge]] * (1 + EQUAL)
            assert all(shares[left[kind, other]] <= worst for other in beaten)


@pytest.mark.parametrize(
    ("name", "seed", "parts"),
    [
        *[("nas-bench-201", seed, {"seed": seed}) for seed in range(4)],
        ("nas-bench-201", 4, {"field": "interior", "cells": 2}),
        ("nas-bench-201", 5, {"alpha": "noise"}),
        ("nas-bench-201", 6, {"normalisation": "batch", "alpha": "noise", "dtype": "float64"}),
        ("darts", 7, {}),
    ],
)
def test_iterative_pruning_begins_with_what_is_live(name: str, seed: int, parts: dict[str, object]):
    described = get_space(name)
    pinned, banned, live = draw_constraints(described, seed, rates=[0.3] if name == "nas-bench-201" else [0.8])
    config = tiny(name, pinned=pinned, banned=banned, **parts)
    result = search(config)
    sizes = {"channels": config.channels, "cells": config.cells, "image_size": config.image_size, "seed": config.seed}
    recipe = {"normalisation": config.normalisation, "alpha": config.alpha, "wrap": config.field == "interior"}
    assert removals(result) == prune(Reference(name, **sizes, **recipe), live)
    for place in removals(result):
        live[place] = False
    check_genes(result, live, pinned)


@given(seed=constraints, parts=st.sampled_from([{}, {"normalisation": "batch", "alpha": "noise"}]))
@settings(max_examples=10)
@every_space
def test_one_shot_keeps_the_best_of_what_is_live(name: str, seed: int, parts: dict[str, object]):
    described = get_space(name)
    pinned, banned, live = draw_constraints(described, seed)
    result = search(tiny(name, pinned=pinned, banned=banned, method="one-shot", seed=seed % 5, **parts))
    shares = np.stack([result.shares[kind] for kind in described.cell_types])
    assert (shares[~live] == 0).all()
    silent = live & ~flowing(described, live)
    for kind, edge in np.ndindex(live.shape[:2]):
        column = described.operations.index(result.chosen(described.cell_types[kind])[edge])
        assert live[kind, edge, column]
        if not silent[kind, edge].all():
            assert shares[kind, edge, column] >= shares[kind, edge].max() * (1 - EQUAL)
    chosen = np.stack([result.live(kind, len(result.steps)) for kind in described.cell_types])
    check_genes(result, chosen, pinned)


@given(constraints)
@settings(max_examples=8)
@every_space
def test_pins_stand_in_the_genotype_and_bans_do_not(name: str, seed: int):
    pinned, banned, live = draw_constraints(get_space(name), seed)
    result = search(tiny(name, pinned=pinned, banned=banned, field="interior", per_round=16))
    found = {
        text(
            get_space(name),
            (kind, get_space(name).edges.index(gene[:2]), get_space(name).operations.index(gene.operation)),
        )
        for kind, cell in enumerate(result.genotype.genes)
        for gene in cell[1]
    }
    assert set(pinned) <= found
    assert not set(banned) & found
    for kind, before in zip(result.space.cell_types, live, strict=True):
        for count in (0, 1, len(result.steps) // 2, len(result.steps)):
            after = before.copy()
            for step in [step for step in result.steps[:count] if step.cell == kind]:
                assert after[step.edge, result.space.operations.index(step.operation)]
                after[step.edge, result.space.operations.index(step.operation)] = False
            assert (result.live(kind, count) == after).all()
        assert (after.sum(axis=1) == 1).all()
    again = SearchResult.from_json(result.to_json())
    assert (again.config, again.genotype, again.steps) == (result.config, result.genotype, result.steps)
    assert again.to_json() == result.to_json()


def test_a_pinned_edge_is_kept_although_it_is_the_weakest():
    """Into node 5 of DARTS, the edges from the inputs lose against those from inner nodes."""
    free = search(tiny("darts", field="interior", per_round=16))
    assert not {0, 1} & {gene.source for gene in free.genotype.cells["normal"] if gene.target == 5}
    pins = ("normal:0-5:max_pool_3x3", "normal:1-5:skip_connect")
    result = search(tiny("darts", field="interior", per_round=16, pinned=pins))
    assert [gene for gene in result.genotype.cells["normal"] if gene.target == 5] == [
        (0, 5, "max_pool_3x3"),
        (1, 5, "skip_connect"),
    ]


@every_space
def test_a_search_that_begins_with_what_another_has_left_goes_on_as_that(name: str):
    """Banned is what the first passes removed."""
    whole = search(tiny(name, field="interior"))
    passes = len(whole.passes) // 2
    gone = [index for index, step in enumerate(whole.steps) if step.at_pass < passes]
    banned = [text(whole.space, place) for place in removals(whole)[: len(gone)]]
    rest = search(tiny(name, field="interior", banned=banned))
    assert removals(rest) == removals(whole)[len(gone) :]
    assert [step.at_pass + passes for step in rest.steps] == [step.at_pass for step in whole.steps[len(gone) :]]
    assert rest.genotype == whole.genotype
    for kind in whole.space.cell_types:
        np.testing.assert_allclose(rest.shares[kind], whole.passes[passes].shares[kind], rtol=1e-4, atol=1e-7)


def test_with_every_edge_pinned_there_is_nothing_to_search():
    operations = ["none", "skip_connect", "none", "nor_conv_1x1", "avg_pool_3x3", "nor_conv_3x3"]
    pins = [f"{s}-{t}:{operation}" for (s, t), operation in zip(NB201.edges, operations, strict=True)]
    for parts in ({}, {"recipe": "released"}, {"max_params": 10**6}):
        result = search(tiny("nas-bench-201", pinned=pins, **parts))
        assert [gene.operation for gene in result.genotype.cells["cell"]] == operations
        assert (len(result.passes), result.steps) == (1, ())
