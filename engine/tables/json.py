"""Tables as JSON: records, lines, columns, or numbers by architecture as NAS-Bench-Macro and NAS-Bench-Suite-Zero."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from engine.common.errors import quoted
from engine.common.jsontext import without_repeated_names
from engine.spaces import SearchSpace
from engine.tables import suite_zero
from engine.tables.assembly import MAX_COLUMNS, MAX_ROWS, RawTable, check_size
from engine.tables.rows import (
    SAMPLE,
    Sheet,
    field_text,
    genotype_column,
    holds_indices,
    is_digits,
    is_genotype,
    names_networks,
    no_genotypes,
    read_sheet,
)

SUFFIXES = (".json", ".jsonl", ".ndjson")
_LINE = re.compile(r"([^\r\n]*)(?:\r\n|[\r\n]|\Z)")
Records = Sequence[Mapping[str, Any]]
_LABEL = "architecture"
"""The column of the names that the rows of some layouts have."""
_MAX_BYTES = 100_000_000
_MAX_VALUES = 5_000_000
"""The most commas and opening brackets: values take up to a hundred times the memory of their text."""
_DEEPEST = 4
"""The most objects in objects below an architecture."""
_EXACT = 15
"""The digits of whole numbers that are read as such."""


def read(path: Path, space: SearchSpace | None) -> RawTable:
    """Read a table in JSON, in that of its possible layouts which has an architecture for most of its rows.

    `ValueError` names the place of the first error.
    """
    data = _by_architecture(_load_json(path), space)
    if suite_zero.is_suite(data):
        return suite_zero.read_suite(data, space)
    sheets: list[tuple[bool, float, Sheet]] = []
    sample: list[list[str]] = []
    for records in _layouts(data):
        header = _header(records)
        sample = [fields for _, fields in islice(_rows(records, header), SAMPLE)]
        genotypes = genotype_column(header, sample, space)
        if genotypes is not None:
            column = [fields[genotypes] for fields in sample]
            held = sum(is_digits(text) or is_genotype(text, space) for text in column)
            clear = not holds_indices(header[genotypes], column, space)
            sheets.append((clear, held / len(sample), Sheet(header, partial(_rows, records, header), genotypes)))
    if not sheets:
        raise no_genotypes(sample)
    return read_sheet(max(sheets, key=lambda sheet: sheet[:2])[2], path.name, space)


def _by_architecture(data: object, space: SearchSpace | None) -> object:
    """Return numbers by dataset and architecture, in any order of the two, as numbers by architecture.

    Their names are joined with blanks. Anything else stays as it is, the layout of NAS-Bench-Suite-Zero too.
    """
    if not suite_zero.is_suite(data) or not isinstance(data, dict):
        return data
    if _holds_architectures(data, space):
        return {key: dict(_flat(part)) for key, part in data.items()}
    parts = [part for part in data.values() if isinstance(part, dict)]
    if suite_zero.has_keys(data) or not any(_holds_architectures(part, space) for part in parts):
        return data
    numbers: dict[str, dict[str, Any]] = {}
    for name, part in data.items():
        for key, values in part.items() if isinstance(part, dict) else ():
            numbers.setdefault(key, {}).update(_flat(values, name))
    return numbers


def _holds_architectures(data: Mapping[str, Any], space: SearchSpace | None) -> bool:
    return any(is_genotype(key, space) for key in islice(data, SAMPLE))


def _flat(value: Any, name: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield the values within objects in objects, under their names joined with blanks."""
    if isinstance(value, dict) and depth < _DEEPEST:
        for key, inner in value.items():
            yield from _flat(inner, f"{name} {key}".strip(), depth + 1)
    else:
        yield name or "value", value


def _header(records: Records) -> list[str]:
    """Return the names in all records, each once; `ValueError` for too many of them, or of the records."""
    if len(records) > MAX_ROWS:
        raise ValueError(f"more than {MAX_ROWS:,} records; so many are read")
    names: dict[str, None] = {}
    for record in records:
        names.update(dict.fromkeys(record))
        if len(names) > MAX_COLUMNS:
            raise ValueError(f"the records have more than {MAX_COLUMNS:,} names; so many columns are read")
    check_size(len(records), len(names))
    return list(names)


def _rows(records: Records, header: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the place and the fields of every record, nothing for those that it lacks."""
    for number, record in enumerate(records, start=1):
        place = f"{_LABEL} {quoted(record[_LABEL])}" if _LABEL in record else f"record {number}"
        yield place, [field_text(record.get(name)) for name in header]


def _layouts(data: Any) -> Iterator[Records]:
    """Yield the records that JSON may be meant to hold; `ValueError` where it holds none."""
    match data:
        case [dict(), *_] if all(isinstance(record, dict) for record in data):
            yield data
        case [list() as names, *rows] if all(isinstance(row, list) for row in rows):
            if any(is_genotype(field_text(name), None) for name in names[:MAX_COLUMNS]):
                raise ValueError("the first list holds a genotype; the names of the columns are expected there")
            yield _under(names, rows)
        case {"columns": list() as names, "data": list() as rows} if all(isinstance(row, list) for row in rows):
            yield _under(names, rows)
        case {"data": [dict(), *_] as records} if all(isinstance(record, dict) for record in records):
            yield records
        case dict() if data and all(isinstance(column, list) for column in data.values()):
            longest = max(map(len, data.values()))
            if longest > MAX_ROWS or len(data) > MAX_COLUMNS:
                raise ValueError(f"more than {MAX_ROWS:,} rows or {MAX_COLUMNS:,} columns; so many are read")
            yield [{name: column[row] for name, column in data.items() if row < len(column)} for row in range(longest)]
        case dict() if data and all(isinstance(part, dict) for part in data.values()):
            labelled = [{_LABEL: label, **part} for label, part in data.items()]
            by_column = any(map(names_networks, data))
            yield from (_turned(data), labelled) if by_column else (labelled, _turned(data))
        case dict() if data and not any(isinstance(value, dict | list) for value in data.values()):
            yield [{_LABEL: label, "value": value} for label, value in data.items()]
        case _:
            raise ValueError(
                f"the JSON holds {quoted(data)}; a list of records such as "
                '{"arch": "…", "acc": 93.2}, or numbers by architecture such as {"01220211": {"mean_acc": 93.2}}, is '
                "expected"
            )


def _under(names: Sequence[Any], rows: Sequence[Sequence[Any]]) -> Records:
    """Return rows as records with these names."""
    if len(names) > MAX_COLUMNS:
        raise ValueError(f"the header names {len(names):,} columns; at most {MAX_COLUMNS:,} are read")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(names):
            raise ValueError(f"record {number}: {len(row):,} found where the header has {len(names):,} fields")
    texts = [*map(field_text, names)]
    if len(set(texts)) < len(texts):
        raise ValueError(f"the name {quoted(Counter(texts).most_common(1)[0][0])} stands twice in the header")
    return [dict(zip(texts, row, strict=True)) for row in rows]


def _turned(data: Mapping[str, Mapping[str, Any]]) -> Records:
    """Return columns, each with its values by the names of the rows, as records."""
    if len(data) > MAX_COLUMNS:
        raise ValueError(f"{len(data):,} columns; at most {MAX_COLUMNS:,} are read")
    records: dict[str, dict[str, Any]] = {}
    for name, column in data.items():
        for label, value in column.items():
            records.setdefault(label, {_LABEL: label})[name] = value
    return list(records.values())


def _load_json(path: Path) -> object:
    """Return the JSON value in a file, or the list of those on its lines; `ValueError` where it holds none."""
    content = _bounded(path)
    try:
        text = content.decode(json.detect_encoding(content))
    except UnicodeDecodeError as error:
        raise ValueError(f"the file is not UTF-8 text (byte {error.start})") from None
    try:
        return _parsed(text)
    except json.JSONDecodeError as error:
        if not error.msg.startswith("Extra data") and path.suffix.lower() == ".json":
            raise ValueError(f"not JSON: line {error.lineno}, column {error.colno}: {error.msg}") from None
    records = []
    for number, line in enumerate(_LINE.finditer(text), start=1):
        if number > MAX_ROWS:
            raise ValueError(f"more than {MAX_ROWS:,} records; so many are read")
        if line[1].strip():
            try:
                records.append(_parsed(line[1]))
            except json.JSONDecodeError as error:
                raise ValueError(f"not JSON: line {number}, column {error.colno}: {error.msg}") from None
    return records


def _bounded(path: Path) -> bytes:
    """Return the bytes of a file; `ValueError` for more of them, or of values in them, than are read."""
    size = path.stat().st_size
    if size > _MAX_BYTES:
        raise ValueError(f"JSON of {size / 1e6:,.0f} MB; at most {_MAX_BYTES / 1e6:,.0f} MB are read")
    content = path.read_bytes()
    values = sum(content.count(mark) for mark in (b",", b"[", b"{"))
    if values > _MAX_VALUES:
        raise ValueError(f"the JSON has {values:,} commas and opening brackets; at most {_MAX_VALUES:,} are read")
    return content


def _parsed(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=without_repeated_names, parse_int=_whole_number)
    except RecursionError:
        raise ValueError("not JSON that can be read: nested too deeply") from None


def _whole_number(text: str) -> int | float:
    return int(text) if len(text) <= _EXACT else float(text)
