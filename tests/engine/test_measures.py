"""The registry of measures: every one by its name, joined ones by a plus, the others refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine import MEASURES, SPACES, Genotype
from engine.data.images import gaussian
from engine.genotypes.population import Population
from engine.measures import MeasureSetting, get_measure
from engine.measures.joined import log_rank_sum
from engine.spaces import Gene, Size


def test_measures_are_registered_by_their_names():
    assert all(name == measure.name for name, measure in MEASURES.items())
    assert all(get_measure(name) is measure for name, measure in MEASURES.items())
    assert {"flow", "params", "macs", "latency"} <= MEASURES.keys()


def test_every_measure_says_what_it_is():
    for measure in MEASURES.values():
        assert measure.title
        assert measure.summary
        assert measure.source
        assert "+" not in measure.name
        assert measure.needs_data or not measure.needs_labels


def altered(genes: tuple[Gene, ...], *into_node_2: tuple[int, str]) -> list[Gene]:
    """A cell with other edges into its first inner node."""
    return [*(Gene(source, 2, name) for source, name in into_node_2), *(gene for gene in genes if gene.target > 2)]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(MEASURES.keys() - {"latency"}))  # which times this machine
def test_every_measure_takes_none_and_parallel_operations(name: str):
    space = replace(SPACES["darts"], name="darts-smallest", search_size=Size(4, 3), evaluation_size=Size(4, 3))
    cells = Population.sample(space, 1, seed=0).genotype(0).cells
    ways = [
        ((0, "sep_conv_3x3"), (1, "none")),
        ((0, "sep_conv_3x3"), (0, "none")),
        ((0, "sep_conv_3x3"), (0, "dil_conv_3x3")),
        ((0, "dil_conv_3x3"), (0, "sep_conv_3x3")),
        ((0, "sep_conv_3x3"), (0, "sep_conv_3x3")),
    ]
    drawn = [Genotype.of(space, {kind: altered(genes, *way) for kind, genes in cells.items()}) for way in ways]
    noise = gaussian(0, 8, 8)
    data = replace(noise, labels=np.arange(8) % noise.classes)
    population = Population.of(space, drawn)
    scores = MEASURES[name].scores(population, MeasureSetting(device="cpu", data=data))
    assert not np.isnan(scores).any()
    assert scores[0] == scores[1], "none passes nothing, wherever it comes from"
    assert scores[2] == scores[3], "the order of parallel operations does not matter"
    alone = MEASURES[name].scores(population.take(np.array([0])), MeasureSetting(device="cpu", data=data))
    if name != "az-nas":  # which ranks
        assert scores[0] == pytest.approx(alone[0], rel=MEASURES[name].rounding.relative + 1e-6)
    if name in {"flow", "params", "macs"}:  # others may tie
        assert len({*scores[[0, 2, 4]]}) == 3


def test_a_plus_joins_measures():
    population = Population.sample("nas-bench-201", 6, seed=1)
    joined = get_measure("params+macs")
    scores = [MEASURES[name].of(population, MeasureSetting()) for name in ("params", "macs")]
    np.testing.assert_allclose(joined.of(population, MeasureSetting()), log_rank_sum(scores))
    assert joined.name == "params+macs"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("fortune", "unknown measure 'fortune'; allowed: flow, params"),
        ("flow+fortune", "unknown measure 'fortune'"),
        ("", "unknown measure ''"),
        ("flow+", "unknown measure ''"),
        ("flow+flow", "two or more different measures can be joined"),
    ],
)
def test_other_names_are_refused(name: str, message: str):
    with pytest.raises(ValueError, match=message):
        get_measure(name)
