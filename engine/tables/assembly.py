"""The step from the rows of a file to a table: every architecture once, accuracies in per cent, oddities counted."""

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
_PARSED_KEPT = 16_384
_MAX_SHOWN = 5
_CHANCE = {"CIFAR-100": 1.0, "ImageNet16-120": 100 / 120, "ImageNet": 0.1}
"""The accuracy of guessing in per cent, by dataset, where it is 1 % or less and so looks like a fraction."""


class RowReader:
    """The architectures in the rows of a file, read one by one; those of another space are counted and left out.

    They must be of `space`, and are read in its notation; where it is None, the first architecture decides. `places`
    says where in the file each stands; `first_foreign` are sentences about the first few that were left out.
    """

    def __init__(self, space: SearchSpace | None) -> None:
        self.space = space
        self.places: list[str] = []
        self.foreign = 0
        self.first_foreign: list[str] = []
        self._parse = lru_cache(_PARSED_KEPT)(partial(read_genotype, space=space))
        self._blocks: list[Population] = []
        self._waiting: list[Genotype] = []
        self._other_spaces: Counter[str] = Counter()  # by title

    def add(self, place: str, text: str) -> bool:
        """Read the architecture at `place`; return True for one of the space."""
        try:
            genotype = self._parse(text)
        except ValueError as error:
            return self.skip(place, str(error))
        if genotype.space != (self.space or genotype.space):
            self._other_spaces[genotype.space.title] += 1
            return self.skip(place, f"an architecture of {genotype.space.title}")
        self.space = genotype.space
        self.places.append(place)
        self._waiting.append(genotype)
        if len(self.places) > MAX_ROWS:
            raise ValueError(f"more than {MAX_ROWS:,} rows; so many are read")
        if len(self._waiting) == _BLOCK:
            self._encode()
        return True

    def skip(self, place: str, reason: str) -> bool:
        """Count the text at `place` as no architecture of the space, and return False."""
        self.foreign += 1
        if len(self.first_foreign) < _MAX_SHOWN:
            self.first_foreign.append(f"{place}: {reason}")
        return False

    def population(self) -> Population:
        """Return the architectures in order; `ValueError` if there are none, with the spaces or the text instead."""
        if not self.places:
            if self._other_spaces and self.space is not None:
                titles = " and ".join(self._other_spaces)
                raise ValueError(f"no row is an architecture of {self.space.title}; the rows are of {titles}")
            first = f"; {self.first_foreign[0]}" if self.first_foreign else ""
            raise ValueError(f"no row holds an architecture{first}")
        self._encode()
        return Population.joined(self._blocks)

    def _encode(self) -> None:
        if self._waiting:
            self._blocks.append(Population.of(self._waiting[0].space, self._waiting))
            self._waiting = []


def read_genotype(text: str, space: SearchSpace | None) -> Genotype:
    """Return the genotype in a text, of `space` where it can be read so, else of any; `ValueError` if of none."""
    if space is not None:
        with suppress(ValueError):
            return parse_genotype(text, space)
    return parse_genotype(text)


@dataclass(frozen=True, eq=False)
class RawTable:
    """A table as its file has it: an architecture as often as it stands there, `values` `(columns, architectures)`.

    `rows` counts those that were left out as well; `ignored` and `notes` are as in `Report`.
    """

    architectures: RowReader
    columns: tuple[Column, ...]
    values: NDArray[np.float64]
    rows: int
    ignored: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def assemble(name: str, raw: RawTable) -> AccuracyTable:
    """Return the table called `name`.

    `ValueError` for contradictions, numbers that are no accuracies, or a table without a number.
    """
    population, places = raw.architectures.population(), raw.architectures.places
    columns, values, notes = list(raw.columns), raw.values.copy(), list(raw.notes)
    for index, column in enumerate(columns):
        columns[index], values[index], more_notes = _to_per_cent(column, values[index], places)
        notes += more_notes
    rows, values = _merge_duplicates(population, columns, values, places)
    missing = np.isnan(raw.values).sum(axis=1)
    kept = [index for index in range(len(columns)) if missing[index] < len(places)]
    ignored = [*raw.ignored, *((columns[i].name, "it has no number") for i in range(len(columns)) if i not in kept)]
    if not kept:
        raise ValueError(f"no column of numbers{_reasons(ignored)}")
    if not any(columns[index].accuracy for index in kept):
        notes.append("No column is called an accuracy; a name such as test_accuracy would say so.")
    report = Report(
        rows=raw.rows,
        foreign=raw.architectures.foreign,
        first_foreign=tuple(raw.architectures.first_foreign),
        duplicates=len(places) - len(rows),
        empty=tuple((columns[index].name, int(missing[index])) for index in kept if missing[index]),
        ignored=tuple(ignored),
        notes=tuple(notes),
    )
    return AccuracyTable(name, population.take(rows), tuple(columns[index] for index in kept), values[kept], report)


def _reasons(ignored: Sequence[tuple[str, str]]) -> str:
    reasons = [f"column {quoted(name)}: {reason}" for name, reason in ignored[:_MAX_SHOWN]]
    return f"; {'; '.join(reasons)}" if reasons else " beside the architectures"


def _merge_duplicates(
    population: Population, columns: Sequence[Column], values: NDArray[np.float64], places: Sequence[str]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the rows where every architecture stands first, and its numbers, missing ones from its later rows.

    `(architectures,)` and `(columns, architectures)`; `ValueError` where rows of one architecture contradict.
    """
    _, first, groups = np.unique(population.keys(), return_index=True, return_inverse=True)
    order = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[order], np.arange(len(first)))
    least = np.fmin.reduceat(values[:, order], starts, axis=1)
    clashes = np.argwhere(least < np.fmax.reduceat(values[:, order], starts, axis=1))
    if len(clashes):
        index, group = clashes[np.argmin(first[clashes[:, 1]])]
        raise _contradiction_error(columns[index], values[index], np.flatnonzero(groups == group), places)
    in_order = np.argsort(first)
    return first[in_order], least[:, in_order]


def _contradiction_error(
    column: Column, values: NDArray[np.float64], rows: NDArray[np.int64], places: Sequence[str]
) -> ValueError:
    """Return the error for `rows` of one architecture with different numbers in a column."""
    first = next(row for row in rows if not np.isnan(values[row]))
    second = next(row for row in rows if values[row] != values[first] and not np.isnan(values[row]))
    return ValueError(
        f"{places[first]} and {places[second]} are the same architecture, but column {quoted(column.name)} has "
        f"{values[first]:.10g} and {values[second]:.10g}; one row an architecture is expected"
    )


def _to_per_cent(
    column: Column, values: NDArray[np.float64], places: Sequence[str]
) -> tuple[Column, NDArray[np.float64], list[str]]:
    """Return a column, its numbers in per cent if it is one of accuracies, and a note if they were fractions.

    `ValueError` if they are neither. A column whose name leaves it open is no accuracy if its numbers are none.
    """
    rows = np.flatnonzero(~np.isnan(values))
    if not column.accuracy or not len(rows):
        return column, values, []
    outside = rows[(values[rows] < 0) | (values[rows] > 100)]
    if not is_accuracy_name(column.name) and (len(outside) or np.isin(values[rows], (0, 1)).all()):
        return replace(column, accuracy=False, split=None, epochs=None, surrogate=False), values, []
    if len(outside):
        raise _number_error(column, values, places, outside[0], "an accuracy lies between 0 and 100 %")
    if values[rows].max() <= 1:
        note = f"Column {quoted(column.name)} holds fractions; they were multiplied by 100."
        return column, values * 100, [note]
    fractions = rows[_look_like_fractions(values[rows], column.dataset)]
    if len(fractions):
        above = rows[values[rows] > 1]
        odd, others = (above, "fractions") if len(above) < len(fractions) else (fractions, "per cents")
        expected = f"it stands among {others}; one scale for all is expected"
        raise _number_error(column, values, places, odd[0], expected)
    return column, values, []


def _look_like_fractions(values: NDArray[np.float64], dataset: str | None) -> NDArray[np.bool_]:
    """Return True for `values`, in per cent, that are more likely fractions: at most 1, and not the chance level.

    Where the dataset is not known, a number passes as per cent that as a fraction would lie far above all others.
    """
    small = (values > 0) & (values <= 1)
    if dataset in _CHANCE:
        return np.asarray(small & (np.abs(values / _CHANCE[dataset] - 1) > 0.2))
    return np.asarray(small & ((dataset is not None) | (100 * values <= 1.2 * values.max())))


def _number_error(
    column: Column, values: NDArray[np.float64], places: Sequence[str], row: int, expected: str
) -> ValueError:
    return ValueError(f"{places[row]}, column {quoted(column.name)}: {values[row]:.10g} found; {expected}")
