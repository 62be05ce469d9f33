"""Live edges against paths that are listed by brute force."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import SPACES, Genotype
from engine.genotypes.population import ABSENT, Population
from engine.measures.live import effective_operations
from engine.operations.registry import get_operation
from engine.spaces import SearchSpace
from tests.engine.strategies import PARALLEL, genotypes

every_space = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)


def brute_force_live(genotype: Genotype) -> set[tuple[str, int, int]]:
    """The edges on a path from an input node to an output node, by listing all paths."""
    space, found = genotype.space, set()
    for kind, genes in genotype.genes:
        graph = nx.DiGraph({(source, target) for source, target, name in genes if not get_operation(name).zero})
        graph.add_nodes_from(range(space.nodes))
        for source in range(space.inputs):
            for output in space.outputs:
                for path in nx.all_simple_edge_paths(graph, source, output):
                    found |= {(kind, *edge) for edge in path}
    return found


@every_space
@settings(max_examples=8)
@given(data=st.data())
def test_an_edge_is_live_if_a_path_goes_through_it(space: SearchSpace, data: st.DataObject):
    drawn = data.draw(st.lists(genotypes(space), min_size=1, max_size=4))
    population = Population.of(space.name, drawn)
    table = effective_operations(population)
    for row, genotype in enumerate(drawn):
        found = {
            (kind, *space.edges[edge])
            for kind, operations in zip(space.cell_types, table[:, row], strict=True)
            for edge in np.flatnonzero(operations != ABSENT)
        }
        assert found == brute_force_live(genotype)
    kept = table != ABSENT
    np.testing.assert_array_equal(table[kept], population.operations[kept])


@pytest.mark.parametrize("space", PARALLEL.values(), ids=PARALLEL)
@settings(max_examples=8)
@given(data=st.data())
def test_of_parallel_operations_those_are_live_that_pass_something(space: SearchSpace, data: st.DataObject):
    drawn = data.draw(st.lists(genotypes(space, derivable=False), min_size=1, max_size=4))
    found = effective_operations(Population.of(space, drawn))
    alone = [effective_operations(Population.of(space, [genotype])) for genotype in drawn]
    for row, genotype in enumerate(drawn):
        live = brute_force_live(genotype)
        expected = {
            kind: sorted(
                (*gene[:2], gene.operation) for gene in genes if (kind, *gene[:2]) in live and gene.operation != "none"
            )
            for kind, genes in genotype.genes
        }
        for table in (found[:, row], alone[row][:, 0]):
            decoded = {
                kind: sorted(
                    (*space.edges[place % len(space.edges)], space.operations[operation])
                    for place, operation in enumerate(operations.tolist())
                    if operation != ABSENT
                )
                for kind, operations in zip(space.cell_types, table, strict=True)
            }
            assert decoded == expected
