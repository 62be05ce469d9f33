"""Numbers of architectures: their titles and units, their ranges and ranks, and the filters over them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.common.ties import tie
from engine.measures import MEASURES
from engine.studies.atlas import Atlas
from engine.tables import Column

QuantityValues = NDArray[np.float64]
"""A number for every architecture, `(architectures,)`."""
RowMask = NDArray[np.bool_]
"""A choice of architectures, `(architectures,)`."""
RowIndices = NDArray[np.int64]
"""Rows of architectures, in an order."""
ACCURACY = "accuracy"
QUANTITY_TITLES = {ACCURACY: "Accuracy", **{name: measure.title for name, measure in MEASURES.items()}}
"""The titles of all quantities that an atlas may have, by name."""
_STEPS = 100
"""The least number of steps of a slider."""


@dataclass(frozen=True, eq=False)
class Quantity:
    """A number for every architecture, in `unit`, nan or infinite where it has none.

    Of a `cost` less is better, and of an error, a number of a table that is `lower_is_better`.
    Values are tied where they are equal: those of a measure that differ by rounding alone are made equal.
    """

    name: str
    title: str
    unit: str
    values: QuantityValues
    cost: bool = False
    lower_is_better: bool = False

    @property
    def label(self) -> str:
        """Return the title with its unit, and the better direction of an error."""
        title = f"{self.title} ({self.unit})" if self.unit else self.title
        return f"{title}, less is better" if self.lower_is_better else title

    @property
    def less(self) -> bool:
        """Return True where less is better."""
        return self.cost or self.lower_is_better

    @property
    def finite(self) -> RowMask:
        """Return the mask of the architectures that have a finite number."""
        return np.isfinite(self.values)

    @property
    def better(self) -> str:
        """Return the better direction, in a word."""
        return "less" if self.less else "more"


class SliderSpan(NamedTuple):
    """The range of a slider, both ends whole multiples of its step."""

    low: float
    high: float
    step: float


class QuantityRank(NamedTuple):
    """The place of one architecture, 1 for the best, among those that have the number; how many others are equal."""

    place: int
    of: int
    equal: int


def atlas_quantities(
    atlases: Sequence[Atlas], accuracies: QuantityValues | None, column: Column | None = None
) -> dict[str, Quantity]:
    """Return all numbers of the architectures of `atlases`, which share their population, by name.

    Accuracy is among them, or what else the `column` of a table holds, if `accuracies` has a number for any of the
    architectures.
    """
    quantities = {name: _quantity(name, values) for atlas in atlases for name, values in atlas.values.items()}
    if accuracies is None or not np.isfinite(accuracies).any():
        return quantities
    column = column or Column(ACCURACY, accuracy=True)
    title, lower = column.quantity.capitalize(), column.lower_is_better
    return {ACCURACY: Quantity(ACCURACY, title, column.unit, accuracies, lower_is_better=lower), **quantities}


def _quantity(name: str, values: QuantityValues) -> Quantity:
    measure = MEASURES[name]
    values = tie(values, measure.rounding)
    if not measure.unit and values.max(initial=0) >= 1e5:
        return Quantity(name, measure.title, "M", values / 1e6, measure.cost)
    return Quantity(name, measure.title, measure.unit, values, measure.cost)


def is_traded(x: Quantity, y: Quantity) -> bool:
    """Return True where a Pareto front means something: one is traded for the other, which is a cost."""
    return (x.cost or y.cost) and x.name != y.name


def slider_span(values: QuantityValues) -> SliderSpan | None:
    """Return the round range that holds every finite value; None where there are not two different ones."""
    finite = values[np.isfinite(values)]
    if not finite.size or finite.min() == finite.max():
        return None
    low, high = float(finite.min()), float(finite.max())
    decimals = math.ceil(-math.log10((high - low) / _STEPS))
    step = 10.0**-decimals
    ends = (math.floor(low / step) * step, math.ceil(high / step) * step, step)
    return SliderSpan(*(round(end, max(decimals, 0)) for end in ends))


def between(values: QuantityValues, chosen: tuple[float, float], whole: tuple[float, float]) -> RowMask:
    """Return the mask of the values in `chosen`, ends included; an end at that of the `whole` range excludes nothing.

    What is no number passes while nothing is excluded; -inf counts as less than every number.
    """
    mask = np.ones(len(values), dtype=bool)
    if chosen[0] > whole[0]:
        mask &= values >= chosen[0]
    if chosen[1] < whole[1]:
        mask &= values <= chosen[1]
    return mask


def moved_range(chosen: tuple[float, float], before: SliderSpan, after: SliderSpan) -> tuple[float, float]:
    """Fit a range chosen in `before` into `after`: an end that excluded nothing still excludes nothing."""
    low = after.low if chosen[0] <= before.low else min(max(chosen[0], after.low), after.high)
    high = after.high if chosen[1] >= before.high else min(max(chosen[1], after.low), after.high)
    return low, high


def filter_mask(
    quantities: Mapping[str, Quantity],
    ranges: Mapping[str, tuple[float, float]],
    counts: NDArray[np.int64],
    count_ranges: Mapping[int, tuple[float, float]],
) -> RowMask:
    """Return the mask of the architectures that pass all filters.

    `ranges` bounds quantities by name, `count_ranges` the columns of `counts` `(architectures, operations)`; both
    hold only what is bounded.
    """
    mask = np.ones(len(counts), dtype=bool)
    for name, chosen in ranges.items():
        values = quantities[name].values
        whole = slider_span(values)
        if whole is not None:
            mask &= between(values, chosen, whole[:2])
    for column, (low, high) in count_ranges.items():
        mask &= (counts[:, column] >= low) & (counts[:, column] <= high)
    return mask


def quantity_rank(quantity: Quantity, row: int) -> QuantityRank | None:
    """Return the rank of an architecture by a quantity; None where it has none. -inf is the last place of all."""
    values = quantity.values[~np.isnan(quantity.values)]
    value = quantity.values[row]
    if np.isnan(value):
        return None
    better = values < value if quantity.less else values > value
    return QuantityRank(int(better.sum()) + 1, len(values), int((values == value).sum()) - 1)


def best_first(quantity: Quantity, among: RowMask) -> RowIndices:
    """Return the rows in `among` that have a number, the best first; equals keep their order."""
    rows = np.flatnonzero(among & quantity.finite)
    values = quantity.values[rows]
    return rows[np.argsort(values if quantity.less else -values, kind="stable")]


def best_row(quantity: Quantity) -> int | None:
    """Return the first of the best architectures by a quantity; None where none has a number."""
    order = best_first(quantity, np.ones(len(quantity.values), dtype=bool))
    return int(order[0]) if len(order) else None
