"""The description of a measure, and the setting that it is taken with."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from engine import SearchStopped
from engine.common.work import Progress, Work
from engine.genotypes.population import Population
from engine.measures import Measure, MeasureSetting


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
    assert (first.seed, first.device, first.data) == (0, "auto", None)
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


def test_a_measure_needs_nothing_unless_it_says_so():
    assert not any((ROWS.cost, ROWS.needs_labels, ROWS.needs_data))
