"""Lists of architectures as text: one a line in any notation, or in the first column of delimited text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from engine.common.errors import quoted
from engine.common.work import Work
from engine.genotypes.population import Population
from engine.spaces import SearchSpace
from engine.tables.assembly import RowReader
from engine.tables.rows import SAMPLE, is_genotype

_DELIMITERS = (",", ";", "\t")
_LINES_AT_ONCE = 500
"""Lines between two reports of the progress."""
_HEADER = re.compile(r"[^|~(\[{]{0,200}")
"""The name of a column, which holds no sign that genotypes have."""


@dataclass(frozen=True, eq=False)
class ArchitectureList:
    """Architectures in the order of a text, the lines that they stand in, from 1, and sentences on their reading.

    An architecture stands there as often as in the text; `skipped` counts the lines that were wrong.
    """

    population: Population
    lines: tuple[int, ...]
    skipped: int = 0
    notes: tuple[str, ...] = ()


def read_list(
    text: str,
    space: SearchSpace | None,
    *,
    delimited: bool = False,
    skip_wrong: bool = False,
    work: Work | None = None,
) -> ArchitectureList:
    """Read a list of architectures of `space`, where it is None of the space of the first.

    Empty lines, and those that begin with `#`, are passed over; `delimited` text, or one with the names of columns in
    its first line, has the architectures in its first column. `ValueError` for a text without any, and in one sentence
    with line and value for a line that is wrong, unless these are to be skipped. `work` counts lines.
    """
    reader, lines, work = RowReader(space), list[int](), work or Work()
    work.begin(text.count("\n") + 1)
    delimited = delimited or _names_columns(next(_lines(text), (0, ""))[1], space)
    for line, field in _first_fields(text, space) if delimited else _lines(text):
        if reader.add(f"line {line}", field):
            lines.append(line)
        elif not skip_wrong:
            raise _wrong_line(reader.first_foreign[0], line, field)
        if line - work.done >= _LINES_AT_ONCE:
            work.check()
            work.step(line - int(work.done))
    population = reader.population()
    notes = list(reader.notes)
    if reader.foreign:
        notes.append(f"Skipped as no architectures of {population.space.title}: {_counted(reader)}.")
    return ArchitectureList(population, tuple(lines), reader.foreign, tuple(notes))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for line, content in enumerate(text.split("\n"), start=1):
        bare = content.strip().removeprefix("\ufeff")
        if bare and not bare.startswith("#"):
            yield line, bare


def _names_columns(line: str, space: SearchSpace | None) -> bool:
    """Return True for a line with the names of several columns."""
    return bool(any(sign in line for sign in _DELIMITERS) and _HEADER.fullmatch(line) and not is_genotype(line, space))


def _first_fields(text: str, space: SearchSpace | None) -> Iterator[tuple[int, str]]:
    """Yield the first field of every row, by the delimiter that leaves most genotypes there, without a header."""
    counts = [
        sum(is_genotype(field, space) for _, field in islice(_rows(text, delimiter), SAMPLE))
        for delimiter in _DELIMITERS
    ]
    rows = _rows(text, _DELIMITERS[counts.index(max(counts))])
    for row, (line, field) in enumerate(rows):
        if row or is_genotype(field, space) or not _HEADER.fullmatch(field):
            yield line, field


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, str]]:
    """Yield the line where a row begins and its first field, of rows that hold one and are no comments."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    try:
        for fields in reader:
            field = fields[0].strip().removeprefix("\ufeff") if fields else ""
            if field and not field.startswith("#"):
                yield line, field
            line = reader.line_num + 1
    except csv.Error as error:
        raise ValueError(f"line {line} cannot be read: {error}") from None


def _wrong_line(message: str, line: int, text: str) -> ValueError:
    """Return the error for a line, with what stands there."""
    value = quoted(text, 40)
    return ValueError(
        message if value in message else f"line {line}, {value}: {message.removeprefix(f'line {line}: ')}"
    )


def _counted(reader: RowReader) -> str:
    return f"{reader.foreign:,} line{'s' * (reader.foreign != 1)}, the first of them {reader.first_foreign[0]}"
