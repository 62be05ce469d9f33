"""The loop over the networks of a population: edges that take no part, equal networks, progress, images."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import SPACES, Genotype, SearchStopped
from engine.common.work import Work
from engine.data.images import Data
from engine.genotypes.population import ABSENT, Population
from engine.measures import MeasureSetting, az_nas, naswot
from engine.measures.scoring import effective_operations, prepare_networks, score_networks
from engine.operations.registry import get_operation
from engine.spaces import Gene, SearchSpace, Size
from tests.engine.derived import encoded_genes
from tests.engine.strategies import PARALLEL, THREEFOLD, genotypes

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


def test_an_operation_beside_none_is_the_network_without_none():
    names = [("sep_conv_3x3", "none"), ("none", "sep_conv_3x3"), ("sep_conv_3x3", "sep_conv_3x3")]
    edge = THREEFOLD.edges[0]
    rest = Population.sample(THREEFOLD, 1, seed=0).genotype(0).cells
    drawn = [
        Genotype.of(
            THREEFOLD,
            {
                kind: [Gene(*edge, one), Gene(*edge, two), *(g for g in genes if g.target > 2)]
                for kind, genes in rest.items()
            },
        )
        for one, two in names
    ]
    seen = []
    score_networks(Population.of(THREEFOLD, drawn), MeasureSetting(), lambda genes: seen.append(genes) or [0.0])
    assert len(seen) == 2
    separable = THREEFOLD.operations.index("sep_conv_3x3")
    first = {tuple(gene for gene in genes["normal"] if gene[0] % len(THREEFOLD.edges) == 0) for genes in seen}
    assert first == {((0, separable),), ((0, separable), (len(THREEFOLD.edges), separable))}


@every_space
def test_architectures_that_are_the_same_network_are_taken_once(space: SearchSpace):
    population = Population.sample(space.name, 20, seed=2)
    twice = population.take(np.r_[np.arange(20), np.arange(20)[::-1]])
    calls, reports = [], []

    def score(genes):
        calls.append(genes)
        return [hash(str(genes)) % 1000, 1.0]

    found = score_networks(twice, MeasureSetting(work=Work(reports.append)), score, numbers=2)
    assert found.shape == (40, 2)
    np.testing.assert_array_equal(found[:20], found[:19:-1])
    assert len(calls) == len({str(genes) for genes in calls}) <= 20
    done = [report.done for report in reports]
    assert done == sorted(set(done))
    assert reports[-1].done == reports[-1].total == 40
    for row in range(20):
        assert found[row, 0] == hash(str(encoded_genes(population.genotype(row)))) % 1000


def test_of_no_architectures_there_are_no_scores():
    nobody = Population.sample("nas-bench-201", 1, seed=0).take(slice(0, 0))
    assert score_networks(nobody, MeasureSetting(), lambda genes: [0.0, 0.0], numbers=2).shape == (0, 2)
    assert [len(measure.of(nobody, MeasureSetting(device="cpu"))) for measure in (az_nas.AZ_NAS, naswot.MEASURE)] == [
        0,
        0,
    ]


def test_stop_is_asked_before_every_network():
    asked = iter([False, False, True])
    calls = []
    population = Population.sample("darts", 9, seed=0)
    with pytest.raises(SearchStopped):
        score_networks(
            population,
            MeasureSetting(work=Work(should_stop=lambda: next(asked))),
            lambda genes: calls.append(genes) or [0.0],
        )
    assert len(calls) == 2


def test_a_seed_means_the_same_weights_and_images():
    nobody, size = Population.of("nas-bench-201", []), Size(4, 1)
    first, same, other = (
        prepare_networks(nobody, MeasureSetting(seed=seed, device="cpu"), 4, "uniform", size) for seed in (3, 3, 4)
    )
    for one, two, three in zip(first[0].parameters(), same[0].parameters(), other[0].parameters(), strict=True):
        assert torch.equal(one, two)
        assert one.dim() == 1 or not torch.equal(one, three)
    assert torch.equal(first[1], same[1])
    assert not torch.equal(first[1], other[1])


def test_the_users_images_and_labels_are_taken():
    data = Data("mine", np.zeros((6, 3, 8, 8), np.float32), np.arange(6), 6)
    networks, images, labels = prepare_networks(
        Population.of("nas-bench-201", []), MeasureSetting(device="cpu", data=data), 4, "uniform"
    )
    assert images.shape == (4, 3, 8, 8)
    assert set(labels.tolist()) < set(range(6))
    assert networks.classifier.out_features == 6
