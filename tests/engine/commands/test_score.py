"""The command `score`: lists and spaces in, files out, a stop in between, and wrong arguments."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest

from engine import score
from engine.commands import score as score_command
from tests.engine.conftest import CELL, Run, check_refused

OTHER = CELL.replace("avg_pool_3x3", "none")
INDEX = "nas-bench-201#11111"


@pytest.fixture
def cells(tmp_path: Path) -> Path:
    path = tmp_path / "cells.txt"
    path.write_text(f"{CELL}\n{INDEX}\n# a comment\n{OTHER}\n")
    return path


def test_a_list_becomes_a_file_and_its_parts_go(run: Run, cells: Path, tmp_path: Path):
    for suffix in ("csv", "json", "parquet"):
        out = tmp_path / f"scores.{suffix}"
        assert run("score", str(cells), "--measures", "width,flow", "--seed", "2", "--out", str(out)) == (0, "", "")
    assert not [*tmp_path.glob("*.part")]
    texts = [CELL, INDEX, OTHER]
    table = score("nas-bench-201", texts, ("width", "flow"), seed=2)
    rows = [*csv.DictReader(io.StringIO((tmp_path / "scores.csv").read_text()))]
    assert [row["line"] for row in rows] == ["1", "2", "4"]
    parquet = pyarrow.parquet.read_table(tmp_path / "scores.parquet")
    data = json.loads((tmp_path / "scores.json").read_text())
    for name, values in table.items():
        assert [float(row[name]) for row in rows] == values.tolist() == data["scores"][name]
        np.testing.assert_array_equal(parquet[name].to_numpy(), values)


def test_what_is_printed_is_read_again(run: Run, cells: Path, tmp_path: Path):
    status, out, err = run("score", str(cells), "--measures", "params")
    assert (status, err) == (0, "")
    (tmp_path / "again.csv").write_text(out)
    assert run("score", str(tmp_path / "again.csv"), "--measures", "params")[1].count("\n") == out.count("\n")


def test_a_draw_needs_no_list(run: Run):
    status, out, err = run("score", "--space", "nas-bench-201", "--sample", "5", "--to", "json", "--measures", "params")
    assert (status, err) == (0, "")
    assert len(json.loads(out)["genotypes"]) == 5
    assert "lines" not in json.loads(out)


def test_a_stop_says_where_it_goes_on(run: Run, cells: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    out = tmp_path / "scores.csv"
    with monkeypatch.context() as patch:
        patch.setattr(score_command, "score_file", interrupt)
        status, _, err = run("score", str(cells), "--out", str(out))
    assert status == 130
    assert f"what is done stands in '{out}.part'; the same command goes on from there" in err
    assert len([*tmp_path.glob("scores.csv.part/*.npy")]) == 3
    check_refused(run, ["score", str(cells), "--out", str(out), "--seed", "1"], "another question, with seed 0")
    assert run("score", str(cells), "--out", str(out))[0] == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cells.txt", "scores.csv"]


def test_wrong_lines_are_named_or_counted(run: Run, cells: Path):
    cells.write_text(f"{CELL}\n|nor~0|\n{OTHER}\nfoo\n")
    check_refused(run, ["score", str(cells)], "cells.txt': line 2, '|nor~0|'")
    status, out, err = run("score", str(cells), "--skip-wrong", "--measures", "params")
    assert (status, out.count("\n")) == (0, 3)
    assert "Skipped as no architectures of NAS-Bench-201: 2 lines, the first of them line 2" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "one of a file LIST, --all of a space, or --sample N"),
        (["cells.txt", "--all"], "one of a file LIST"),
        (["--all"], "argument --space"),
        (["--all", "--space", "nas-bench-210"], "did you mean 'nas-bench-201'?"),
        (["--all", "--space", "darts"], "too many to list"),
        (["missing.txt"], "'missing.txt' cannot be read"),
        (["-", "--measures", "flwo"], "did you mean 'flow'?"),
        (["-", "--measures", ","], "argument --measures"),
        (["-", "--net-size", "tiny"], "unknown net size 'tiny'; allowed: small, full"),
        (["-", "--out", "scores.xlsx"], "must end in one of .csv, .parquet, .json"),
        (["-", "--to", "xlsx"], "unknown format 'xlsx'"),
        (["-", "--fresh"], "argument --fresh"),
        (["-", "--skip-worng"], "did you mean '--skip-wrong'?"),
        (["-", "--device", "tpu"], "tpu"),
        (["--space", "nas-bench-201", "--all", "--skip-wrong"], "argument --skip-wrong"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_arguments_are_one_line(run: Run, arguments: list[str], message: str):
    check_refused(run, ["score", *arguments], message)
