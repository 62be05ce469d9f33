"""From what a reader found to a table: every architecture once, accuracies in per cent, everything odd counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from engine.common.errors import quoted
from engine.genotypes.genotype import Genotype, parse_genotype
from engine.genotypes.population import Population
from engine.spaces import SearchSpace
from engine.tables.metadata import is_accuracy_name
from engine.tables.table import AccuracyTable, Column, Report

MAX_ROWS = 1_000_000
MAX_COLUMNS = 1_000
_BLOCK = 8192
_REMEMBERED = 16_384
_SHOWN_ROWS = 5
_CHANCE = {"CIFAR-100": 1.0, "ImageNet16-120": 100 / 120, "ImageNet": 0.1}
"""Accuracy in per cent of guessing, where it is 1 % or less and so looks like a fraction."""


class RowReader:
    """The architectures of a file, taken one by one; those of another space are counted and left out.

    `space` is the space they must be of, and in whose notation they are read; where it is None, the first architecture
    decides.
    """

    def __init__(self, space: SearchSpace | None) -> None:
        self.space = space
        self.places: list[str] = []
        self.foreign = 0
        self.first_foreign: list[str] = []
        self._parse = lru_cache(_REMEMBERED)(partial(read_genotype, space=space))
        self._blocks: list[NDArray[np.int8]] = []
        self._waiting: list[Genotype] = []
        self._other_spaces: Counter[str] = Counter()  # by title

    def add(self, place: str, text: str) -> bool:
        """Take the architecture that stands at `place`; whether it is one of the space."""
        try:
            genotype = self._parse(text)
        except ValueError as error:
            return self.leave(place, str(error))
        if genotype.space != (self.space or genotype.space):
            self._other_spaces[genotype.space.title] += 1
            return self.leave(place, f"an architecture of {genotype.space.title}")
        self.space = genotype.space
        self.places.append(place)
        self._waiting.append(genotype)
        if len(self.places) > MAX_ROWS:
            raise ValueError(f"more than {MAX_ROWS:,} rows; so many are read")
        if len(self._waiting) == _BLOCK:
            self._encode()
        return True

    def leave(self, place: str, why: str) -> bool:
        """Count what stands at `place` as no architecture of the space; False."""
        self.foreign += 1
        if len(self.first_foreign) < _SHOWN_ROWS:
            self.first_foreign.append(f"{place}: {why}")
        return False

    def population(self) -> Population:
        """All that were taken, in order; `ValueError` if there are none, which says what there was in their place."""
        if not self.places:
            if self._other_spaces and self.space is not None:
                found = " and ".join(self._other_spaces)
                raise ValueError(f"no row is an architecture of {self.space.title}; the rows are of {found}")
            first = f"; {self.first_foreign[0]}" if self.first_foreign else ""
            raise ValueError(f"no row holds an architecture{first}")
        self._encode()
        assert self.space is not None
        return Population(self.space, np.concatenate(self._blocks, axis=1))

    def _encode(self) -> None:
        if self._waiting:
            self._blocks.append(Population.of(self._waiting[0].space, self._waiting).operations)
            self._waiting = []


def read_genotype(text: str, space: SearchSpace | None) -> Genotype:
    """The genotype in a text, of `space` if it is one of it; `ValueError` if it is one of none."""
    if space is not None:
        with suppress(ValueError):
            return parse_genotype(text, space)
    return parse_genotype(text)


@dataclass(frozen=True, eq=False)
class RawTable:
    """What a reader found: architectures as often as they stand there, `values` `(columns, architectures)`.

    `rows` counts those left out as well; `ignored` and `notes` are as in `Report`.
    """

    gathered: RowReader
    columns: tuple[Column, ...]
    values: NDArray[np.float64]
    rows: int
    ignored: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def assemble(name: str, found: RawTable) -> AccuracyTable:
    """The table called `name`; `ValueError` for contradictions, numbers that are no accuracies, or nothing to keep."""
    population, places = found.gathered.population(), found.gathered.places
    columns, values, notes = list(found.columns), found.values.copy(), list(found.notes)
    for index, column in enumerate(columns):
        columns[index], values[index], note = _as_per_cent(column, values[index], places)
        notes += note
    rows, values = _each_once(population, columns, values, places)
    missing = np.isnan(found.values).sum(axis=1)
    kept = [index for index in range(len(columns)) if missing[index] < len(places)]
    ignored = [*found.ignored, *((columns[i].name, "it has no number") for i in range(len(columns)) if i not in kept)]
    if not kept:
        raise ValueError(f"no column of numbers{_because(ignored)}")
    if not any(columns[index].accuracy for index in kept):
        notes.append("No column is called an accuracy; a name such as test_accuracy would say so.")
    report = Report(
        rows=found.rows,
        foreign=found.gathered.foreign,
        first_foreign=tuple(found.gathered.first_foreign),
        duplicates=len(places) - len(rows),
        empty=tuple((columns[index].name, int(missing[index])) for index in kept if missing[index]),
        ignored=tuple(ignored),
        notes=tuple(notes),
    )
    return AccuracyTable(name, population.take(rows), tuple(columns[index] for index in kept), values[kept], report)


def _because(ignored: Sequence[tuple[str, str]]) -> str:
    reasons = [f"column {quoted(name)}: {why}" for name, why in ignored[:_SHOWN_ROWS]]
    return f"; {'; '.join(reasons)}" if reasons else " beside the architectures"


def _each_once(
    population: Population, columns: Sequence[Column], values: NDArray[np.float64], places: Sequence[str]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The rows where an architecture stands first, and its numbers, the missing ones from later rows."""
    _, first, which = np.unique(population.keys(), return_index=True, return_inverse=True)
    order = np.argsort(which, kind="stable")
    starts = np.searchsorted(which[order], np.arange(len(first)))
    least = np.fmin.reduceat(values[:, order], starts, axis=1)
    clashes = np.argwhere(least < np.fmax.reduceat(values[:, order], starts, axis=1))
    if len(clashes):
        index, group = clashes[np.argmin(first[clashes[:, 1]])]
        raise _contradiction(columns[index], values[index], np.flatnonzero(which == group), places)
    in_order = np.argsort(first)
    return first[in_order], least[:, in_order]


def _contradiction(
    column: Column, values: NDArray[np.float64], rows: NDArray[np.int64], places: Sequence[str]
) -> ValueError:
    """What is wrong with `rows`, which are one architecture with different numbers."""
    one = next(row for row in rows if not np.isnan(values[row]))
    other = next(row for row in rows if values[row] != values[one] and not np.isnan(values[row]))
    return ValueError(
        f"{places[one]} and {places[other]} are the same architecture, but column {quoted(column.name)} has "
        f"{values[one]:.10g} and {values[other]:.10g}; one row an architecture is expected"
    )


def _as_per_cent(
    column: Column, values: NDArray[np.float64], places: Sequence[str]
) -> tuple[Column, NDArray[np.float64], list[str]]:
    """The numbers of an accuracy in per cent, and a note if they were fractions.

    `ValueError` if they are neither. A column whose name leaves it open is no accuracy if its numbers are none.
    """
    there = np.flatnonzero(~np.isnan(values))
    if not column.accuracy or not len(there):
        return column, values, []
    outside = there[(values[there] < 0) | (values[there] > 100)]
    if not is_accuracy_name(column.name) and (len(outside) or np.isin(values[there], (0, 1)).all()):
        return replace(column, accuracy=False, split=None, epochs=None, surrogate=False), values, []
    if len(outside):
        raise _wrong(column, values, places, outside[0], "an accuracy lies between 0 and 100 %")
    if values[there].max() <= 1:
        note = f"Column {quoted(column.name)} holds fractions; they were multiplied by 100."
        return column, values * 100, [note]
    fractions = there[_look_like_fractions(values[there], column.dataset)]
    if len(fractions):
        above = there[values[there] > 1]
        odd, others = (above, "fractions") if len(above) < len(fractions) else (fractions, "per cents")
        raise _wrong(column, values, places, odd[0], f"it stands among {others}; one scale for all is expected")
    return column, values, []


def _look_like_fractions(values: NDArray[np.float64], dataset: str | None) -> NDArray[np.bool_]:
    """Which of `values`, in per cent, are more likely fractions: at most 1, and not what guessing reaches.

    Where the dataset is not known, a number is let pass that as a fraction would lie far above all others.
    """
    small = (values > 0) & (values <= 1)
    if dataset in _CHANCE:
        return np.asarray(small & (np.abs(values / _CHANCE[dataset] - 1) > 0.2))
    return np.asarray(small & ((dataset is not None) | (100 * values <= 1.2 * values.max())))


def _wrong(column: Column, values: NDArray[np.float64], places: Sequence[str], row: int, expected: str) -> ValueError:
    return ValueError(f"{places[row]}, column {quoted(column.name)}: {values[row]:.10g} found; {expected}")
