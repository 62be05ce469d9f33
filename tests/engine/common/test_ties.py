"""Ties on paper, by their properties, and against all pairs counted one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.common.ties import EXACT, SHARE_ROUNDING, Rounding, dense_ranks, tie

TENTH = Rounding(absolute=0.1)
THOUSANDTH = Rounding(relative=1e-3)
INF, NAN = math.inf, math.nan


@pytest.mark.parametrize(
    ("values", "rounding", "expected"),
    [
        ([], TENTH, []),
        ([3.0], TENTH, [3.0]),
        ([NAN, -INF, INF], TENTH, [NAN, -INF, INF]),
        ([2.0, 1.05, 1.0, 1.2], TENTH, [2.0, 1.0, 1.0, 1.2]),
        ([1.0, -INF, 1.0625, NAN, INF, -INF], TENTH, [1.0, -INF, 1.0, NAN, INF, -INF]),
        ([1.0, 1.06, 1.12, 1.18, 1.24], TENTH, [1.0, 1.0, 1.12, 1.12, 1.24]),  # a chain, parted at each lowest
        ([5, 3, 4, 3], EXACT, [5, 3, 4, 3]),
        ([5, 3, 4, 3], Rounding(absolute=0.5), [5, 3, 4, 3]),
        ([7, 8, 9], Rounding(absolute=1), [7, 7, 9]),  # a difference of just the rounding is rounding
        ([1000.5, 1000.0, 1.0005, 1.0, 1.002], THOUSANDTH, [1000.0, 1000.0, 1.0, 1.0, 1.002]),
        ([-1000.5, -1000.0, -1.002, -1.0], THOUSANDTH, [-1000.5, -1000.5, -1.002, -1.0]),
        ([0.0, 1e-9, -1e-9], THOUSANDTH, [0.0, 1e-9, -1e-9]),  # near 0 a fraction of nothing is nothing
        ([100.05, 100.0, 0.05, 0.0], Rounding(0.1, 1e-3), [100.0, 100.0, 0.0, 0.0]),
    ],
)
def test_what_is_tied_becomes_the_lowest_of_its_group(values, rounding, expected):
    given_values = np.array(values, dtype=float)
    np.testing.assert_array_equal(tie(given_values, rounding), expected)
    np.testing.assert_array_equal(given_values, values)  # and what was given stays as it is


def test_without_rounding_only_equal_values_are_tied():
    values = [1.0, np.nextafter(1.0, 2), 1.0]
    assert tie(values).tolist() == values
    assert dense_ranks(values).tolist() == [0, 1, 0]
    assert dense_ranks(values, SHARE_ROUNDING).tolist() == [0, 0, 0]


def test_ranks_are_dense_and_nothing_flows_comes_first():
    assert dense_ranks([30.0, 10.02, -INF, 10.0, 30.01, 20.0], TENTH).tolist() == [3, 1, 0, 1, 3, 2]


def test_tables_keep_their_shape():
    table = np.array([[1.0, 2.0], [1.05, 3.0]])
    assert tie(table, TENTH).tolist() == [[1.0, 2.0], [1.0, 3.0]]
    assert tie(table.T, TENTH).tolist() == [[1.0, 1.0], [2.0, 3.0]]


NUMBERS = st.floats(-1e6, 1e6) | st.sampled_from([-INF, INF, NAN, 0.0, 1.0])
CHAINS = st.builds(lambda steps: np.cumsum(steps).tolist(), st.lists(st.floats(0, 0.25), max_size=40))
ROUNDINGS = st.builds(Rounding, st.sampled_from([0.0, 1e-9, 0.1, 3.0]), st.sampled_from([0.0, 1e-12, 1e-3, 0.5]))


@given(st.lists(NUMBERS, max_size=40) | CHAINS, ROUNDINGS)
def test_groups_are_no_wider_than_the_rounding_and_stay_as_they_are(values, rounding):
    values = np.array(values, dtype=float)
    tied = tie(values, rounding)
    np.testing.assert_array_equal(np.isfinite(tied), np.isfinite(values))
    finite = np.isfinite(values)
    assert (tied[finite] <= values[finite]).all()
    assert (values[finite] <= rounding.reach(tied[finite])).all()  # however long the chain
    assert np.isin(tied[finite], values[finite]).all()
    np.testing.assert_array_equal(tie(tied, rounding), tied)
    order = values[finite].argsort(kind="stable")
    assert (np.diff(tied[finite][order]) >= 0).all()  # none is overtaken


@given(st.lists(NUMBERS, max_size=20), ROUNDINGS, st.randoms(use_true_random=False))
def test_the_order_of_values_does_not_matter(values, rounding, random):
    rows = list(range(len(values)))
    random.shuffle(rows)
    values = np.array(values, dtype=float)
    np.testing.assert_array_equal(tie(values[rows], rounding), tie(values, rounding)[rows])


@given(st.lists(NUMBERS, max_size=30), ROUNDINGS)
def test_groups_are_those_that_one_walk_from_the_lowest_finds(values, rounding):
    groups: list[list[float]] = []
    for value in sorted(value for value in values if math.isfinite(value)):
        near = groups and value <= float(rounding.reach(groups[-1][-1]))
        if near and value <= float(rounding.reach(groups[-1][0])):
            groups[-1].append(value)
        else:
            groups.append([value])
    lowest = {value: group[0] for group in groups for value in group}
    tied = tie(np.array(values, dtype=float), rounding)
    np.testing.assert_array_equal(tied, [lowest.get(value, value) for value in values])


@given(st.lists(st.integers(0, 30), min_size=1, max_size=60), st.integers(0, 2**32 - 1))
def test_noise_below_the_rounding_changes_no_rank(steps, seed):
    """Values that are equal, or apart by more than the rounding: whatever the last bits, the ranks are the same."""
    values = 10.0 + 0.01 * np.array(steps)
    assume(len(set(steps)) > 1)
    noise = 1 + 1e-7 * np.random.default_rng(seed).uniform(-1, 1, len(values))
    rounding = Rounding(absolute=5e-6)
    expected = np.unique(steps, return_inverse=True)[1]
    np.testing.assert_array_equal(dense_ranks(values * noise, rounding), expected)
    np.testing.assert_array_equal(dense_ranks(values, rounding), expected)
