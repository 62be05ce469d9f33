"""All networks of a space in one module, against the derived networks that are built one by one."""

from __future__ import annotations

from functools import cache

import networkx as nx
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from engine import SPACES, Genotype, SearchStopped, parse_genotype
from engine.common.work import Work
from engine.data.images import Data
from engine.genotypes.population import ABSENT, Population
from engine.measures import MeasureSetting, az_nas, naswot
from engine.measures.scoring import effective_operations, score_networks, prepare_networks
from engine.measures.memoise import memoise_last
from engine.networks.shared import SharedNetworks
from engine.operations.registry import get_operation
from engine.spaces import SearchSpace, Size
from tests.engine.derived import derived
from tests.engine.strategies import genotypes

DEAD = "|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|nor_conv_1x1~2|"
"""A cell with an edge that leads nowhere and one that nothing comes to."""
SMALL = {name: Size(4, described.cells_range.low) for name, described in SPACES.items()}
every_space = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)


def genes_of(genotype: Genotype) -> dict[str, list[tuple[int, int]]]:
    """All genes of a genotype, dead or not, `none` left out."""
    described = genotype.space
    return {
        kind: [
            (described.edges.index((source, target)), described.operations.index(name))
            for source, target, name in genes
            if name != "none"
        ]
        for kind, genes in genotype.genes
    }


def live_genes(genotype: Genotype) -> list[dict]:
    """What `of_each` hands out for one genotype."""
    found = []
    score_networks(
        Population.of(genotype.space_name, [genotype]), MeasureSetting(), lambda genes: found.append(genes) or [0.0]
    )
    return found


@cache
def small(space: str) -> SharedNetworks:
    """The networks of a space at their smallest, seven classes."""
    return SharedNetworks(SPACES[space], SMALL[space], 7, seed=5, scheme="kaiming")


@every_space
@settings(max_examples=6)
@given(data=st.data())
def test_the_network_of_some_genes_is_the_one_that_is_built(space: SearchSpace, data: st.DataObject):
    genotype = data.draw(genotypes(space))
    size = 16 if space.name != "mobilenet" else 64  # norms of a few numbers would blow up their rounding
    images = torch.randn(3, 3, size, size, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        found = small(space.name)(images, live_genes(genotype)[0])
        expected = derived(small(space.name), genotype, SMALL[space.name], 7)(images)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def brute_force_live(genotype: Genotype) -> set[tuple[str, int, int]]:
    """The edges on a path from an input node to an output node, by listing all paths."""
    space, found = genotype.space, set()
    for kind, genes in genotype.genes:
        graph = nx.DiGraph([(source, target) for source, target, name in genes if not get_operation(name).zero])
        graph.add_nodes_from(range(space.nodes))
        for source in range(space.inputs):
            for output in space.outputs:
                for path in nx.all_simple_edge_paths(graph, source, output):
                    found |= {(kind, *edge) for edge in path}
    return found


@every_space
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


def test_dead_edges_change_nothing_and_cost_nothing():
    genotype = parse_genotype(DEAD)
    (genes,) = live_genes(genotype)
    skip = genotype.space.operations.index("skip_connect")
    assert genes == {"cell": [(genotype.space.edges.index((0, 3)), skip)]}
    networks = SharedNetworks(genotype.space, Size(4, 1), 10, seed=0, scheme="uniform")
    images = torch.ones(2, 3, 8, 8) * torch.arange(2)[:, None, None, None]
    everything = genes_of(genotype) | {}
    everything["cell"] = [gene for gene in everything["cell"] if gene[0] != 5]  # nothing comes to node 2
    assert torch.equal(networks(images, genes), networks(images, everything))


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
        assert found[row, 0] == hash(str(live_genes(population.genotype(row))[0])) % 1000


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


@pytest.mark.parametrize(
    ("scheme", "spread"), [("uniform", (1 / 3) ** 0.5 / 24), ("kaiming", 2**0.5 / 24), ("normal", 1)]
)
def test_weights_are_drawn_as_the_scheme_says(scheme: str, spread: float):
    space = SPACES["nas-bench-201"]
    networks = SharedNetworks(space, Size(16, 1), 10, seed=0, scheme=scheme)
    weight = (
        networks.candidate_cells[2].edges[0][space.operations.index("nor_conv_3x3")][1].weight.detach()
    )  # 64 channels, 576 = 24²
    assert float(weight.mean()) == pytest.approx(0, abs=5 * spread / weight.numel() ** 0.5)
    assert float(weight.std()) == pytest.approx(spread, rel=0.02)
    assert (float(weight.abs().max()) < 1 / 24) == (scheme == "uniform")
    assert bool((networks.classifier.bias == 0).all()) == (scheme != "uniform")
    norms = [module for module in networks.modules() if isinstance(module, nn.BatchNorm2d)]
    assert all((norm.weight == 1).all() and (norm.bias == 0).all() for norm in norms)


def test_a_seed_means_the_same_weights_and_images():
    space, size = SPACES["nas-bench-201"], Size(4, 1)
    first, same, other = (
        prepare_networks(space, MeasureSetting(seed=seed, device="cpu"), 4, "uniform", size) for seed in (3, 3, 4)
    )
    for one, two, three in zip(first[0].parameters(), same[0].parameters(), other[0].parameters(), strict=True):
        assert torch.equal(one, two)
        assert one.dim() == 1 or not torch.equal(one, three)
    assert torch.equal(first[1], same[1])
    assert not torch.equal(first[1], other[1])


def test_no_global_generator_is_touched():
    before, before_numpy = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    networks, images, _ = prepare_networks(
        SPACES["nas-bench-201"], MeasureSetting(device="cpu"), 2, "uniform", Size(4, 1)
    )
    networks(images, live_genes(parse_genotype(DEAD))[0])
    assert torch.equal(before, torch.get_rng_state())
    np.testing.assert_array_equal(before_numpy, np.random.get_state()[1])  # noqa: NPY002


def test_norms_take_the_statistics_of_the_batch_and_keep_none():
    networks, images, _ = prepare_networks(
        SPACES["nas-bench-201"], MeasureSetting(device="cpu"), 5, "normal", Size(4, 1)
    )
    behind = networks.stem(3 * images + 7)
    torch.testing.assert_close(behind.mean((0, 2, 3)), torch.zeros(4), atol=1e-5, rtol=0)
    torch.testing.assert_close(behind.var((0, 2, 3), correction=0), torch.ones(4), atol=1e-3, rtol=0)
    assert not list(networks.buffers())


def test_the_users_images_and_labels_are_taken():
    data = Data("mine", np.zeros((6, 3, 8, 8), np.float32), np.arange(6), 6)
    networks, images, labels = prepare_networks(
        SPACES["nas-bench-201"], MeasureSetting(device="cpu", data=data), 4, "uniform"
    )
    assert images.shape == (4, 3, 8, 8)
    assert set(labels.tolist()) < set(range(6))
    assert networks.classifier.out_features == 6


def test_a_pass_is_not_repeated_for_the_same_question():
    taken = []
    data = Data("mine", np.zeros((6, 3, 8, 8), np.float32))

    @memoise_last
    def take(population, setting):
        taken.append(setting)
        return np.arange(float(len(population)))

    population, reports = Population.sample("darts", 3, seed=0), []
    first = take(population, MeasureSetting())
    assert take(population.take(slice(0, 3)), MeasureSetting(work=Work(reports.append))) is first
    assert [(report.done, report.total) for report in reports] == [(3, 3)]
    for other in (
        MeasureSetting(seed=1),
        MeasureSetting(device="cpu"),
        MeasureSetting(data=data),
        MeasureSetting(data=Data("mine", data.images)),
    ):
        take(population, other)
    take(population.take(slice(0, 2)), MeasureSetting())
    assert len(taken) == 6
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 1
