"""The import of a file of runs as a task of a worker."""

from __future__ import annotations

import json
import tracemalloc
from contextlib import closing
from pathlib import Path

import pytest

from engine import SearchResult, SearchStopped
from engine.common.work import Progress, Work
from engine.runs import open_store
from engine.runs.exchange import export_json, read_runs
from engine.runs.task import ImportSummary, ImportTask


@pytest.fixture
def exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_results: dict[str, SearchResult]) -> Path:
    """A file of two runs, and a store without any."""
    monkeypatch.setenv("FREENAS_STORE", f"sqlite:///{tmp_path / 'first.sqlite3'}")
    with closing(open_store()) as store:
        ids = [store.add(tiny_results[name]).id for name in ("nas-bench-201", "darts")]
        path = tmp_path / "runs.json"
        path.write_text(export_json(store, ids))
    monkeypatch.setenv("FREENAS_STORE", f"sqlite:///{tmp_path / 'second.sqlite3'}")
    return path


def test_runs_are_kept_a_step_each_and_those_that_are_there_are_counted(exported: Path):
    seen: list[Progress] = []
    assert ImportTask(path=str(exported), moment=1).run(Work(seen.append)) == ImportSummary(2, 2)
    assert [(progress.done, progress.total) for progress in seen] == [(1, 2), (2, 2)]
    assert ImportTask(path=str(exported), moment=2).run(Work()) == ImportSummary(0, 2)


def test_imported_runs_are_marked_and_have_an_owner(exported: Path):
    ImportTask(path=str(exported), moment=1, owner="me").run(Work())
    with closing(open_store()) as store:
        assert {(run.owner, run.imported) for run in store.find()} == {("me", True)}


def test_an_import_that_is_stopped_keeps_nothing(exported: Path):
    with pytest.raises(SearchStopped):
        ImportTask(path=str(exported), moment=1).run(Work(should_stop=lambda: True))
    with closing(open_store()) as store:
        assert store.count() == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xff", "^the file is not UTF-8 text: byte 1 cannot be read$"),
        (b"{}", r"^schema: None found, 'freenas/runs@1' or 'freenas/search-result@1' expected$"),
        (b"[]", r"^a JSON document of runs expected; "),
    ],
)
def test_a_wrong_file_gets_a_sentence(content: bytes, sentence: str, tmp_path: Path):
    (tmp_path / "runs.json").write_bytes(content)
    with pytest.raises(ValueError, match=sentence):
        ImportTask(path=str(tmp_path / "runs.json"), moment=1).run(Work())


def test_a_store_that_is_not_there_is_an_error_in_one_sentence(exported: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FREENAS_STORE", "sqlite:////no/such/folder/runs.sqlite3")
    with pytest.raises(ValueError, match=r"^the store of runs cannot be opened$"):
        ImportTask(path=str(exported), moment=1).run(Work())


def test_the_first_error_in_a_long_list_ends_the_reading():
    """Every error of a million runs that are none took gigabytes when all were collected."""
    text = json.dumps({"schema": "freenas/runs@1", "runs": [{}] * 100_000})
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"^runs\[0\]\.id: field required$"):
        read_runs(text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50e6


def test_an_answer_travels_as_json():
    assert ImportSummary.from_json(ImportSummary(3, 5).to_json()) == ImportSummary(3, 5)
