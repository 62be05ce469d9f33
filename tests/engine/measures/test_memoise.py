"""A pass that several measures share is made once."""

from __future__ import annotations

import numpy as np
import pytest

from engine.common.work import Work
from engine.data.images import Data
from engine.genotypes.population import Population
from engine.measures import MeasureSetting
from engine.measures.memoise import memoise_last


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
