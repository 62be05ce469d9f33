"""Ties: values of a score that differ by rounding alone are equal, so that they share a rank on every processor.

Sums of floats in another order, on another processor or by another number of threads differ in their last bits, and so
do two architectures that are the same network. No rank, first or best may rest on such a difference.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Rounding:
    """The precision of a score: values that differ by no more than `absolute` + `relative` times the lower are tied.

    `absolute` is in the unit of the score, `relative` a fraction of the size of the value. Both are 0 for numbers that
    are exact.
    """

    absolute: float = 0.0
    relative: float = 0.0

    def reach(self, values: ArrayLike) -> NDArray[np.float64]:
        """Return the largest value that is tied to each of `values` as the lower of the two."""
        lower = np.asarray(values, dtype=np.float64)
        return np.asarray(lower + (self.absolute + self.relative * np.abs(lower)))


EXACT = Rounding()
"""The precision of counts, and of tables that people bring: only equal values are tied."""
SHARE_ROUNDING = Rounding(relative=1e-5)
"""The precision of the scores of operations, which are gradients in float32."""


def tie(values: ArrayLike, rounding: Rounding = EXACT) -> NDArray[np.float64]:
    """Return `values` with all that are tied made equal to the lowest of them; -inf, inf and nan stay as they are.

    In order, neighbours within `rounding` belong together. A chain of them that is longer than that is parted: the
    first value out of reach of the lowest begins the next group, so that no value moves by more than the rounding.
    Tying twice changes nothing. Any shape goes, all values are compared with each other.
    """
    tied = np.array(values, dtype=np.float64)
    places = np.flatnonzero(np.isfinite(tied))
    if rounding == EXACT or not len(places):
        return tied
    places = places[tied.flat[places].argsort(kind="stable")]
    ordered = tied.flat[places]
    starts = _group_starts(ordered, rounding)
    tied.flat[places] = np.repeat(ordered[starts], np.diff([*starts, len(ordered)]))
    return tied


def dense_ranks(values: ArrayLike, rounding: Rounding = EXACT) -> NDArray[np.intp]:
    """Return the place of every value among the different ones, from 0 for the lowest; tied ones share it.

    `values` `(values,)` hold no nan; -inf comes before every number.
    """
    return np.asarray(np.unique(tie(values, rounding), return_inverse=True)[1], dtype=np.intp)


def _group_starts(ordered: NDArray[np.float64], rounding: Rounding) -> NDArray[np.intp]:
    """Return where groups of tied values begin among `ordered`, the lowest first."""
    apart = np.flatnonzero(ordered[1:] > rounding.reach(ordered[:-1])) + 1
    starts, ends = np.concatenate([[0], apart]), np.concatenate([apart, [len(ordered)]])
    chains = np.flatnonzero(ordered[ends - 1] > rounding.reach(ordered[starts]))
    parted = [_parts(ordered, int(starts[chain]), int(ends[chain]), rounding) for chain in chains]
    return np.sort(np.concatenate([starts, *parted])).astype(np.intp)


def _parts(ordered: NDArray[np.float64], start: int, end: int, rounding: Rounding) -> list[int]:
    """Return where a chain of neighbours from `start` to `end` is parted: at the first out of reach of each lowest."""
    parts: list[int] = []
    while True:
        start += int(np.searchsorted(ordered[start:end], rounding.reach(ordered[start]), side="right"))
        if start >= end:
            return parts
        parts.append(start)
