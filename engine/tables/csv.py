"""Tables as delimited text: a column of genotypes in any notation, and columns of numbers."""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from engine.common.errors import quoted
from engine.genotypes.genotype import begins_as_genotype, notations
from engine.spaces import OwnSpace, SearchSpace
from engine.tables.assembly import MAX_COLUMNS, MAX_ROWS, RawTable, RowReader, read_genotype
from engine.tables.metadata import guess_column

SUFFIXES = (".csv", ".tsv")
_DELIMITERS = (",", ";", "\t")
_SAMPLE = 200
_MAX_LINE = 1_000_000
Record = tuple[int, list[str]]
"""The number of a row as a spreadsheet counts it, the header being row 1, and its fields."""


def read(path: Path, space: SearchSpace | None) -> RawTable:
    """Read a table with one header row; `ValueError` names the row, the column, and the expectation."""
    delimiter, genotypes = _layout(path, space)
    records = _records(path, delimiter)
    header = _header(next(records)[1])
    numbers, ignored = _number_columns(header, genotypes, list(islice(_records(path, delimiter), 1, _SAMPLE + 1)))
    architectures, values, rows = RowReader(space), [array("d") for _ in numbers], 0
    for row, fields in records:
        rows += 1
        if len(fields) != len(header):
            raise ValueError(f"row {row}: {len(fields):,} found where the header has {len(header):,} fields")
        if architectures.add(f"row {row}", fields[genotypes]):
            for place, column in zip(numbers, values, strict=True):
                column.append(_number(fields[place], row, header[place]))
    columns = tuple(guess_column(header[place], path.name) for place in numbers)
    table = np.array([np.asarray(column) for column in values]).reshape(len(columns), len(architectures.places))
    return RawTable(architectures, columns, table, rows, ignored)


def _records(path: Path, delimiter: str) -> Iterator[Record]:
    """Yield the rows that are not empty; `ValueError` for a file that is no text or no table."""
    row = 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            lines = iter(lambda: file.readline(_MAX_LINE + 1), "")
            for fields in csv.reader(_checked_lines(lines), delimiter=delimiter):
                row += 1
                if row > MAX_ROWS + 1:
                    raise ValueError(f"more than {MAX_ROWS:,} rows; so many are read")
                if any(fields):
                    yield row, fields
        except UnicodeDecodeError:
            place = f" after row {row}" if row else ""
            raise ValueError(f"the text{place} is not UTF-8; a table is saved as CSV in UTF-8") from None
        except csv.Error as error:
            raise ValueError(f"row {row + 1} cannot be read: {error}") from None


def _checked_lines(lines: Iterator[str]) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        if len(line) > _MAX_LINE:
            raise ValueError(f"line {number} has more than {_MAX_LINE:,} characters; this is no table")
        if "\0" in line:
            raise ValueError(f"line {number} holds a NUL character; this is no text file")
        yield line


def _layout(path: Path, space: SearchSpace | None) -> tuple[str, int]:
    """Return the delimiter, and the index of the column of genotypes: the one with most of them in the first rows."""
    first_error, first_row, is_genotype = None, None, partial(_is_genotype, space=space)
    for delimiter in _DELIMITERS:
        try:
            sample = list(islice(_records(path, delimiter), _SAMPLE + 1))
        except ValueError as error:
            first_error = first_error or error
            continue
        first_row = first_row or (sample[1][1] if len(sample) > 1 else None)
        counts = [sum(map(is_genotype, column)) for column in _transposed(sample[1:])]
        if sample and any(map(is_genotype, sample[0][1])):
            raise ValueError("row 1 holds a genotype; a header with the names of the columns is expected there")
        if any(counts):
            return delimiter, counts.index(max(counts))
    if first_error:
        raise first_error
    if first_row is None:
        raise ValueError("no rows; a header and a row for each architecture are expected")
    raise ValueError(
        f"no column holds genotypes in the first {_SAMPLE} rows, "
        f"the first of which begins with {quoted(first_row[0], 30)}; a genotype begins with {notations()}"
    )


def _transposed(records: Sequence[Record]) -> list[list[str]]:
    """Return the columns of these rows, as many as the first of them has fields."""
    width = min(len(records[0][1]), MAX_COLUMNS) if records else 0
    return [[fields[place] for _, fields in records if place < len(fields)] for place in range(width)]


def _is_genotype(text: str, space: SearchSpace | None) -> bool:
    if not isinstance(space, OwnSpace) and not begins_as_genotype(text.lstrip("\ufeff \t\r\n")):
        return False
    try:
        return bool(read_genotype(text, space))
    except ValueError:
        return False


def _header(fields: list[str]) -> list[str]:
    """Return the names of the columns, blanks tidied; `ValueError` for too many, or a name that stands twice."""
    if len(fields) > MAX_COLUMNS:
        raise ValueError(f"the header names {len(fields):,} columns; at most {MAX_COLUMNS:,} are read")
    names = [" ".join(field.split()) for field in fields]
    for name in names:
        if name and names.count(name) > 1:
            raise ValueError(f"row 1 names two columns {quoted(name)}; each name may stand once")
    return names


def _number_columns(
    header: Sequence[str], genotypes: int, sample: Sequence[Record]
) -> tuple[list[int], tuple[tuple[str, str], ...]]:
    """Return the indices of the columns of numbers, and the names of the others with the reasons to ignore them."""
    numbers, ignored = [], []
    for place, name in enumerate(header):
        entries = [fields[place] for _, fields in sample if place < len(fields) and fields[place].strip()]
        texts = [text for text in entries if not _is_number(text)]
        if place == genotypes:
            continue
        if not name:
            ignored.append((f"column {place + 1}", "it has no name"))
        elif not entries:
            ignored.append((name, f"it is empty in the first {len(sample)} rows"))
        elif 2 * len(texts) >= len(entries):
            ignored.append((name, f"it holds text such as {quoted(texts[0])}"))
        else:
            numbers.append(place)
    return numbers, tuple(ignored)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text and text.isascii()


def _number(text: str, row: int, column: str) -> float:
    """Return the number in a field, nan for an empty one; `ValueError` for any other text."""
    if not text or text.isspace():
        return np.nan
    value = float(text) if _is_number(text) else np.nan
    if not np.isfinite(value):
        raise ValueError(
            f"row {row}, column {quoted(column)}: {quoted(text)} found; a finite number, or nothing, is expected"
        )
    return value
