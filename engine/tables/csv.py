"""Tables as delimited text: a header, perhaps below a title or comments, and a row for each architecture."""

from __future__ import annotations

import codecs
import csv
import re
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from engine.common.errors import quoted
from engine.common.text import marked_encoding
from engine.spaces import SearchSpace
from engine.tables.assembly import MAX_COLUMNS, MAX_FIELDS, MAX_ROWS, RawTable
from engine.tables.rows import (
    SAMPLE,
    Sheet,
    genotype_column,
    is_digits,
    is_genotype,
    no_genotypes,
    parse_number,
    read_sheet,
)

SUFFIXES = (".csv", ".tsv")
_DELIMITERS = (",", ";", "\t")
_DELIMITER_LINE = re.compile(r'"?sep=(.)"?\s*')
"""The first line of some spreadsheets, which names the delimiter."""
_MAX_LINE = 1_000_000
_WIDEST = 16_384
"""The most fields of a row, empty ones at its end included: those of a spreadsheet."""
_CHUNK = 1 << 20
_WINDOWS = "cp1252"
_UNITS = frozenset(
    (
        *("%", "percent", "pct", "s", "sec", "secs", "seconds", "ms", "us", "µs", "min", "minutes", "h", "hours", "d"),
        *("k", "m", "mio", "g", "kb", "mb", "gb", "mib", "flops", "mflops", "gflops", "macs", "mmacs", "j", "w", "wh"),
        *("str", "string", "text", "int", "integer", "float", "double", "epochs"),
    )
)
"""Units, and kinds of values, in lower case, as some tables have them in a row below the header."""
_NO_UNITS = frozenset(("", "-", "–", "—", "1", "#", "none", "n/a", "a.u."))
"""The marks of columns that have no unit."""
Record = tuple[int, list[str]]
"""The number of a row as a spreadsheet counts it, from 1, and its fields."""


@dataclass(frozen=True)
class _Text:
    """A file of delimited text: where it is, its encoding, and its delimiter."""

    path: Path
    encoding: str
    delimiter: str

    def records(self) -> Iterator[Record]:
        """Yield the rows that are not empty; `ValueError` for a file that is no text or no table."""
        row = count = 0
        with self.path.open(encoding=self.encoding, newline="") as file:
            try:
                lines = iter(lambda: file.readline(_MAX_LINE + 1), "")
                for fields in csv.reader(_checked_lines(lines), delimiter=self.delimiter):
                    row, count = row + 1, count + len(fields)
                    _check_bounds(row, len(fields), count)
                    if any(fields):
                        yield row, fields
            except UnicodeDecodeError:
                place = f" after row {row}" if row else ""
                raise ValueError(f"the text{place} is not UTF-8; a table is saved as CSV in UTF-8") from None
            except csv.Error as error:
                raise ValueError(f"row {row + 1} cannot be read: {error}") from None

    def check(self) -> None:
        """Raise `ValueError` for a file that is no table, or too large, which takes a tenth of reading its numbers."""
        deque(self.records(), maxlen=0)


@dataclass
class _Layout:
    """The way a file is laid out: its text, the row of its header, the names there, and the rows above.

    `units` is the row of units between the header and the first architecture, if there is one; `comments` counts those
    that the last reading of the rows came by.
    """

    text: _Text
    row: int
    header: list[str]
    above: list[Record]
    units: Record | None = None
    comments: int = 0

    def rows(self) -> Iterator[tuple[str, list[str]]]:
        """Yield the rows below the header; `ValueError` for one with more or fewer fields than the header."""
        width = len(self.header)
        self.comments = 0
        for row, fields in self.text.records():
            if row <= self.row or (self.units is not None and row == self.units[0]):
                continue
            if fields[0].startswith("#"):
                self.comments += 1
                continue
            if len(fields) > width and not any(fields[width:]):
                fields = fields[:width]
            if len(fields) != width:
                raise ValueError(f"row {row}: {len(fields):,} found where the header has {width:,} fields")
            yield f"row {row}", fields

    @property
    def notes(self) -> list[str]:
        """Return sentences about what was skipped, and on the encoding."""
        notes = []
        if self.above:
            row, fields = self.above[0]
            text = self._quoted(fields)
            others = f" and {len(self.above) - 1:,} more" * (len(self.above) > 1)
            notes.append(f"Skipped above the header: row {row}, {text}{others}.")
        if self.units is not None:
            row, fields = self.units
            notes.append(f"Skipped below the header: row {row} of units, {self._quoted(fields)}.")
        if self.comments:
            notes.append(f"Comments skipped below the header: {self.comments:,}.")
        if self.text.encoding == _WINDOWS:
            notes.append("The text is not UTF-8; it was read as that of Windows (code page 1252).")
        return notes

    def _quoted(self, fields: Sequence[str]) -> str:
        return quoted(self.text.delimiter.join(fields), 40)


def read(path: Path, space: SearchSpace | None) -> RawTable:
    """Read a table with one header row; `ValueError` names the row, the column, and the expectation."""
    layout, genotypes = _layout(path, _encoding(path), space)
    layout.text.check()
    sheet = Sheet(layout.header, layout.rows, genotypes, comma=layout.text.delimiter != ",")
    raw = read_sheet(sheet, path.name, space)
    return replace(raw, notes=(*layout.notes, *raw.notes))


def _encoding(path: Path) -> str:
    """Return the encoding of a file: that of its first bytes, UTF-8 if all of it can be that, or that of Windows."""
    with path.open("rb") as file:
        if (marked := marked_encoding(file.read(4))) is not None:
            return marked
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            for chunk in iter(lambda: file.read(_CHUNK), b""):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return _WINDOWS
    return "utf-8"


def _check_bounds(row: int, width: int, count: int) -> None:
    """Raise `ValueError` for too many rows, fields in one of them, or fields in all that were read so far."""
    if row > MAX_ROWS + 1:
        raise ValueError(f"more than {MAX_ROWS:,} rows; so many are read")
    if width > _WIDEST:
        raise ValueError(f"row {row} has {width:,} fields; at most {MAX_COLUMNS:,} are read")
    if count > MAX_FIELDS:
        raise ValueError(f"more than {MAX_FIELDS:,} fields; so many are read")


def _checked_lines(lines: Iterator[str]) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        if len(line) > _MAX_LINE:
            raise ValueError(f"line {number} has more than {_MAX_LINE:,} characters; this is no table")
        if "\0" in line:
            raise ValueError(f"line {number} holds a NUL character; this is no text file")
        yield line


def _layout(path: Path, encoding: str, space: SearchSpace | None) -> tuple[_Layout, int]:
    """Return the layout by the first delimiter that parts genotypes from other columns, and the column of these."""
    alone: tuple[_Layout, int] | None = None
    first_error, sample = None, list[list[str]]()
    for delimiter in _delimiters(path, encoding):
        text = _Text(path, encoding, delimiter)
        try:
            records = list(islice(text.records(), SAMPLE + 1))
            sample = sample or [fields for _, fields in records[1:]]
            place = _first_architecture(records, space)
            if not place:
                continue
            layout = _below(text, records[: place + 1])
            rows = [fields for _, fields in islice(layout.rows(), SAMPLE)]
        except ValueError as error:
            first_error = first_error or error
            continue
        genotypes = genotype_column(layout.header, rows, space)
        if genotypes is not None and len(layout.header) > 1:
            return layout, genotypes
        if genotypes is not None:
            alone = alone or (layout, genotypes)
    if first_error is None and alone is not None:
        return alone
    raise first_error or no_genotypes(sample)


def _delimiters(path: Path, encoding: str) -> Sequence[str]:
    """Return the delimiters that a file may have: the one that its first line names, or all."""
    with path.open(encoding=encoding, newline="") as file, suppress(UnicodeError):
        named = _DELIMITER_LINE.fullmatch(file.readline(_CHUNK))
        return (named[1],) if named else _DELIMITERS
    return _DELIMITERS


def _first_architecture(records: Sequence[Record], space: SearchSpace | None) -> int | None:
    """Return the place of the first row with a genotype, or else with bare digits; None where there is none.

    `ValueError` where the first row of all holds a genotype.
    """
    rows = [fields[:MAX_COLUMNS] for _, fields in records]
    clear = next((place for place, fields in enumerate(rows) if any(_is_clear(text, space) for text in fields)), None)
    if clear == 0:
        raise ValueError("row 1 holds a genotype; a header with the names of the columns is expected there")
    if clear:
        return clear
    return next((place for place, fields in enumerate(rows) if place and any(map(is_digits, fields))), None)


def _is_clear(text: str, space: SearchSpace | None) -> bool:
    return not is_digits(text) and is_genotype(text, space)


def _below(text: _Text, records: Sequence[Record]) -> _Layout:
    """Return the layout whose header is one of `records`, all rows to the first with an architecture.

    It is the last one without a number; a comment is none if there is another. `ValueError` where no row fits.
    """
    fields = records[-1][1]
    fitting = [record for record in records[:-1] if _fits(record[1], fields)]
    plain = [record for record in fitting if not record[1][0].startswith("#")] or fitting
    if not plain:
        row, header = records[0]
        raise ValueError(
            f"row {records[-1][0]} has {len(fields):,} fields, the first with a genotype, and no row above it names as "
            f"many columns; row {row} has {len(header):,}"
        )
    named = [record for record in plain if not _are_units(record[1])] or plain
    row, header = next((record for record in reversed(named) if not any(map(_is_datum, record[1]))), named[0])
    if len(header) > MAX_COLUMNS:
        raise ValueError(f"the header names {len(header):,} columns; at most {MAX_COLUMNS:,} are read")
    above = [record for record in records[:-1] if record[0] < row]
    units = next((record for record in plain if record[0] > row and _are_units(record[1])), None)
    return _Layout(text, row, [header[0].removeprefix("#").lstrip(), *header[1:]], above, units)


def _fits(header: Sequence[str], fields: Sequence[str]) -> bool:
    """Return True for a row that may name the columns of `fields`, and is no title with nothing beside it."""
    names = sum(bool(name.strip()) for name in header)
    titled = names == 1 and header[0].strip() and len(header) > 1
    return len(header) <= len(fields) and not any(fields[len(header) :]) and not titled


def _are_units(fields: Sequence[str]) -> bool:
    """Return True for a row of units, such as `-, [%], [s]`, or of kinds of values."""
    texts = [text.strip(" \t[](){}").lower() for text in fields]
    return any(text in _UNITS for text in texts) and all(text in _UNITS | _NO_UNITS for text in texts)


def _is_datum(text: str) -> bool:
    """Return True for a number, or a word in place of one."""
    if not text.strip():
        return False
    try:
        return parse_number(text) is not None
    except ValueError:
        return False
