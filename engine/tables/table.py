"""Accuracies that others measured: a table of numbers over architectures, the meaning of its columns, its npz file."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from engine.common.errors import quoted, unknown_name
from engine.common.files import write_whole
from engine.genotypes.population import ABSENT, Population
from engine.spaces import get_space
from engine.spaces.fields import SpaceField, as_space_field

SCHEMA: Literal["freenas/accuracy-table@1"] = "freenas/accuracy-table@1"
SPLITS = ("train", "validation", "test")
FACTS = ("dataset", "split", "epochs")
"""The facts that stand beside every accuracy."""
MAX_EPOCHS = 100_000
_MAX_NAME, _MAX_DATASET = 200, 60


def _is_name(value: object, most: int) -> bool:
    """Return True for a printable text of at most `most` characters that is not blank."""
    return isinstance(value, str) and bool(value.strip()) and len(value) <= most and value.isprintable()


@dataclass(frozen=True)
class Column:
    """One column of numbers, called `name` in the file.

    An `accuracy` is in per cent, of networks trained for `epochs` and tested on a `split` of a `dataset`, each None
    where the file does not say; where `lower_is_better`, which may be so of any numbers, it is an error rate.
    `surrogate` marks numbers that a model predicted and no one measured. Raises `ValueError` for a value that cannot be
    meant.
    """

    name: str
    accuracy: bool
    dataset: str | None = None
    split: str | None = None
    epochs: int | None = None
    surrogate: bool = False
    lower_is_better: bool = False

    def __post_init__(self) -> None:
        if not _is_name(self.name, _MAX_NAME):
            raise ValueError(f"{quoted(self.name)} cannot name a column; a text of at most {_MAX_NAME} characters can")
        if self.dataset is not None and not _is_name(self.dataset, _MAX_DATASET):
            raise ValueError(
                f"column {quoted(self.name)}: {quoted(self.dataset)} cannot name a dataset; a short text can"
            )
        if self.split is not None and self.split not in SPLITS:
            raise unknown_name("split", self.split, SPLITS)
        if self.epochs is not None and not (type(self.epochs) is int and 0 < self.epochs <= MAX_EPOCHS):
            raise ValueError(
                f"column {quoted(self.name)}: {quoted(self.epochs)} epochs; "
                f"a whole number to {MAX_EPOCHS:,} is expected"
            )

    @property
    def missing(self) -> tuple[str, ...]:
        """Return those of dataset, split and epochs that are not stated of an accuracy; none for any other column."""
        return tuple(part for part in FACTS if self.accuracy and getattr(self, part) is None)

    @property
    def quantity(self) -> str:
        """Name the kind of number in a word: accuracy, error, or value."""
        return ("error" if self.lower_is_better else "accuracy") if self.accuracy else "value"

    @property
    def unit(self) -> str:
        """Return the unit of the numbers, nothing where it is not known."""
        return "%" if self.accuracy else ""

    @property
    def description(self) -> str:
        """Return the meaning of the numbers, for a caption: `CIFAR-10 test accuracy (%), 200 epochs`."""
        epochs = "epochs not stated" if self.epochs is None else f"{self.epochs} epoch{'s' * (self.epochs != 1)}"
        ends = ["predicted by a surrogate"] * self.surrogate + ["less is better"] * self.lower_is_better
        if not self.accuracy:
            facts = [*(part for part in (self.dataset, self.split) if part), *[epochs] * (self.epochs is not None)]
            return ", ".join([self.name, *facts, *ends])
        quantity = " ".join([*(part for part in (self.dataset, self.split) if part), f"{self.quantity} (%)"])
        missing = [f"{part} not stated" for part in self.missing if part != "epochs"]
        text = ", ".join([quantity, *missing, epochs, *ends])
        return text if self.dataset else text[0].upper() + text[1:]

    def worth(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return `values` so that more is better, those of which less is better with the other sign.

        What comes of such numbers is turned back in the same way.
        """
        return -values if self.lower_is_better else values


@dataclass(frozen=True)
class Report:
    """The report of reading a file.

    `rows` were read; `foreign` of them are not of the space, the first few of them in `first_foreign`; `duplicates`
    repeat an architecture with the same numbers. `empty` counts the missing numbers by column, `ignored` holds the
    columns that were not read and the reasons, `notes` are sentences about changed numbers and other things to know.
    """

    rows: int
    foreign: int = 0
    first_foreign: tuple[str, ...] = ()
    duplicates: int = 0
    empty: tuple[tuple[str, int], ...] = ()
    ignored: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def sentences(self) -> list[str]:
        """Return the report for people, a sentence a line."""
        lines = [f"Rows read: {self.rows:,}."]
        if self.foreign:
            lines.append(f"Rows left out, not of this space: {self.foreign:,} ({'; '.join(self.first_foreign)}).")
        if self.duplicates:
            lines.append(f"Rows that repeat an architecture with the same numbers: {self.duplicates:,}.")
        lines += [f"Numbers missing in column {quoted(name)}: {count:,}." for name, count in self.empty]
        lines += [f"Column {quoted(name)} ignored: {reason}." for name, reason in self.ignored]
        return lines + list(self.notes)


@dataclass(frozen=True, eq=False)
class AccuracyTable:
    """Numbers that a user brought, for some or all architectures of a space.

    `population` holds every architecture once; `values` `(columns, architectures)` is nan where the table has no
    number. `name` is that of the file.
    """

    name: str
    population: Population
    columns: tuple[Column, ...]
    values: NDArray[np.float64]
    report: Report

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.name}: two columns have the same name")
        if self.values.shape != (len(names), len(self.population)):
            raise ValueError(
                f"{self.name}: {self.values.shape} numbers for {len(names)} x {len(self.population)} fields"
            )

    def column(self, name: str) -> Column:
        """Return the column called `name`; `ValueError` names the value and what is allowed."""
        return self.columns[self._index(name)]

    def of(self, name: str) -> NDArray[np.float64]:
        """Return the numbers of the column called `name`, `(architectures,)`; `ValueError` as in `column`."""
        return np.asarray(self.values[self._index(name)])

    def accuracies(self) -> tuple[Column, ...]:
        """Return the columns that are accuracies or error rates."""
        return tuple(column for column in self.columns if column.accuracy)

    def annotated(
        self,
        name: str,
        *,
        dataset: str | None = None,
        split: str | None = None,
        epochs: int | None = None,
        accuracy: bool | None = None,
        lower_is_better: bool | None = None,
    ) -> AccuracyTable:
        """Return this table with more facts about the column called `name`; None leaves a fact as it is.

        Numbers to 1 that become accuracies are fractions, and multiplied by 100. `ValueError` for an unknown column,
        split, or a value that cannot be meant.
        """
        index = self._index(name)
        facts: dict[str, Any] = {
            "dataset": dataset,
            "split": split,
            "epochs": epochs,
            "accuracy": accuracy,
            "lower_is_better": lower_is_better,
        }
        column = replace(self.columns[index], **{fact: value for fact, value in facts.items() if value is not None})
        values = self.values
        if column.accuracy and not self.columns[index].accuracy:
            values = values.copy()
            values[index] = _in_per_cent(name, values[index])
        return replace(self, columns=(*self.columns[:index], column, *self.columns[index + 1 :]), values=values)

    def lookup(self, population: Population, name: str) -> NDArray[np.float64]:
        """Return the numbers in the column called `name` for a population, nan where the table has none.

        `ValueError` for an unknown column or a population of another space.
        """
        if population.space != self.population.space:
            raise ValueError(
                f"{self.name} holds architectures of {self.population.space.title}, "
                f"those looked up are of {population.space.title}"
            )
        padded = np.append(self.of(name), np.nan)  # the row of an absent architecture, -1, finds the nan
        return np.asarray(padded[self.population.rows_of(population)])

    def save(self, path: Path) -> None:
        """Write the table as npz, all at once or not at all."""
        about = _About(self.name, as_space_field(self.population.space), self.columns, self.report)
        packed = io.BytesIO()
        np.savez(packed, about=about.to_bytes(), operations=self.population.operations, values=self.values)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, packed.getvalue())

    @classmethod
    def load(cls, path: Path) -> AccuracyTable:
        """Read a table that `save` wrote; nothing in it is executed. `ValueError` for a damaged or another file."""
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                about = _About.from_bytes(arrays["about"])
                operations, values = arrays["operations"], arrays["values"]
            return cls._from_arrays(about, operations, values)
        except Exception:  # whatever numpy, zipfile and pydantic raise on bytes that are not theirs
            raise ValueError(f"{path.name} is damaged or no table of this program") from None

    @classmethod
    def _from_arrays(cls, about: _About, operations: NDArray[np.int8], values: NDArray[np.float64]) -> AccuracyTable:
        space = get_space(about.space)
        widths = [times * len(space.edges) for times in range(1, space.multiplicity + 1)]
        if operations.dtype != np.int8 or operations.ndim != 3 or len(operations) != len(space.cell_types):
            raise ValueError("the table of operations has another shape")
        if operations.shape[2] not in widths:
            raise ValueError("the table of operations has another number of edges")
        if operations.size and not ABSENT <= operations.min() <= operations.max() < len(space.operations):
            raise ValueError("the table of operations holds unknown operations")
        if values.dtype != np.float64:
            raise ValueError("the numbers are not of double precision")
        return cls(about.name, Population(space, operations), about.columns, values, about.report)

    def _index(self, name: str) -> int:
        names = [column.name for column in self.columns]
        if name in names:
            return names.index(name)
        if reason := dict(self.report.ignored).get(name):
            raise ValueError(f"column {quoted(name)} of {self.name} is not read: {reason}")
        raise unknown_name("column", name, names)


def _in_per_cent(name: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return numbers that are said to be accuracies in per cent; `ValueError` where they cannot be."""
    least, most = np.nanmin(values), np.nanmax(values)
    if least < 0 or most > 100:
        odd = least if least < 0 else most
        raise ValueError(f"column {quoted(name)} holds {odd:.10g}; an accuracy lies between 0 and 100 %")
    return values * 100 if most <= 1 else values


@dataclass(frozen=True)
class _About:
    """The part of an npz file that is no array: JSON text as bytes."""

    name: str
    space: SpaceField
    columns: tuple[Column, ...]
    report: Report
    schema: Literal["freenas/accuracy-table@1"] = SCHEMA

    def to_bytes(self) -> NDArray[np.uint8]:
        """Return the JSON text as an array of bytes."""
        return np.frombuffer(_ABOUT.dump_json(self), dtype=np.uint8)

    @classmethod
    def from_bytes(cls, content: NDArray[np.uint8]) -> _About:
        """Read the JSON text in an array of bytes; `ValueError` for any other."""
        return _ABOUT.validate_json(content.tobytes())


_ABOUT = TypeAdapter(_About)
