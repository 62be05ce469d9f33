"""The statistics against scipy, brute force and simulation."""

from __future__ import annotations

import itertools
import math
from dataclasses import astuple
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from engine.common.errors import SearchStopped
from engine.common.ties import Rounding
from engine.common.work import Work
from engine.studies.statistics import (
    RESAMPLES,
    RankRange,
    equal_trainings,
    expected_best,
    kendall,
    paired,
    picks,
    rank_range,
    regret,
    spearman,
    summary,
    top_k_curve,
)

few = st.integers(-3, 3).map(float)  # many ties
many = st.floats(-1e6, 1e6, allow_nan=False)
numbers = st.one_of(few, many)
pairs = st.lists(st.tuples(st.one_of(numbers, st.just(-math.inf)), numbers), min_size=3, max_size=40)
REFERENCES = [(spearman, stats.spearmanr), (kendall, stats.kendalltau)]


def split(rows):
    return np.array([row[0] for row in rows]), np.array([row[1] for row in rows])


@given(pairs)
@pytest.mark.parametrize(("ours", "scipys"), REFERENCES)
def test_correlations_are_those_of_scipy(ours, scipys, rows):
    scores, accuracies = split(rows)
    assume(len(set(scores)) > 1 and len(set(accuracies)) > 1)
    finite = np.where(np.isinf(scores), -1e7, scores)  # as low as it gets
    found = ours(scores, accuracies, resamples=5)
    assert found.value == pytest.approx(scipys(finite, accuracies).statistic, abs=1e-12)
    assert ours(scores, scores, resamples=1).value == pytest.approx(1)
    assert ours(-scores, scores, resamples=1).value == pytest.approx(-1)


@pytest.mark.slow
@given(pairs, st.data())
@pytest.mark.parametrize(("ours", "_"), REFERENCES)
def test_order_is_all_that_counts_and_nan_is_left_out(ours, _, rows, data):
    scores, accuracies = split(rows)
    found = pytest.approx(astuple(ours(scores, accuracies, resamples=20)), abs=1e-12, nan_ok=True)
    levels = {value: float(place) ** 3 for place, value in enumerate(sorted(set(scores)))}
    assert astuple(ours([levels[each] for each in scores], accuracies, resamples=20)) == found
    place = data.draw(st.integers(0, len(rows)))
    with_nan = np.insert(scores, place, np.nan), np.insert(accuracies, place, 1.0)
    assert astuple(ours(*with_nan, resamples=20)) == found
    assert [len(each) for each in paired(*with_nan)] == [len(rows)] * 2


def test_the_same_at_the_size_of_nas_bench_201():
    generator = np.random.default_rng(0)
    scores = generator.normal(size=15625).round(1)
    accuracies = (scores + generator.normal(size=15625)).round(3)
    scores[:2000] = -np.inf
    finite = np.where(np.isinf(scores), -99, scores)
    for ours, scipys in REFERENCES:
        assert ours(scores, accuracies, resamples=1).value == pytest.approx(scipys(finite, accuracies).statistic)


@pytest.mark.parametrize(("ours", "scipys"), REFERENCES)
def test_intervals_are_those_of_scipys_percentile_bootstrap(ours, scipys):
    generator = np.random.default_rng(5)
    scores = generator.normal(size=80).round(1)
    accuracies = (scores + 2 * generator.normal(size=80)).round(1)
    found = ours(scores, accuracies, resamples=999, seed=3)
    expected = stats.bootstrap(
        (scores, accuracies),
        lambda x, y: scipys(x, y).statistic,
        paired=True,
        vectorized=False,
        n_resamples=999,
        method="percentile",
        rng=np.random.default_rng(3),
    ).confidence_interval
    assert (found.low, found.high) == pytest.approx(tuple(expected), abs=1e-12)  # scipy takes the same draws
    assert found.low < found.value < found.high


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ours", "truth", "studies"),
    [(spearman, 6 / np.pi * np.arcsin(0.6 / 2), 300), (kendall, 2 / np.pi * np.arcsin(0.6), 60)],
)
def test_intervals_cover_the_truth_about_as_often_as_they_say(ours, truth, studies):
    """Normal pairs of correlation 0.6, for which the true rank correlations are known."""
    generator, hits = np.random.default_rng(11), []
    for seed in range(studies):
        first = generator.normal(size=70)
        second = 0.6 * first + 0.8 * generator.normal(size=70)
        interval = ours(first, second, resamples=80, seed=seed)
        hits.append((interval.low <= truth, truth <= interval.high))
    noise = 3 * math.sqrt(0.95 * 0.05 / studies)
    assert np.mean(np.all(hits, axis=1)) == pytest.approx(0.94, abs=0.01 + noise)  # percentiles are a little short
    assert np.mean(hits, axis=0).min() > 0.965 - noise  # and neither end alone is wrong


def test_an_interval_follows_its_seed_and_narrows_with_more_pairs():
    generator = np.random.default_rng(2)
    scores = generator.normal(size=2000)
    accuracies = scores + generator.normal(size=2000)
    small, again, other = (spearman(scores[:100], accuracies[:100], seed=seed) for seed in (1, 1, 2))
    large = spearman(scores, accuracies)
    assert small == again != other
    assert (large.high - large.low) * 3 < small.high - small.low


@pytest.mark.parametrize("ours", [spearman, kendall])
@pytest.mark.parametrize(
    ("scores", "accuracies"),
    [([1, 1, 1], [1, 2, 3]), ([1, 2, 3], [5, 5, 5]), ([], []), ([1], [2]), ([np.nan, np.nan], [1, 2])],
)
def test_nothing_is_said_of_what_does_not_vary(ours, scores, accuracies):
    assert np.isnan(astuple(ours(scores, accuracies))).all()


@pytest.mark.parametrize("ours", [spearman, kendall])
def test_resamples_that_do_not_vary_are_passed_over(ours):
    found = ours([1, 1, 1, 1, 2], [1, 1, 1, 1, 2], resamples=200)  # a third of the resamples is constant
    assert astuple(found) == pytest.approx((1, 1, 1))


@pytest.mark.parametrize("ours", [spearman, kendall])
def test_progress_counts_resamples_and_stop_ends_them(ours):
    seen = []
    ours([1, 2, 3], [1, 3, 2], work=Work(seen.append))
    assert [(each.done, each.total) for each in seen] == [(n, RESAMPLES) for n in range(1, RESAMPLES + 1)]
    seen.clear()
    with pytest.raises(SearchStopped):
        ours([1, 2, 3], [1, 3, 2], work=Work(seen.append, lambda: len(seen) == 3))
    assert len(seen) == 3


def test_wrong_input_is_named():
    with pytest.raises(ValueError, match="3 scores and 2 accuracies given"):
        spearman([1, 2, 3], [1, 2])
    with pytest.raises(ValueError, match="0 resamples asked for"):
        kendall([1, 2], [1, 2], resamples=0)
    for wrong in (0, 4):
        with pytest.raises(ValueError, match=f"the best of {wrong} asked for; 1 to 3 architectures"):
            expected_best([1, 2, 3], [wrong])
        with pytest.raises(ValueError, match=f"the best of {wrong} asked for; 1 to 3 architectures"):
            top_k_curve([1, 2, 3, 4], [1, 2, 3, np.nan], [wrong])


small = st.lists(numbers, min_size=1, max_size=7)


@given(small)
def test_the_expected_best_is_the_mean_over_all_draws(accuracies):
    ks = range(1, len(accuracies) + 1)
    expected = [np.mean([max(drawn) for drawn in itertools.combinations(accuracies, k)]) for k in ks]
    assert expected_best(accuracies, ks) == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert expected_best([*accuracies, np.nan], ks) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_the_expected_best_at_the_size_of_nas_bench_201():
    accuracies = np.random.default_rng(1).permutation(15625).astype(float)
    ks = [1, 2, 10, 1000, 15624, 15625]
    # the expected largest of k of the numbers 0 to n-1 is k (n+1) / (k+1) - 1
    exact = [float(Fraction(k * 15626, k + 1) - 1) for k in ks]
    assert expected_best(accuracies, ks) == pytest.approx(exact, rel=1e-12)
    skewed = 94 - np.exp(np.random.default_rng(2).normal(size=15625))
    drawn = np.random.default_rng(3).choice(skewed, size=(4000, 20))  # replacement does not matter here
    best = drawn.max(axis=1)
    assert expected_best(skewed, [20])[0] == pytest.approx(best.mean(), abs=4 * best.std() / math.sqrt(4000))
    assert (np.diff(expected_best(skewed, range(1, 15626, 250))) > 0).all()


@given(st.lists(st.tuples(st.sampled_from([-math.inf, 0.0, 1.0, 2.0]), numbers), min_size=1, max_size=6))
def test_the_curve_is_the_mean_over_all_ways_to_break_ties(rows):
    scores, accuracies = split(rows)
    falling = sorted(scores, reverse=True)
    orders = [order for order in itertools.permutations(range(len(rows))) if [scores[row] for row in order] == falling]
    best = np.maximum.accumulate(accuracies[np.array(orders)], axis=1).mean(axis=0)
    ks = range(1, len(rows) + 1)
    assert top_k_curve(scores, accuracies, ks) == pytest.approx(best, rel=1e-9, abs=1e-9)


@given(st.lists(numbers, min_size=1, max_size=30))
def test_constant_scores_are_random_search_and_the_accuracies_themselves_are_the_best_scores(accuracies):
    ks = range(1, len(accuracies) + 1)
    assert top_k_curve(np.ones(len(accuracies)), accuracies, ks) == pytest.approx(expected_best(accuracies, ks))
    assert (top_k_curve(accuracies, accuracies, ks) == max(accuracies)).all()
    worst_first = top_k_curve(-np.array(accuracies), accuracies, ks)
    assert worst_first == pytest.approx(sorted(accuracies))


@settings(max_examples=50)
@given(st.lists(numbers, min_size=1, max_size=12), st.data())
def test_equal_trainings_is_the_first_k_that_reaches_the_value(accuracies, data):
    curve = expected_best(accuracies, range(1, len(accuracies) + 1))
    k = data.draw(st.integers(1, len(accuracies)))
    found = equal_trainings(accuracies, curve[k - 1])
    assert found == np.flatnonzero(curve >= curve[k - 1] - 1e-9)[0] + 1 <= k
    assert equal_trainings(accuracies, -math.inf) == 1
    assert equal_trainings(accuracies, max(accuracies) + 1) == math.inf
    assert math.isnan(equal_trainings(accuracies, math.nan))


@given(st.lists(st.tuples(st.one_of(few, st.just(math.nan)), few), min_size=1, max_size=8))
def test_picks_stand_beside_random_search_among_all(rows):
    scores, accuracies = split(rows)
    scored = int((~np.isnan(scores)).sum())
    found = picks(scores, accuracies, [1, 3, 100])
    assert [each.k for each in found] == [k for k in (1, 3) if k <= scored]
    for each in found:
        assert each.best == top_k_curve(scores, accuracies, [each.k])[0]
        assert each.gain == each.best - expected_best(accuracies, [each.k])[0]
        assert each.random_trainings == equal_trainings(accuracies, each.best) <= len(rows)


def test_a_summary_by_hand():
    found = summary([93.0, np.nan, 91.0, 94.0], [94.0, 93.0, 93.0, 91.0, 90.0, np.nan])
    assert (found.count, found.missing, found.median, found.best, found.worst) == (4, 1, 93, 94, 91)
    assert found.mean == pytest.approx(278 / 3)
    assert found.sd == pytest.approx(math.sqrt((1 / 9 + 25 / 9 + 16 / 9) / 2))
    assert found.median_rank == 2  # of the ranks 2, 4 and 1
    assert found.regret == pytest.approx(94 - 278 / 3)
    assert found.random_trainings == 2  # the best of one is 92.2, the best of two 93.2
    assert math.isnan(summary([5.0], [1.0, 5.0]).sd)
    nothing = summary([np.nan, np.nan], [1.0])
    assert (nothing.count, nothing.missing) == (2, 2)
    assert np.isnan(astuple(nothing)[2:]).all()


def test_equal_trainings_by_hand():
    assert equal_trainings([10, 20, 30], 20) == 1
    assert equal_trainings([10, 20, 30], 20.1) == 2  # the best of two is 26.67
    assert equal_trainings([10, 20, 30], 30) == 3
    assert equal_trainings([93.1] * 7, 93.1) == 1
    assert math.isnan(equal_trainings([], 1))


@given(st.lists(few, min_size=1, max_size=12))
def test_ranks_are_those_of_scipy(values):
    for value in values:
        place = values.index(value)
        falling = -np.array(values)
        assert rank_range(values, value).best == stats.rankdata(falling, "min")[place]
        assert rank_range(values, value).expected == stats.rankdata(falling, "average")[place]
        assert rank_range([*values, np.nan], value).worst == stats.rankdata(falling, "max")[place]


def test_rank_and_regret_by_hand():
    assert rank_range([3, 1, 2], 2.5).best == rank_range([3, 1, 2], 2.5).expected == 2  # a value that is not among them
    assert math.isnan(rank_range([1, 2], math.nan).expected)
    assert regret([93.76, 94.37, np.nan], 93.76) == pytest.approx(0.61)


def test_a_value_shares_its_rank_with_those_that_differ_by_rounding():
    values, rounding = [3.0, 2.0, 2.00001, -math.inf, math.nan], Rounding(absolute=1e-4)
    assert rank_range(values, 2.00002, rounding) == RankRange(2, 2.5)
    assert rank_range(values, 2.00002) == RankRange(2, 2)
    assert rank_range(values, 2.0, rounding).worst == 3
    assert rank_range(values, -math.inf, rounding) == RankRange(4, 4)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=30))
def test_all_trainings_by_a_score_gain_nothing_not_even_a_last_bit(accuracies):
    (pick,) = picks(np.arange(len(accuracies)), accuracies, [len(accuracies)])
    assert pick.gain == 0
