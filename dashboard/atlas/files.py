"""Architectures with their numbers as files: CSV, Parquet, and genotypes as JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from dashboard.atlas.quantities import Quantity, RowIndices
from engine.common.csv_text import csv_text
from engine.genotypes.population import Population

_DIGITS = 10


def _row_columns(population: Population, quantities: Mapping[str, Quantity], rows: RowIndices) -> dict[str, list[Any]]:
    """Return some rows as columns by their headings: the notation of every architecture, and all its numbers."""
    notations = [genotype.notation for genotype in population.take(rows).genotypes()]
    numbers = {quantity.label: quantity.values[rows].tolist() for quantity in quantities.values()}
    return {"architecture": notations, **numbers}


def rows_csv(population: Population, quantities: Mapping[str, Quantity], rows: RowIndices) -> bytes:
    """Write some rows as CSV, a number that is not known as nothing."""
    columns = _row_columns(population, quantities, rows)
    return csv_text([[*columns], *zip(*columns.values(), strict=True)], digits=_DIGITS).encode()


def rows_parquet(population: Population, quantities: Mapping[str, Quantity], rows: RowIndices) -> bytes:
    """Write some rows as Parquet."""
    arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    out = io.BytesIO()
    parquet.write_table(arrow.table(_row_columns(population, quantities, rows)), out)
    return out.getvalue()


def rows_json(population: Population, rows: RowIndices) -> bytes:
    """Write the genotypes in some rows as a list in JSON."""
    return json.dumps([genotype.to_dict() for genotype in population.take(rows).genotypes()], indent=1).encode()
