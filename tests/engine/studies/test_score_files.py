"""Files of scores: all digits, what has no number, and what the numbers rest on."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest

from engine.genotypes.population import Population
from engine.studies.score_files import SCORE_FORMATS, score_file
from engine.studies.scores import ArchitectureScores
from engine.tables import read_table

VALUES = {"flow": np.array([0.1 + 0.2, -np.inf, np.nan]), "params": np.array([73306.0, 1e6, 3.0])}


@pytest.fixture
def table() -> ArchitectureScores:
    cells = Population.whole("nas-bench-201").take(np.array([7, 70, 700]))
    return ArchitectureScores(cells, VALUES, seed=4, net_size="small", data="", environment={"device": "cpu"})


def read_csv(content: bytes) -> dict[str, list[str]]:
    header, *rows = csv.reader(io.StringIO(content.decode()))
    return dict(zip(header, map(list, zip(*rows, strict=True)), strict=True))


def test_csv_has_every_digit_and_is_read_as_a_table(table: ArchitectureScores, tmp_path: Path):
    columns = read_csv(score_file(table, "csv", [2, 3, 5]))
    assert columns == {
        "genotype": [item.notation for item in table.population.genotypes()],
        "line": ["2", "3", "5"],
        "flow": ["0.30000000000000004", "-inf", ""],
        "params": ["73306", "1000000", "3"],
    }
    (tmp_path / "scores.csv").write_bytes(score_file(table, "csv"))
    read = read_table(tmp_path / "scores.csv")
    assert read.population.keys().tolist() == table.population.keys().tolist()
    assert read.column("params").name == "params"


def test_parquet_has_the_same_arrays_and_what_they_rest_on(table: ArchitectureScores):
    read = pyarrow.parquet.read_table(io.BytesIO(score_file(table, "parquet", [2, 3, 5])))
    assert read.column_names == ["genotype", "line", "flow", "params"]
    for name, values in VALUES.items():
        np.testing.assert_array_equal(read[name].to_numpy(), values)
    description = json.loads(read.schema.metadata[b"freenas"])
    assert (description["space"], description["seed"]) == ("nas-bench-201", 4)


def test_json_has_null_where_there_is_no_number(table: ArchitectureScores):
    data = json.loads(score_file(table, "json", [2, 3, 5]))
    assert data["schema"] == "freenas/scores@1"
    assert data["scores"] == {"flow": [0.1 + 0.2, None, None], "params": [73306, 1_000_000, 3]}
    assert (data["lines"], data["environment"]) == ([2, 3, 5], {"device": "cpu"})
    assert "lines" not in json.loads(score_file(table, "json"))


def test_an_unknown_format_is_named(table: ArchitectureScores):
    with pytest.raises(ValueError, match=f"unknown format 'xlsx'; allowed: {', '.join(SCORE_FORMATS)}"):
        score_file(table, "xlsx")
