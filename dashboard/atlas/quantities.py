"""Numbers of architectures: what they are called, their range, their ranks, and which architectures pass filters."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]
_STEPS = 100
"""A slider has at least so many steps."""


@dataclass(frozen=True, eq=False)
class Quantity:
    """A number for every architecture, in `unit`, nan or infinite where it has none; of a `cost` less is better."""

    name: str
    title: str
    unit: str
    values: Values
    cost: bool = False

    @property
    def label(self) -> str:
        """The title with its unit."""
        return f"{self.title} ({self.unit})" if self.unit else self.title

    @property
    def there(self) -> Mask:
        """Where it is a number."""
        return np.isfinite(self.values)

    @property
    def better(self) -> str:
        """The better direction, in a word."""
        return "less" if self.cost else "more"


class Span(NamedTuple):
    """The range of a slider, both ends whole multiples of its step."""

    low: float
    high: float
    step: float


class Rank(NamedTuple):
    """The place of one architecture, 1 for the best, among those that have the number; how many others are equal."""

    place: int
    of: int
    equal: int


def span(values: Values) -> Span | None:
    """The round range that holds every finite value; None where there are not two different ones."""
    there = values[np.isfinite(values)]
    if not there.size or there.min() == there.max():
        return None
    low, high = float(there.min()), float(there.max())
    decimals = math.ceil(-math.log10((high - low) / _STEPS))
    step = 10.0**-decimals
    return Span(*(round(each, max(decimals, 0)) for each in (math.floor(low / step) * step, _up(high, step), step)))


def _up(value: float, step: float) -> float:
    return math.ceil(value / step) * step


def between(values: Values, chosen: tuple[float, float], whole: tuple[float, float]) -> Mask:
    """Which values lie in `chosen`, ends included; an end that stands at that of the `whole` range excludes nothing.

    What is no number passes while nothing is excluded; -inf counts as less than every number.
    """
    passing = np.ones(len(values), dtype=bool)
    if chosen[0] > whole[0]:
        passing &= values >= chosen[0]
    if chosen[1] < whole[1]:
        passing &= values <= chosen[1]
    return passing


def moved(chosen: tuple[float, float], before: Span, after: Span) -> tuple[float, float]:
    """A range chosen in `before` as it stands in `after`: an end that excluded nothing still does."""
    low = after.low if chosen[0] <= before.low else min(max(chosen[0], after.low), after.high)
    high = after.high if chosen[1] >= before.high else min(max(chosen[1], after.low), after.high)
    return low, high


def passing(
    quantities: Mapping[str, Quantity],
    ranges: Mapping[str, tuple[float, float]],
    counts: NDArray[np.int64],
    count_ranges: Mapping[int, tuple[float, float]],
) -> Mask:
    """Which architectures pass all filters.

    `ranges` bounds quantities by name, `count_ranges` the columns of `counts` `(architectures, operations)`; both
    lists hold only what is bounded.
    """
    found = np.ones(len(counts), dtype=bool)
    for name, chosen in ranges.items():
        values = quantities[name].values
        whole = span(values)
        if whole is not None:
            found &= between(values, chosen, whole[:2])
    for column, (low, high) in count_ranges.items():
        found &= (counts[:, column] >= low) & (counts[:, column] <= high)
    return found


def rank(quantity: Quantity, row: int) -> Rank | None:
    """The rank of an architecture by a quantity; None where it has none. -inf is the last place of all."""
    values = quantity.values[~np.isnan(quantity.values)]
    value = quantity.values[row]
    if np.isnan(value):
        return None
    better = values < value if quantity.cost else values > value
    return Rank(int(better.sum()) + 1, len(values), int((values == value).sum()) - 1)


def best_first(quantity: Quantity, among: Mask) -> Rows:
    """The rows in `among` that have a number, the best first; equals keep their order."""
    rows = np.flatnonzero(among & quantity.there)
    values = quantity.values[rows]
    return rows[np.argsort(values if quantity.cost else -values, kind="stable")]


def best(quantity: Quantity) -> int | None:
    """The first of the best architectures by a quantity; None where none has a number."""
    order = best_first(quantity, np.ones(len(quantity.values), dtype=bool))
    return int(order[0]) if len(order) else None
