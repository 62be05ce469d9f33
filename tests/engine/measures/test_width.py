"""Effective width against numbers on paper and its definition, written as a recursion over built modules."""

from __future__ import annotations

import math
from functools import cache

import networkx as nx
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from engine import SPACES, Genotype, parse_genotype
from engine.genotypes.population import ABSENT, Population
from engine.measures import MeasureSetting
from engine.measures.live import effective_operations
from engine.measures.width import MEASURE, width
from engine.networks.derived import edge, sequence
from engine.operations.registry import get_operation
from engine.spaces import Gene, SearchSpace, Size
from tests.engine.strategies import THREEFOLD, genotypes

CELLS = {space.name: space for space in (*SPACES.values(), THREEFOLD) if not space.layered}


def nas_bench_201(*texts: str) -> np.ndarray:
    return width(Population.of("nas-bench-201", [parse_genotype(text) for text in texts]), MeasureSetting())


def module_capacity(module: nn.Module, channels: int) -> float:
    blocks = [0]
    for leaf in module.modules():
        if isinstance(leaf, nn.Conv2d):
            blocks[-1] += leaf.weight.numel()
        if isinstance(leaf, nn.BatchNorm2d):
            blocks.append(0)
    return sum(math.sqrt(weights / channels**2) for weights in blocks)


def defined_width(genotype: Genotype) -> float:
    """The definition, cell by cell."""
    space = genotype.space
    cells = space.plan(Size(space.evaluation_size.channels, space.search_size.cells)).cells
    with torch.device("meta"):
        before = sum(
            module_capacity(sequence(layers, c_in, cells[-1].input_channels), cells[-1].channels)
            for c_in, layers in cells[-1].inputs
        )
        numbers = [cell_numbers(space, cell, genotype.cells[cell.kind]) for cell in cells]
    capacity, depth = np.mean(numbers, axis=0)
    return -math.inf if math.isinf(depth) else (before + capacity) / (1 + depth)


def cell_numbers(space: SearchSpace, cell, genes: list[Gene]) -> tuple[float, float]:
    """A and D of one cell."""
    passing = [gene for gene in genes if not get_operation(gene.operation).zero]
    graph = nx.DiGraph([gene[:2] for gene in passing])
    graph.add_nodes_from(range(space.nodes))
    fed = set().union(*({node} | nx.descendants(graph, node) for node in range(space.inputs)))
    used = set().union(*({node} | nx.ancestors(graph, node) for node in space.outputs))
    live = [gene for gene in passing if gene.source in fed and gene.target in used]
    modules = {}
    for gene in set(live):
        shape = cell.edge_shape(gene.source)
        modules[gene] = edge(get_operation(gene.operation).at(shape.stride, shape.c_in == shape.c_out), shape)

    @cache
    def flow(node: int) -> float:
        if node < space.inputs:
            return 1.0
        incoming = [gene for gene in live if gene.target == node]
        terms = [flow(gene.source) * (1 / math.e if len(modules[gene]) else 1) for gene in incoming]
        return sum(terms) / len(terms)

    outputs = [node for node in space.outputs if any(gene.target == node for gene in live)]
    depth = np.mean([-math.log(flow(node)) for node in outputs]) if outputs else math.inf
    return sum(module_capacity(modules[gene], cell.channels) for gene in live), depth


@pytest.mark.slow
@pytest.mark.parametrize("space", CELLS.values(), ids=CELLS)
@settings(max_examples=6)
@given(data=st.data())
def test_the_width_is_the_definition(space: SearchSpace, data: st.DataObject):
    derivable = space is not THREEFOLD
    drawn = data.draw(st.lists(genotypes(space, derivable), min_size=1, max_size=3))
    found = width(Population.of(space, drawn), MeasureSetting())
    np.testing.assert_allclose(found, [defined_width(genotype) for genotype in drawn], rtol=1e-12)


def test_widths_on_paper():
    conv, pool = "nor_conv_3x3", "avg_pool_3x3"
    found = nas_bench_201(
        f"|none~0|+|none~0|none~1|+|{conv}~0|none~1|none~2|",
        f"|{conv}~0|+|none~0|skip_connect~1|+|{conv}~0|{pool}~1|none~2|",
        "|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|",
        f"|{conv}~0|+|{conv}~0|{conv}~1|+|none~0|none~1|none~2|",
    )
    depth = -math.log((1 / math.e + 1 / math.e**2) / 2)  # the edge into node 2 leads nowhere
    np.testing.assert_allclose(found, [3 / 2, 6 / (1 + depth), 0, -np.inf], rtol=1e-12)


@given(data=st.data())
def test_edges_that_take_no_part_do_not_matter(data: st.DataObject):
    space = SPACES["nas-bench-201"]
    drawn = Population.of(space, data.draw(st.lists(genotypes(space), min_size=1, max_size=5)))
    live = effective_operations(drawn)
    noise = np.array(data.draw(st.lists(st.integers(0, 4), min_size=live.size, max_size=live.size)))
    other = np.where(live == ABSENT, noise.reshape(live.shape), live).astype(np.int8)
    still_dead = effective_operations(Population(space, other)) == live
    same = still_dead.all((0, 2))
    found = [MEASURE.scores(Population(space, table), MeasureSetting()) for table in (drawn.operations, live, other)]
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0][same], found[2][same])


def test_no_seed_and_no_company_changes_a_width():
    population = Population.sample("darts", 40, seed=0)
    found = width(population, MeasureSetting(seed=0))
    np.testing.assert_array_equal(found, width(population, MeasureSetting(seed=1)))
    np.testing.assert_allclose(found[5:6], width(population.take(slice(5, 6)), MeasureSetting()), rtol=1e-12)


@pytest.mark.parametrize("space", ["nas-bench-macro", "mobilenet"])
def test_chains_of_layers_have_no_width(space: str):
    assert not MEASURE.fits(SPACES[space])
    with pytest.raises(ValueError, match=r"Effective width is a measure of cells, and the networks of .* are chains"):
        width(Population.sample(space, 2, seed=0), MeasureSetting())
