"""Accuracies that others measured: one table of numbers over architectures, and what its columns mean."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.common.errors import quoted, unknown_name
from engine.common.files import write_whole
from engine.genotypes.population import ABSENT, Population
from engine.spaces import get_space

SCHEMA = "freenas/accuracy-table@1"
SPLITS = ("train", "validation", "test")
MAX_EPOCHS = 100_000
_MAX_NAME, _MAX_DATASET = 200, 60


def _is_name(value: object, most: int) -> bool:
    """Whether it is a text that can be seen, of `most` characters."""
    return isinstance(value, str) and bool(value.strip()) and len(value) <= most and value.isprintable()


@dataclass(frozen=True)
class Column:
    """One column of numbers.

    `name` is as in the file. An `accuracy` is in per cent; `dataset`, `split` and `epochs` say of what, and are None
    where the file does not say. `surrogate` marks numbers that a model predicted and no one measured. `ValueError` for
    a value that cannot be meant.
    """

    name: str
    accuracy: bool
    dataset: str | None = None
    split: str | None = None
    epochs: int | None = None
    surrogate: bool = False

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
                f"column {quoted(self.name)}: {quoted(self.epochs)} epochs; a whole number to {MAX_EPOCHS:,} is expected"
            )

    @property
    def complete(self) -> bool:
        """Whether nothing need be asked: dataset, split and epochs of an accuracy are known."""
        return not self.accuracy or None not in (self.dataset, self.split, self.epochs)

    @property
    def said(self) -> str:
        """What the numbers are, for a caption: `CIFAR-10 test accuracy (%), 200 epochs`."""
        if not self.accuracy:
            return self.name
        what = " ".join([*(part for part in (self.dataset, self.split) if part), "accuracy (%)"])
        epochs = "epochs not known" if self.epochs is None else f"{self.epochs} epoch{'s' * (self.epochs != 1)}"
        missing = [f"{part} not known" for part in ("dataset", "split") if getattr(self, part) is None]
        text = ", ".join([what, *missing, epochs, *["predicted by a surrogate"] * self.surrogate])
        return text if self.dataset else text[0].upper() + text[1:]


@dataclass(frozen=True)
class Report:
    """What reading a file found.

    `rows` were read; `foreign` of them are not of the space, the first few of them in `first_foreign`; `duplicates`
    repeat an architecture with the same numbers. `empty` counts missing numbers by column, `ignored` says why a column
    was not read, `notes` are sentences about what was changed or must be known.
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
        """The report for people, a sentence a line."""
        lines = [f"Rows read: {self.rows:,}."]
        if self.foreign:
            lines.append(f"Rows left out, not of this space: {self.foreign:,} ({'; '.join(self.first_foreign)}).")
        if self.duplicates:
            lines.append(f"Rows that repeat an architecture with the same numbers: {self.duplicates:,}.")
        lines += [f"Numbers missing in column {quoted(name)}: {count:,}." for name, count in self.empty]
        lines += [f"Column {quoted(name)} ignored: {why}." for name, why in self.ignored]
        return lines + list(self.notes)


@dataclass(frozen=True, eq=False)
class AccuracyTable:
    """Numbers that a user brought, for some or all architectures of a space.

    `population` holds every architecture once; `values` `(columns, architectures)` is nan where the table has none.
    `name` is that of the file, `report` what reading it found.
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
        """The column called `name`; `ValueError` names the value and what is allowed."""
        return self.columns[self._place(name)]

    def of(self, name: str) -> NDArray[np.float64]:
        """The numbers of the column called `name`, `(architectures,)`; `ValueError` as in `column`."""
        return np.asarray(self.values[self._place(name)])

    def accuracies(self) -> tuple[Column, ...]:
        """The columns that are accuracies."""
        return tuple(column for column in self.columns if column.accuracy)

    def described(
        self, name: str, *, dataset: str | None = None, split: str | None = None, epochs: int | None = None
    ) -> AccuracyTable:
        """This table with more known of the column called `name`; None leaves what is there.

        `ValueError` for an unknown column, split, or a value that cannot be meant.
        """
        place = self._place(name)
        given = {
            key: value
            for key, value in (("dataset", dataset), ("split", split), ("epochs", epochs))
            if value is not None
        }
        changed = replace(self.columns[place], **given)  # type: ignore[arg-type]
        return replace(self, columns=(*self.columns[:place], changed, *self.columns[place + 1 :]))

    def lookup(self, population: Population, name: str) -> NDArray[np.float64]:
        """The number in the column called `name` for each of `population`, nan where the table has none.

        `ValueError` for an unknown column or a population of another space.
        """
        if population.space != self.population.space:
            raise ValueError(
                f"{self.name} holds architectures of {self.population.space.title}, "
                f"those looked up are of {population.space.title}"
            )
        padded = np.append(self.of(name), np.nan)  # the row of what is not there, -1, finds the nan
        return np.asarray(padded[self.population.rows_of(population)])

    def save(self, path: Path) -> None:
        """Write the table as npz, all at once or not at all."""
        data = {
            "schema": SCHEMA,
            "name": self.name,
            "space": self.population.space.reference,
            "columns": [asdict(column) for column in self.columns],
            "report": asdict(self.report),
        }
        about = np.frombuffer(json.dumps(data).encode(), dtype=np.uint8)
        packed = io.BytesIO()
        np.savez(packed, about=about, operations=self.population.operations, values=self.values)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, packed.getvalue())

    @classmethod
    def load(cls, path: Path) -> AccuracyTable:
        """Read what `save` wrote; nothing in it is executed. `ValueError` for a damaged or another file."""
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                data = json.loads(arrays["about"].tobytes())
                operations, values = arrays["operations"], arrays["values"]
            return cls._from(data, operations, values)
        except Exception:  # whatever numpy, zipfile and json raise on bytes that are not theirs
            raise ValueError(f"{path.name} is damaged or no table of this program") from None

    @classmethod
    def _from(cls, data: dict[str, Any], operations: NDArray[np.int8], values: NDArray[np.float64]) -> AccuracyTable:
        if data["schema"] != SCHEMA:
            raise ValueError(f"schema {quoted(data['schema'])} found, '{SCHEMA}' expected")
        described = get_space(data["space"])
        shape = (len(described.cell_types), len(described.edges))
        if operations.dtype != np.int8 or operations.ndim != 3 or operations.shape[::2] != shape:
            raise ValueError("the table of operations has another shape")
        if operations.size and not ABSENT <= operations.min() <= operations.max() < len(described.operations):
            raise ValueError("the table of operations holds unknown operations")
        if values.dtype != np.float64:
            raise ValueError("the numbers are not of double precision")
        columns = tuple(Column(**column) for column in data["columns"])
        return cls(data["name"], Population(described, operations), columns, values, _report(data["report"]))

    def _place(self, name: str) -> int:
        names = [column.name for column in self.columns]
        if name not in names:
            raise unknown_name("column", name, names)
        return names.index(name)


def _report(data: dict[str, Any]) -> Report:
    """The report in what JSON made of it: lists in place of tuples."""

    def frozen(value: Any) -> Any:
        return (
            tuple(frozen(each) for each in value)
            if isinstance(value, Sequence) and not isinstance(value, str)
            else value
        )

    return Report(**{field.name: frozen(data[field.name]) for field in fields(Report)})
