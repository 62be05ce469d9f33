"""The description of a measure, and the setting that it is taken with."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from engine import SPACES, SearchStopped
from engine.common import work as work_module
from engine.common.work import Progress, Work
from engine.genotypes.population import Population
from engine.measures import MEASURES, Measure, MeasureSetting
from engine.measures.base import plan_of, small_size
from engine.spaces import Size


def count_cells(population: Population, setting: MeasureSetting) -> np.ndarray:
    setting.work.begin(len(population))
    scores = np.empty(len(population))
    for row in range(len(population)):
        setting.work.check()
        scores[row] = row + setting.seed
        setting.work.step()
    return scores


ROWS = Measure("rows", "Rows", "", "places of the architectures", "made up", count_cells)


def test_a_setting_is_by_default_seed_0_noise_and_work_of_its_own():
    first, second = MeasureSetting(), MeasureSetting()
    assert (first.seed, first.device, first.data, first.net_size) == (0, "auto", None, "full")
    assert first.work is not second.work
    with pytest.raises(dataclasses.FrozenInstanceError):
        first.seed = 1


def test_a_measure_of_ones_own_scores_reports_and_stops():
    population, reports = Population.sample("darts", 3, seed=0), list[Progress]()
    scores = ROWS.of(population, MeasureSetting(seed=5, work=Work(reports.append)))
    assert scores.tolist() == [5, 6, 7]
    assert [(report.done, report.total) for report in reports][-1] == (3, 3)
    with pytest.raises(SearchStopped):
        ROWS.of(population, MeasureSetting(work=Work(should_stop=lambda: True)))


def test_a_trial_tells_the_seconds_of_an_architecture(monkeypatch: pytest.MonkeyPatch):
    """What comes before the first network, and that one, count for nothing."""
    now = 0.0
    monkeypatch.setattr(work_module.time, "perf_counter", lambda: now)

    def slow(population: Population, setting: MeasureSetting) -> np.ndarray:
        nonlocal now
        now += 50
        setting.work.begin(len(population))
        for row in range(len(population)):
            now += 20 if row == 0 else 3
            setting.work.step()
        return np.zeros(len(population))

    measure = dataclasses.replace(ROWS, of=slow, one_by_one=True)
    population, reports = Population.sample("darts", 300, seed=0), list[Progress]()
    setting = MeasureSetting(work=Work(reports.append))
    assert measure.pace(population, setting) == 3
    assert not reports
    assert measure.pace(population.take(slice(0, 20)), setting) is None
    assert dataclasses.replace(measure, one_by_one=False).pace(population, setting) is None
    assert plan_of([measure, ROWS], population, setting, 100.0) == [("rows", 100.0, 9.0), ("rows", 100.0, None)]
    assert plan_of([measure], population.take(slice(0, 0)), setting, 0.0) == [("rows", 0.0, None)]


def test_small_networks_are_no_larger_than_those_of_a_search():
    sizes = {name: small_size(SPACES[name]) for name in ("nas-bench-201", "darts", "nas-bench-macro")}
    assert sizes == {"nas-bench-201": (8, 2), "darts": (8, 8), "nas-bench-macro": (8, 1)}
    least = dataclasses.replace(SPACES["darts"], name="least", search_size=Size(4, 3))
    assert small_size(least) == (4, 3)


def test_measures_that_can_be_tried_have_their_turn_last():
    network = [name for name, measure in MEASURES.items() if measure.one_by_one]
    in_turn = [measure.name for measure in sorted(MEASURES.values(), key=lambda measure: measure.turn)]
    assert {*in_turn[:3]} == {"params", "live-params", "macs"}
    assert in_turn[-len(network) :] == network
    assert {"naswot", "swap", "az-nas", "snip"} <= {*network}
    assert not {"flow", "width"} & {*network}


def test_a_measure_needs_nothing_unless_it_says_so():
    assert not any((ROWS.cost, ROWS.needs_labels, ROWS.needs_data))
