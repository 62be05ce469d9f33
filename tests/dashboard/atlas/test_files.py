"""Architectures with their numbers as files."""

import csv
import io
import json

import numpy as np
import pyarrow.parquet

from dashboard.atlas.files import rows_csv, rows_json, rows_parquet
from engine import parse_genotype
from tests.dashboard.atlas.conftest import DEAD, SKIPS

ROWS = np.array([1, 3])


def test_csv_and_parquet_hold_the_rows_with_all_their_numbers(population, quantities):
    rows = [*csv.DictReader(io.StringIO(rows_csv(population, quantities, ROWS).decode()))]
    assert [row["architecture"] for row in rows] == [SKIPS, DEAD]
    assert [row["Accuracy (%)"] for row in rows] == ["54.29", "10"]
    assert rows_csv(population, quantities, np.array([2])).decode().splitlines()[1].split(",")[1:] == [
        "",
        "60.25",
        "100",
    ]
    table = pyarrow.parquet.read_table(io.BytesIO(rows_parquet(population, quantities, ROWS)))
    assert table.column_names == ["architecture", "Accuracy (%)", "log-flow (log R)", "MACs (M)"]
    assert table["architecture"].to_pylist() == [SKIPS, DEAD]
    assert table["log-flow (log R)"].to_pylist() == [20.5, -np.inf]


def test_json_holds_genotypes(population):
    found = json.loads(rows_json(population, ROWS))
    assert [parse_genotype(json.dumps(each)).notation for each in found] == [SKIPS, DEAD]
