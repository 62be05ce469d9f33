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
from engine.genotypes.genotype import Genotype, ReadGenotype, parse_with_notes
from engine.genotypes.population import Population
from engine.spaces import SearchSpace
from engine.tables.metadata import is_accuracy_name, names_less
from engine.tables.table import AccuracyTable, Column, Report

MAX_ROWS = 1_000_000
MAX_COLUMNS = 1_000
MAX_FIELDS = 5_000_000
"""The most rows times columns that are read."""
_BLOCK = 8192
_PARSED_KEPT = 16_384
_MAX_SHOWN = 5
LONGEST_ARCHITECTURE = 20_000
"""The most characters of an architecture that is no JSON."""
_CHANCE = {
    "CIFAR-100": 1.0,
    "CIFAR-100-C": 1.0,
    "Tiny-ImageNet": 0.5,
    "ImageNet16-120": 100 / 120,
    "ImageNet": 0.1,
    "ImageNet-V2": 0.1,
    "ImageNet-C": 0.1,
    "ImageNet-100": 1.0,
}
"""The accuracy of guessing in per cent, by dataset, where it is 1 % or less and so looks like a fraction."""


def check_size(rows: int, columns: int) -> None:
    """Raise `ValueError` for a table of more rows, columns, or fields than are read."""
    if rows > MAX_ROWS or columns > MAX_COLUMNS or rows * columns > MAX_FIELDS:
        raise ValueError(
            f"{rows:,} rows and {columns:,} columns; at most {MAX_ROWS:,}, {MAX_COLUMNS:,}, and {MAX_FIELDS:,} fields "
            "are read"
        )


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
        self._notes: Counter[str] = Counter()
        self._blocks: list[Population] = []
        self._waiting: list[Genotype] = []
        self._other_spaces: Counter[str] = Counter()  # by title

    def add(self, place: str, text: str) -> bool:
        """Read the architecture at `place`; return True for one of the space."""
        try:
            read = self._parse(text)
        except ValueError as error:
            return self.skip(place, str(error))
        genotype = read.genotype
        if genotype.space != (self.space or genotype.space):
            self._other_spaces[genotype.space.title] += 1
            return self.skip(place, f"an architecture of {genotype.space.title}")
        self.space = genotype.space
        self._notes.update(read.notes)
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

    @property
    def notes(self) -> list[str]:
        """Return sentences on what of the texts was chosen or left out, the most frequent ones."""
        common = self._notes.most_common(_MAX_SHOWN)
        return [f"Architectures, {note}: {count:,} row{'s' * (count != 1)}." for note, count in common]

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


def read_genotype(text: str, space: SearchSpace | None) -> ReadGenotype:
    """Return the genotype in a text, of `space` where it can be read so, else of any, with notes on the reading.

    `ValueError` if it is of none, or a long text that is no document.
    """
    if len(text) > LONGEST_ARCHITECTURE and not text.lstrip().startswith("{"):
        raise ValueError(f"a text of {len(text):,} characters; an architecture has at most {LONGEST_ARCHITECTURE:,}")
    if space is not None:
        with suppress(ValueError):
            return parse_with_notes(text, space)
    return parse_with_notes(text)


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
    """Return the table called `name`; a column that contradicts itself is left out, with the reason in the report.

    `ValueError` for a table without an architecture, or without a number.
    """
    population, places = raw.architectures.population(), raw.architectures.places
    first, groups = _groups(population)
    columns, values, empty, ignored, notes = [], [], [], list(raw.ignored), list(raw.notes)
    for raw_column, numbers in zip(raw.columns, raw.values, strict=True):
        try:
            column, numbers, more_notes = _to_per_cent(raw_column, numbers, places)
            merged = _merge_duplicates(numbers, groups, places)
        except ValueError as error:
            ignored.append((raw_column.name, str(error)))
            continue
        missing = int(np.isnan(numbers).sum())
        if missing == len(places):
            ignored.append((column.name, "it has no number"))
            continue
        columns.append(column)
        values.append(merged)
        empty += [(column.name, missing)] * bool(missing)
        notes += more_notes
    if not columns:
        raise ValueError(f"no column of numbers{_reasons(ignored)}")
    if not any(column.accuracy for column in columns):
        notes.append("No column is called an accuracy; a name such as test_accuracy would say so.")
    report = Report(
        rows=raw.rows,
        foreign=raw.architectures.foreign,
        first_foreign=tuple(raw.architectures.first_foreign),
        duplicates=len(places) - len(first),
        empty=tuple(empty),
        ignored=tuple(ignored),
        notes=tuple(notes),
    )
    return AccuracyTable(name, population.take(first), tuple(columns), np.array(values), report)


def _reasons(ignored: Sequence[tuple[str, str]]) -> str:
    reasons = [f"column {quoted(name)}: {reason}" for name, reason in [*dict.fromkeys(ignored)][:_MAX_SHOWN]]
    return f"; {'; '.join(reasons)}" if reasons else " beside the architectures"


def _groups(population: Population) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows where every architecture stands first, and for every row the place of its architecture there."""
    _, first, groups = np.unique(population.keys(), return_index=True, return_inverse=True)
    order = np.argsort(first)
    return first[order], np.argsort(order)[groups]


def _merge_duplicates(
    values: NDArray[np.float64], groups: NDArray[np.int64], places: Sequence[str]
) -> NDArray[np.float64]:
    """Return a number for every architecture, missing ones from its later rows, `(architectures,)`.

    `ValueError` where rows of one architecture contradict.
    """
    least, most = (np.full(groups.max() + 1, np.nan) for _ in range(2))
    np.fmin.at(least, groups, values)
    np.fmax.at(most, groups, values)
    clashes = np.flatnonzero(least < most)
    if len(clashes):
        raise _contradiction_error(values, np.flatnonzero(groups == clashes[0]), places)
    return least


def _contradiction_error(values: NDArray[np.float64], rows: NDArray[np.int64], places: Sequence[str]) -> ValueError:
    """Return the error for `rows` of one architecture with different numbers in a column."""
    first = next(row for row in rows if not np.isnan(values[row]))
    second = next(row for row in rows if values[row] != values[first] and not np.isnan(values[row]))
    return ValueError(
        f"{places[first]} and {places[second]} are the same architecture, but it has "
        f"{values[first]:.10g} and {values[second]:.10g}; one row an architecture is expected"
    )


def _to_per_cent(
    column: Column, values: NDArray[np.float64], places: Sequence[str]
) -> tuple[Column, NDArray[np.float64], list[str]]:
    """Return a column, its numbers in per cent if it is one of accuracies, and notes on what was changed or guessed.

    `ValueError` if they are neither. A column whose name leaves it open is no accuracy if its numbers are none.
    """
    notes = [_direction_note(column)] * column.lower_is_better
    rows = np.flatnonzero(~np.isnan(values))
    if not column.accuracy or not len(rows):
        return column, values, notes
    outside = rows[(values[rows] < 0) | (values[rows] > 100)]
    if not is_accuracy_name(column.name) and (len(outside) or np.isin(values[rows], (0, 1)).all()):
        return replace(column, accuracy=False, split=None, epochs=None, surrogate=False), values, notes
    if len(outside):
        raise _number_error(values, places, outside[0], "an accuracy lies between 0 and 100 %")
    if values[rows].max() <= 1:
        notes.append(f"Column {quoted(column.name)} holds fractions; they were multiplied by 100.")
        return column, values * 100, notes
    fractions = rows[_look_like_fractions(values[rows], column)]
    if len(fractions):
        above = rows[values[rows] > 1]
        odd, others = (above, "fractions") if len(above) < len(fractions) else (fractions, "per cents")
        raise _number_error(values, places, odd[0], f"it stands among {others}; one scale for all is expected")
    return column, values, notes


def _direction_note(column: Column) -> str:
    reason = ", as its name says" if names_less(column.name) else ""
    return f"Column {quoted(column.name)}: less is better{reason}."


def _look_like_fractions(values: NDArray[np.float64], column: Column) -> NDArray[np.bool_]:
    """Return True for `values`, in per cent, that are more likely fractions: at most 1, and not the chance level.

    Where the dataset is not known, a number passes as per cent that as a fraction would lie far above all others. An
    error rate may be as small as it likes.
    """
    small = (values > 0) & (values <= 1) & (not column.lower_is_better)
    if column.dataset in _CHANCE:
        return np.asarray(small & (np.abs(values / _CHANCE[column.dataset] - 1) > 0.2))
    return np.asarray(small & ((column.dataset is not None) | (100 * values <= 1.2 * values.max())))


def _number_error(values: NDArray[np.float64], places: Sequence[str], row: int, expected: str) -> ValueError:
    return ValueError(f"{places[row]}: {values[row]:.10g} found; {expected}")
