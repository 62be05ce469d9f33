"""The statistics of evidence: rank correlations of scores with accuracies, and the worth of picking by scores.

Plain functions of arrays. A score that is -inf (nothing flows) ranks lowest; a pair with a nan in it is left out.
Scores are tied where they are equal: take those that are not exact from `Measure.scores` or `engine.common.ties.tie`,
which make values equal that differ by rounding alone.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BeforeValidator, PlainSerializer

from engine.common.ties import EXACT, Rounding, dense_ranks, tie
from engine.common.work import Work

FloatArray = NDArray[np.float64]
Ranks = NDArray[np.intp]
Number = Annotated[
    float,
    BeforeValidator(lambda value: math.nan if value is None else value),
    PlainSerializer(lambda value: value if math.isfinite(value) else None),
]
"""A number that may be undefined: nan, or infinite, and null in JSON."""

LEVEL = 0.95
"""The confidence of every interval."""
RESAMPLES = 500
"""The number of resamples behind an interval: its ends are then within about an eighth of a standard error."""
_ROUNDING = 1e-9
"""Differences of expected accuracies that are rounding: sums of up to some ten thousand numbers in float64."""


@dataclass(frozen=True)
class Interval:
    """A statistic of a sample, and the ends of its bootstrap interval; nan where it is not defined."""

    value: Number
    low: Number
    high: Number

    @property
    def text(self) -> str:
        """Return the statistic with its interval, `0.781 [0.775, 0.788]`."""
        return f"{self.value:z.3f} [{self.low:z.3f}, {self.high:z.3f}]"


@dataclass(frozen=True)
class RankRange:
    """The rank of one score among all, from 1: at `best`, and `expected` where ties are broken at random."""

    best: Number
    expected: Number

    @property
    def worst(self) -> float:
        """Return the last rank that the score may get among its ties."""
        return 2 * self.expected - self.best


@dataclass(frozen=True)
class Pick:
    """The outcome of training the first `k` by a score: the best accuracy, its gain over the best of `k` random
    trainings, and the number of random trainings that do as well; expected values, all of them."""

    k: int
    best: Number
    gain: Number
    random_trainings: Number


@dataclass(frozen=True)
class SelectionQuality:
    """The worth of choosing architectures by a score.

    `architectures` have a score, `left_out` have none. `accuracy` and `regret` are those of the one that ranks first,
    `rank_of_best` is the rank of the most accurate one (the first of them, if there are several), `curve` the best
    accuracy among the first k, for every requested k that is not more than the scores, `picks` the same beside random
    search.
    """

    architectures: int
    left_out: int
    accuracy: Number
    regret: Number
    rank_of_best: RankRange
    curve: tuple[Number, ...]
    picks: tuple[Pick, ...]


@dataclass(frozen=True)
class Summary:
    """Some accuracies among all, in a few numbers, nan where there are too few of them.

    `missing` of the `count` are not known; the other numbers are of those that are. `sd` is that of a sample,
    `median_rank` counts from 1 for the best of all, `regret` and `random_trainings` are those of the mean.
    """

    count: int
    missing: int
    mean: float
    sd: float
    median: float
    best: float
    worst: float
    median_rank: float
    regret: float
    random_trainings: float


def paired(scores: ArrayLike, accuracies: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return the scores and accuracies of the architectures that have both.

    `ValueError` for arrays of unequal length.
    """
    first, second = np.asarray(scores, dtype=np.float64), np.asarray(accuracies, dtype=np.float64)
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(f"{first.size} scores and {second.size} accuracies given; one of each is expected")
    complete = ~(np.isnan(first) | np.isnan(second))
    return first[complete], second[complete]


def spearman(
    scores: ArrayLike,
    accuracies: ArrayLike,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
    work: Work | None = None,
) -> Interval:
    """Return Spearman's rank correlation, ties at their mean rank, with its percentile bootstrap interval.

    Pairs are drawn with replacement, the same ones for the same `seed` and number of pairs. nan where one of the two
    is constant. Resamples are the steps of `work`, which can be stopped before each.
    """
    first, second = (dense_ranks(values) for values in paired(scores, accuracies))

    def statistic(rows: Ranks) -> float:
        return _pearson(_mean_ranks(first[rows]), _mean_ranks(second[rows]))

    return _bootstrap(statistic, len(first), resamples, seed, work or Work())


def kendall(
    scores: ArrayLike,
    accuracies: ArrayLike,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
    work: Work | None = None,
) -> Interval:
    """Return Kendall's tau-b with its percentile bootstrap interval, as `spearman` otherwise."""
    from scipy.stats import kendalltau

    pairs = [dense_ranks(values) for values in paired(scores, accuracies)]
    first, second = (ranks.astype(np.min_scalar_type(len(ranks))) for ranks in pairs)  # small numbers sort fast

    def statistic(rows: Ranks) -> float:
        left, right = first[rows], second[rows]
        if _constant(left) or _constant(right):
            return np.nan
        return float(kendalltau(left, right, method="asymptotic").statistic)

    return _bootstrap(statistic, len(first), resamples, seed, work or Work())


def expected_best(accuracies: ArrayLike, ks: Sequence[int]) -> FloatArray:
    """Return the expected best of k architectures drawn without replacement (random search), for each k of `ks`.

    Exact: the i-th best of n is the best drawn with probability C(n-i, k-1) / C(n, k). nan accuracies cannot be drawn;
    `ValueError` for a k that is not 1 to n.
    """
    ordered = _descending(accuracies)
    _check_ks(ks, len(ordered))
    return np.array([_expected_best(ordered, k) for k in ks])


def top_k_curve(scores: ArrayLike, accuracies: ArrayLike, ks: Sequence[int]) -> FloatArray:
    """Return the best accuracy among the k architectures of the highest score, for each k of `ks`.

    Ties in the score are broken at random and the value is the exact expectation, so that constant scores give random
    search. `ValueError` for a k that is not 1 to the number of pairs.
    """
    scored, best = paired(scores, accuracies)
    _check_ks(ks, len(scored))
    order = np.argsort(-scored, kind="stable")
    falling, best = -scored[order], best[order]
    before = np.maximum.accumulate(np.concatenate([[-np.inf], best]))
    curve = []
    for k in ks:
        start, end = (int(np.searchsorted(falling, falling[k - 1], side)) for side in ("left", "right"))
        group = np.maximum(best[start:end], before[start])
        curve.append(_expected_best(_descending(group), k - start))
    return np.array(curve)


def equal_trainings(accuracies: ArrayLike, value: float) -> float:
    """Return the least number of random trainings whose expected best is `value` or more; inf where none reaches it."""
    ordered = _descending(accuracies)
    if np.isnan(value) or not len(ordered):
        return np.nan
    ks = range(1, len(ordered) + 1)
    place = bisect_left(ks, value - _ROUNDING, key=lambda k: _expected_best(ordered, k))
    return float(ks[place]) if place < len(ks) else np.inf


def rank_range(values: ArrayLike, value: float, rounding: Rounding = EXACT) -> RankRange:
    """Return the rank of `value` among `values`, the highest first; nan for nan, and nan values are not counted.

    Values that differ by `rounding` are tied.
    """
    if np.isnan(value):
        return RankRange(np.nan, np.nan)
    tied = tie([value, *np.ravel(values)], rounding)
    own, others = tied[0], tied[1:]
    best = float((others > own).sum() + 1)
    return RankRange(best, best + max(float((others == own).sum()) - 1, 0) / 2)


def regret(accuracies: ArrayLike, value: float) -> float:
    """Return the distance from `value` up to the best of `accuracies`."""
    return float(np.nanmax(np.asarray(accuracies, dtype=np.float64)) - value)


def picks(scores: ArrayLike, accuracies: ArrayLike, ks: Sequence[int]) -> tuple[Pick, ...]:
    """Compare training the first k by a score with random search among all, for each k of `ks` that has scores."""
    scored = len(paired(scores, accuracies)[0])
    within = [k for k in ks if k <= scored]
    bests = zip(top_k_curve(scores, accuracies, within), expected_best(accuracies, within), strict=True)
    return tuple(
        Pick(k, float(best), _gain(float(best), float(random)), equal_trainings(accuracies, float(best)))
        for k, (best, random) in zip(within, bests, strict=True)
    )


def _gain(best: float, random: float) -> float:
    """Return the difference of two expected accuracies, 0 where it is the rounding of float64."""
    return 0.0 if abs(best - random) < _ROUNDING else best - random


def selection_quality(
    scores: ArrayLike, accuracies: ArrayLike, ks: Sequence[int], budgets: Sequence[int]
) -> SelectionQuality:
    """Return the worth of choosing by the scores: the curve for each k of `ks`, the picks for each of `budgets`."""
    values, measured = np.asarray(scores, dtype=np.float64), np.asarray(accuracies, dtype=np.float64)
    scored = len(paired(values, measured)[0])
    first = float(top_k_curve(values, measured, [1])[0]) if scored else np.nan
    ranks = [rank_range(values, value) for value in values[measured == np.nanmax(measured)]]
    return SelectionQuality(
        architectures=scored,
        left_out=len(values) - scored,
        accuracy=first,
        regret=regret(measured, first),
        rank_of_best=min(ranks, key=lambda rank: (np.isnan(rank.expected), rank.expected)),
        curve=tuple(top_k_curve(values, measured, [k for k in ks if k <= scored]).tolist()),
        picks=picks(values, measured, budgets),
    )


def summary(values: ArrayLike, accuracies: ArrayLike) -> Summary:
    """Summarise `values`, nan where one is not known, among all `accuracies`."""
    group, ordered = np.asarray(values, dtype=np.float64), _descending(accuracies)
    numbers = group[~np.isnan(group)]
    if not len(numbers):
        return Summary(len(group), len(group), *[np.nan] * 8)
    mean = float(numbers.mean())
    return Summary(
        count=len(group),
        missing=len(group) - len(numbers),
        mean=mean,
        sd=float(numbers.std(ddof=1)) if len(numbers) > 1 else np.nan,
        median=float(np.median(numbers)),
        best=float(numbers.max()),
        worst=float(numbers.min()),
        median_rank=float(np.median(np.searchsorted(-ordered, -numbers) + 1)),
        regret=regret(accuracies, mean),
        random_trainings=equal_trainings(accuracies, mean),
    )


def _bootstrap(statistic: Callable[[Ranks], float], count: int, resamples: int, seed: int, work: Work) -> Interval:
    """Compute `statistic` of all rows, and its percentiles over resamples; resamples where it is nan are left out."""
    if resamples < 1:
        raise ValueError(f"{resamples} resamples asked for; 1 or more are needed")
    value = statistic(np.arange(count)) if count else np.nan
    if np.isnan(value):
        return Interval(np.nan, np.nan, np.nan)
    generator, drawn = np.random.default_rng(seed), np.empty(resamples)
    work.begin(resamples)
    for index in range(resamples):
        work.check()
        drawn[index] = statistic(generator.integers(count, size=count))
        work.step()
    drawn = drawn[~np.isnan(drawn)]
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail]) if len(drawn) else (np.nan, np.nan)
    return Interval(float(value), float(low), float(high))


def _mean_ranks(dense: Ranks) -> FloatArray:
    """Return the rank of every value, ties at their mean, from dense ranks of which some may be missing; no sorting."""
    counts = np.bincount(dense)
    return np.asarray((counts.cumsum() - (counts - 1) / 2)[dense])


def _pearson(first: FloatArray, second: FloatArray) -> float:
    if _constant(first) or _constant(second):
        return np.nan
    first, second = first - first.mean(), second - second.mean()
    return float(np.clip(first @ second / np.sqrt((first @ first) * (second @ second)), -1, 1))


def _constant(values: NDArray[np.generic]) -> bool:
    return bool((values == values[0]).all())


def _descending(accuracies: ArrayLike) -> FloatArray:
    """Return the accuracies that are not nan, the best first."""
    values = np.asarray(accuracies, dtype=np.float64)
    return np.sort(values[~np.isnan(values)])[::-1]


def _expected_best(ordered: FloatArray, k: int) -> float:
    """Return the expected best of `k` drawn from `ordered`: the best of all less the expected loss (exact for ties)."""
    count = len(ordered)
    others = np.arange(1, count - k + 1)
    chances = np.cumprod(np.concatenate([[k / count], (count - k + 1 - others) / (count - others)]))
    return float(ordered[0] - chances @ (ordered[0] - ordered[: len(chances)]))


def _check_ks(ks: Sequence[int], count: int) -> None:
    for k in ks:
        if not 1 <= k <= count:
            raise ValueError(f"the best of {k} asked for; 1 to {count:,} architectures can be drawn")
