"""A pass that several measures share is made once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.common.work import Work
from engine.data.images import Data
from engine.genotypes.population import Population
from engine.measures import MeasureSetting
from engine.measures.base import TRIED
from engine.measures.memoise import memoise_last
from engine.spaces import get_space


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
        MeasureSetting(net_size="small"),
        MeasureSetting(data=data),
        MeasureSetting(data=Data("mine", data.images)),
    ):
        take(population, other)
    take(population.take(slice(0, 2)), MeasureSetting())
    assert len(taken) == 7
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 1


def test_only_the_last_answer_is_remembered_and_failures_are_not():
    calls = []

    @memoise_last
    def score(population: Population, setting: MeasureSetting) -> np.ndarray:
        calls.append(setting.seed)
        if len(calls) == 1:
            raise RuntimeError("the first call fails")
        return np.zeros(len(population))

    population = Population.sample("nas-bench-201", 2, seed=0)
    with pytest.raises(RuntimeError):
        score(population, MeasureSetting(seed=1))
    for seed in (1, 1, 2, 2, 1):
        score(population, MeasureSetting(seed=seed))
    assert calls == [1, 1, 2, 1]
    assert score.__name__ == "score"


def test_a_trial_on_a_few_does_not_make_it_forget_the_answer_on_all():
    sizes = []

    @memoise_last
    def score(population: Population, setting: MeasureSetting) -> np.ndarray:
        sizes.append(len(population))
        return np.zeros(len(population))

    population = Population.sample("nas-bench-201", 50, seed=0)
    for count in (50, TRIED, 50, TRIED, TRIED, 50):
        score(population.take(slice(0, count)), MeasureSetting())
    assert sizes == [50, TRIED]


def test_equal_tables_of_two_spaces_are_two_questions():
    names = []

    @memoise_last
    def score(population: Population, setting: MeasureSetting) -> np.ndarray:
        names.append(population.space.name)
        return np.zeros(len(population))

    first = Population.sample("robust-darts-s2", 2, seed=0)
    second = replace(first, space=get_space("robust-darts-s4"))
    for population in (first, second, second):
        score(population, MeasureSetting())
    assert names == ["robust-darts-s2", "robust-darts-s4"]


def test_as_many_numbers_in_another_shape_are_another_question():
    take = memoise_last(lambda population, setting: np.arange(float(len(population))))
    table, space = np.zeros((2, 2, 14), np.int8), get_space("darts")
    assert take(Population(space, table), MeasureSetting()).shape == (2,)
    assert take(Population(space, table.reshape(2, 1, 28)), MeasureSetting()).shape == (1,)
