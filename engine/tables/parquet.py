"""Tables as Parquet, through the package pyarrow: their columns of texts and numbers, one group of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

from engine.common.errors import quoted
from engine.spaces import SearchSpace
from engine.tables.assembly import RawTable, check_size
from engine.tables.rows import SAMPLE, Sheet, field_text, genotype_column, no_genotypes, read_sheet

SUFFIXES = (".parquet",)
_MAX_BYTES = 300_000_000
"""The most bytes that the columns of a file may have when they are unpacked."""


def read(path: Path, space: SearchSpace | None) -> RawTable:
    """Read a table in Parquet; `ValueError` for one that is damaged or too large, or where the package is missing."""
    try:
        parquet, arrow = import_module("pyarrow.parquet"), import_module("pyarrow")
    except ImportError:
        raise ValueError(
            f"{path.name} is read through the package pyarrow: pip install pyarrow, or save the table as CSV"
        ) from None
    try:
        with parquet.ParquetFile(path) as file:
            _check_size(file.metadata)
            texts = [field.name for field in file.schema_arrow if _holds_text(arrow.types, field.type)]
        with parquet.ParquetFile(path, read_dictionary=texts) as file:
            schema = file.schema_arrow
            header = [field.name for field in schema if not arrow.types.is_nested(field.type)]
            rows = partial(_rows, file, header)
            sample = [fields for _, fields in islice(rows(), SAMPLE)]
            genotypes = genotype_column(header, sample, space)
            if genotypes is None:
                raise no_genotypes(sample)
            return read_sheet(Sheet(header, rows, genotypes), path.name, space)
    except (arrow.lib.ArrowException, OSError, MemoryError) as error:
        raise ValueError(f"{path.name} cannot be read as Parquet: {quoted(str(error), 120)}") from None


def _check_size(metadata: Any) -> None:
    """Raise `ValueError` for a file that unpacks to more than can be read."""
    size = sum(metadata.row_group(index).total_byte_size for index in range(metadata.num_row_groups))
    check_size(metadata.num_rows, metadata.num_columns)
    if size > _MAX_BYTES:
        raise ValueError(f"it unpacks to {size / 1e6:,.0f} MB; at most {_MAX_BYTES / 1e6:,.0f} MB are read")


def _holds_text(types: Any, kind: Any) -> bool:
    return bool(types.is_string(kind) or types.is_large_string(kind))


def _rows(file: Any, header: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the place and the fields of every row."""
    number = 0
    for group in range(file.metadata.num_row_groups):
        table = file.read_row_group(group, columns=header)
        for values in zip(*map(_values, table.columns), strict=True):
            number += 1
            yield f"row {number}", [field_text(value) for value in values]


def _values(column: Any) -> Iterator[Any]:
    """Yield the values of a column, equal texts of a chunk as one and the same."""
    for chunk in column.chunks:
        if hasattr(chunk, "dictionary"):
            texts = chunk.dictionary.to_pylist()
            yield from (None if index is None else texts[index] for index in chunk.indices.to_pylist())
        else:
            yield from chunk.to_pylist()
