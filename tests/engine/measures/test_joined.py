"""Joining by Σ log(rank / N), on paper and by its properties."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.common.ties import Rounding, dense_ranks
from engine.common.work import Work
from engine.genotypes.population import Population
from engine.measures import MEASURES, Measure, MeasureSetting
from engine.measures.joined import join_measures, log_rank_sum

scores = st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=1, max_size=12)


def test_ranks_on_paper():
    first, second = np.array([30.0, 10, 20]), np.array([1.0, 1, np.nan])
    # ranks 3, 1, 2 and 2.5, 2.5, 1 of 3
    expected = np.log([3 / 3 * 2.5 / 3, 1 / 3 * 2.5 / 3, 2 / 3 * 1 / 3])
    np.testing.assert_allclose(log_rank_sum([first, second]), expected)
    np.testing.assert_allclose(log_rank_sum([np.array([-np.inf, 0, np.nan])]), np.log([1.5 / 3, 3 / 3, 1.5 / 3]))


@given(scores)
def test_only_the_order_counts(pairs: list[tuple[int, int]]):
    first, second = np.array(pairs, dtype=float).T
    found = log_rank_sum([first, second])
    np.testing.assert_allclose(found, log_rank_sum([np.exp(first), 7 * second - 3]))
    assert (found <= 0).all()
    best = np.flatnonzero((first == first.max()) & (second == second.max()))
    if len(best):
        assert found[best[0]] == found.max()


@pytest.mark.parametrize("unequal", [[], [np.zeros(2), np.zeros(3)]])
def test_scores_of_other_architectures_are_not_joined(unequal: list):
    with pytest.raises(ValueError, match="the same architectures"):
        log_rank_sum(unequal)


def measure(name: str, values: list[float], **needs: Any) -> Measure:
    def of(population: Population, setting: MeasureSetting) -> np.ndarray:
        setting.work.begin(len(population))
        for _ in range(len(population)):
            setting.work.step()
        return np.array(values)

    return Measure(name, name.upper(), "", "", f"paper of {name}", of, **needs)


def test_measures_join_to_a_measure():
    parts = [measure("a", [1, 2]), measure("b", [5, 4], needs_labels=True), measure("c", [0, 0], needs_data=True)]
    whole, reports = join_measures(parts), []
    assert (whole.name, whole.title) == ("a+b+c", "A + B + C")
    assert whole.needs_labels
    assert whole.needs_data
    assert not join_measures([parts[0], measure("d", [1, 1])]).needs_data
    assert all(f"paper of {part.name}" in whole.source for part in parts)
    found = whole.of(Population.sample("darts", 2, seed=0), MeasureSetting(work=Work(reports.append)))
    np.testing.assert_allclose(found, np.log([1 / 2 * 2 / 2 * 1.5 / 2] * 2))
    assert [(each.done, each.total) for each in reports] == [(0, 2), (0, 2), (1, 2), (1, 2), (1, 2), (2, 2), (2, 2)]
    assert all(0 <= each.elapsed < 0.5 for each in reports)


def test_what_cannot_be_joined_is_named():
    parts = list(MEASURES.values())[:2]
    for wrong in ([], parts[:1], [*parts, parts[0]], parts * 1000):
        with pytest.raises(ValueError, match=r"^'[^']{0,60}.? given; two or more different measures can be joined"):
            join_measures(wrong)


@given(scores, st.integers(0, 2**32 - 1))
def test_the_last_bits_of_a_part_change_nothing(pairs: list[tuple[int, int]], seed: int):
    values = 10.0 + np.array(pairs, dtype=float).T
    noise = 1 + 1e-7 * np.random.default_rng(seed).uniform(-1, 1, values.shape)
    rounding, nobody = {"rounding": Rounding(relative=1e-6)}, Population.sample("darts", 1, seed=0)
    joined = [
        join_measures([measure(name, list(row), **rounding) for name, row in zip("ab", rows, strict=True)])
        for rows in (values, values * noise)
    ]
    first, second = (whole.scores(nobody, MeasureSetting()) for whole in joined)
    np.testing.assert_array_equal(first, second)


def test_the_same_ranks_in_another_order_are_tied():
    cycles = [[1.0, 2, 3, 4, 5], [2.0, 3, 1, 5, 4], [3.0, 1, 2, 4, 4], [1.0, 1, 1, 1, 1]]
    whole = join_measures([measure(name, values) for name, values in zip("abcd", cycles, strict=True)])
    joined = whole.scores(Population.sample("darts", 5, seed=0), MeasureSetting())
    assert dense_ranks(joined)[:3].tolist() == [0, 0, 0]
