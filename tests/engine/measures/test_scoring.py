"""The loop over the networks of a population: equal networks, progress, images."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch

from engine import SPACES, Genotype, SearchStopped
from engine.common.processes import computing_processes
from engine.common.threads import computing_threads
from engine.common.work import Work
from engine.data.images import Data
from engine.genotypes.population import Population
from engine.measures import MEASURES, MeasureSetting, az_nas, naswot
from engine.measures.scoring import prepare_networks, score_networks
from engine.spaces import Gene, SearchSpace, Size
from tests.engine.derived import encoded_genes
from tests.engine.strategies import THREEFOLD

every_space = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)


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


@pytest.mark.slow
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


def test_small_networks_look_at_few_small_images():
    nobody, data = Population.of("darts", []), Data("mine", np.zeros((40, 3, 32, 32), np.float32))
    for images_of in (None, data):
        setting = MeasureSetting(device="cpu", data=images_of, net_size="small")
        networks, images, _ = prepare_networks(nobody, setting, 64, "uniform")
        assert images.shape == (16, 3, 16, 16)
        assert (networks.candidate_cells[0].channels, len(networks.candidate_cells)) == (8, 8)
    assert len(prepare_networks(nobody, setting, 5, "uniform")[1]) == 5


def pixel_sums(population: Population, setting: MeasureSetting) -> np.ndarray:
    """The sum of the classes' scores of two images in a small network."""
    networks, images, _ = prepare_networks(population, setting, 2, "uniform", Size(4, 1))
    return score_networks(population, setting, lambda genes: [networks(images, genes).sum().item()], of=pixel_sums)


@pytest.fixture
def everything_is_worth_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.common.threads.cores", lambda: 4)
    monkeypatch.setattr("engine.common.processes.WORTH", 0.0)


@pytest.mark.slow
@pytest.mark.usefixtures("everything_is_worth_processes")
def test_two_processes_give_what_one_gives():
    population, reports = Population.sample("nas-bench-201", 40, 3), []
    with computing_threads(1):
        alone = pixel_sums(population, MeasureSetting(5, "cpu"))
        with computing_processes(2):
            together = pixel_sums(population, MeasureSetting(5, "cpu", work=Work(reports.append)))
    assert np.array_equal(alone, together)
    assert len(np.unique(alone)) > 30
    done = [report.done for report in reports]
    assert done == sorted(done)
    assert (done[-1], reports[-1].total) == (40, 40)


PASSES = ("naswot", "gradient-norm", "swap", "trainability")
"""A measure of every module that runs networks, whose numbers do not depend on the other architectures."""


@pytest.mark.slow
@pytest.mark.parametrize("name", PASSES)
@pytest.mark.usefixtures("everything_is_worth_processes")
def test_a_measure_of_networks_is_the_same_in_parts(name: str, monkeypatch: pytest.MonkeyPatch):
    """Each part travels as to another process, and is done here; one architecture fewer, so that none is remembered."""
    travelled = []

    def spread_here(function, items, work):
        for item in items:
            travelled.append(len(item.population))
            yield function(pickle.loads(pickle.dumps(item)), work.quiet())

    for measure in MEASURES.values():
        if measure.one_by_one:
            monkeypatch.setattr(f"{measure.of.__module__}.BATCH", 4)
    monkeypatch.setattr("engine.measures.scoring.spread", spread_here)
    images = np.random.default_rng(0).standard_normal((8, 3, 8, 8), dtype=np.float32)
    setting = MeasureSetting(1, "cpu", Data("mine", images, np.arange(8) % 2, 2))
    population = Population.sample("nas-bench-201", 13, 3).distinct()
    with computing_threads(1):
        whole = MEASURES[name].of(population, setting)
        assert travelled == []
        with computing_processes(2):
            parts = MEASURES[name].of(population.take(slice(1, None)), setting)
    assert sum(travelled) == len(population) - 1 - 9
    assert np.array_equal(whole[1:], parts)
