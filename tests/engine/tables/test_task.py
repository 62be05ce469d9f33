"""The task of reading a table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.common.work import Work
from engine.tables.task import TableSummary, TableTask
from tests.engine.tables.files import DARTS, write_csv


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FREENAS_CACHE", str(tmp_path / "cache"))


def test_a_summary_survives_json():
    summary = TableSummary("löss.csv", "darts", 3)
    assert TableSummary.from_json(summary.to_json()) == summary


def test_the_summary_is_that_of_the_table(tmp_path: Path):
    task = TableTask(path=str(write_csv(tmp_path / "mine.csv")), stamp=1)
    assert task.title == "reading mine.csv"
    assert task.run(Work()) == TableSummary("mine.csv", "nas-bench-201", 2)
    np.testing.assert_array_equal(task.load().of("acc"), [90.5, 91.25])
    assert TableTask.model_validate_json(task.model_dump_json()) == task


def test_architectures_are_read_as_those_of_the_space_of_the_task(tmp_path: Path):
    path = write_csv(tmp_path / "mine.csv")
    path.write_text(path.read_text() + f'"{DARTS[0].notation}",92\n')
    assert TableTask(path=str(path), stamp=1, space="darts").run(Work()) == TableSummary("mine.csv", "darts", 1)


def test_a_file_that_may_run_code_is_read_where_it_is_trusted_alone(tmp_path: Path):
    (tmp_path / "x.pickle.pbz2").write_bytes(b"")
    with pytest.raises(ValueError, match="is a pickle, which may run code"):
        TableTask(path=str(tmp_path / "x.pickle.pbz2"), stamp=1).run(Work())
