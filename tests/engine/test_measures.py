"""The registry of measures: every one by its name, joined ones by a plus, the others refused."""

from __future__ import annotations

import numpy as np
import pytest

from engine import MEASURES
from engine.genotypes.population import Population
from engine.measures import MeasureSetting, get_measure
from engine.measures.joined import log_rank_sum


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
