"""Scores of architectures as files: CSV, Parquet, JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

import numpy as np

from engine.common.csv_text import csv_text
from engine.common.errors import unknown_name
from engine.studies.scores import ArchitectureScores

SCHEMA = "freenas/scores@1"
_Columns = Mapping[str, Sequence[Any]]
"""Columns of a file by name: notations, lines of the text that they came from, and the values of measures."""


def score_file(scores: ArchitectureScores, form: str, lines: Sequence[int] | None = None) -> bytes:
    """Return scores as a file in one of `SCORE_FORMATS`: a row for each architecture, all digits of every number.

    `lines` are those of the text that the architectures were read from. Raises `ValueError` for an unknown format, and
    where the package that writes it is missing.
    """
    if form not in SCORE_FORMATS:
        raise unknown_name("format", form, SCORE_FORMATS)
    columns: dict[str, Sequence[Any]] = {"genotype": [item.notation for item in scores.population.genotypes()]}
    if lines is not None:
        columns["line"] = lines
    return SCORE_FORMATS[form](scores, columns)


def _csv(scores: ArchitectureScores, columns: _Columns) -> bytes:
    numbers = ([_plain(value) for value in values.tolist()] for values in scores.values())
    return csv_text([(*columns, *scores), *zip(*columns.values(), *numbers, strict=True)]).encode()


def _json(scores: ArchitectureScores, columns: _Columns) -> bytes:
    values = {
        name: [_plain(value) if np.isfinite(value) else None for value in values.tolist()]
        for name, values in scores.items()
    }
    data = {"schema": SCHEMA, **_description(scores), **{f"{name}s": column for name, column in columns.items()}}
    return (json.dumps(data | {"scores": values}, allow_nan=False) + "\n").encode()


def _parquet(scores: ArchitectureScores, columns: _Columns) -> bytes:
    try:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        raise ValueError("Parquet is written through the package pyarrow: pip install pyarrow, or take csv") from None
    table = arrow.table({**columns, **scores}).replace_schema_metadata({"freenas": json.dumps(_description(scores))})
    out = arrow.BufferOutputStream()
    parquet.write_table(table, out)
    return bytes(out.getvalue().to_pybytes())


def _description(scores: ArchitectureScores) -> dict[str, Any]:
    """Return what the numbers rest on, as plain data."""
    return {
        "space": scores.population.space.reference,
        "seed": scores.seed,
        "net_size": scores.net_size,
        "data": scores.data,
        "environment": dict(scores.environment),
    }


def _plain(value: float) -> float | int:
    """Return a count as a whole number, any other number as it is."""
    return int(value) if value.is_integer() else value


SCORE_FORMATS: Mapping[str, Callable[[ArchitectureScores, _Columns], bytes]] = {
    "csv": _csv,
    "parquet": _parquet,
    "json": _json,
}
"""The formats of files, which are the ends of their names as well."""
