"""What the store withstands: processes killed while they write, several at once, databases that cannot be used."""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine import SearchResult
from engine.commands.runs import keep_result
from engine.runs import StoreUnavailable
from engine.runs.store import RunStore
from tests.paths import FILES, ROOT

RESULT = SearchResult.from_json((FILES / "search-result-1-first.json").read_text())
KILLS = 40

WRITER = """
import os, sys
from dataclasses import replace
from engine import SearchResult
from engine.runs.store import RunStore
result = SearchResult.from_json(open("tests/engine/files/search-result-1-first.json").read())
url = sys.argv[1]

def write(writer, count):
    store = RunStore(url)
    for number in range(count):
        run = store.add(replace(result, timing={**result.timing, "total": 1e3 * writer + number}), tags=["a", "b"])
        os.write(1, f"{run.id}\\n".encode())
"""


def _start(code: str, url: str, **more: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER + code, url], cwd=ROOT, stdout=subprocess.PIPE, text=True, **more
    )


def _check(path: Path, said: list[str]) -> None:
    """Every run that was acknowledged is there, whole, and the file is sound."""
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    counts = [connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("runs", "run_results")]
    assert connection.execute("SELECT count(*) FROM run_tags").fetchone()[0] == 2 * counts[0]
    connection.close()
    assert counts[0] == counts[1]
    store = RunStore(f"sqlite:///{path}")
    assert {run.id for run in store.find()} >= set(said)
    assert {store.result(run_id).genotype for run_id in said} == {RESULT.genotype}
    store.close()


FORKING = """
for line in sys.stdin:
    if (child := os.fork()) == 0:
        write(int(line), 1000)
        os._exit(0)
    os.write(2, f"{child}\\n".encode())
    os.waitpid(child, 0)
    os.write(2, b"ended\\n")
"""


@pytest.mark.slow
def test_a_process_killed_at_any_moment_loses_no_run_that_it_had_acknowledged(tmp_path: Path):
    path, moments, said = tmp_path / "runs.sqlite3", random.Random(7), []
    with _start(FORKING, f"sqlite:///{path}", stdin=subprocess.PIPE, stderr=subprocess.PIPE) as mother:
        for number in range(KILLS):
            mother.stdin.write(f"{number}\n")
            mother.stdin.flush()
            child = int(mother.stderr.readline())
            if number % 2:  # while it writes; the others are killed while they open the store, or make it
                said.append(mother.stdout.readline().strip())
            time.sleep(moments.uniform(0, 0.04))
            os.kill(child, signal.SIGKILL)
            assert mother.stderr.readline() == "ended\n"
        mother.stdin.close()
        said += mother.stdout.read().split()
    assert len(set(said)) == len(said) >= KILLS / 2
    _check(path, said)


@pytest.mark.slow
def test_processes_write_at_once(tmp_path: Path):
    path = tmp_path / "runs.sqlite3"
    writers = [_start(f"write({number}, 15)", f"sqlite:///{path}") for number in range(4)]
    said = []
    for writer in writers:
        with writer:
            said += writer.stdout.read().split()
        assert writer.returncode == 0
    assert len(set(said)) == 60
    _check(path, said)


def _unusable(tmp_path: Path) -> dict[str, tuple[str, str]]:
    """URLs of stores that cannot be opened, with what is said of them."""
    (tmp_path / "text.sqlite3").write_text("no database, but a text that is long enough to be seen as one\n" * 99)
    path = tmp_path / "damaged.sqlite3"
    RunStore(f"sqlite:///{path}").close()
    path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 8000)
    return {
        "no folder": (f"sqlite:///{tmp_path}/nowhere/runs.sqlite3", "cannot be opened: unable to open database file"),
        "a folder": (f"sqlite:///{tmp_path}", "cannot be opened: unable to open database file"),
        "a text": (f"sqlite:///{tmp_path}/text.sqlite3", "cannot be opened: file is not a database"),
        "damaged": (f"sqlite:///{path}", "cannot be opened: database disk image is malformed"),
        "no server": ("postgresql://me:secret@127.0.0.1:1/runs", "cannot be opened: .*refused"),
        "no driver": ("mssql+pymssql://me:secret@host/runs", "cannot be opened: No module named 'pymssql'"),
        "an unknown kind": ("runs://me:secret@host", "cannot be opened: Can't load plugin"),
        "no URL": ("/home/secret/runs.db", "no database URL; one looks like sqlite:////home/me/runs.db"),
        "memory": ("sqlite://", "in memory keeps no runs"),
    }


@pytest.mark.parametrize(
    "name",
    ["no folder", "a folder", "a text", "damaged", "no server", "no driver", "an unknown kind", "no URL", "memory"],
)
def test_a_store_that_cannot_be_opened_is_told_of_in_a_sentence(name: str, tmp_path: Path):
    url, said = _unusable(tmp_path)[name]
    with pytest.raises(StoreUnavailable) as caught:
        RunStore(url)
    assert re.search(said, caught.value.explanation)
    assert str(caught.value).startswith(("the store of runs ", "a database in memory"))
    assert "secret" not in caught.value.explanation
    assert "\n" not in caught.value.explanation


def test_a_database_that_may_only_be_read_is_read(tmp_path: Path):
    path = tmp_path / "runs.sqlite3"
    store = RunStore(f"sqlite:///{path}")
    run = store.add(RESULT)
    reader = RunStore(f"sqlite:///file:{path}?mode=ro&uri=true")
    assert reader.find() == [run]
    assert reader.result(run.id).genotype == RESULT.genotype
    for change in (lambda: reader.add(RESULT), lambda: reader.delete([run.id]), lambda: reader.update(run.id, name="")):
        with pytest.raises(StoreUnavailable, match=r"cannot be written$") as caught:
            change()
        assert "attempt to write a readonly database" in caught.value.explanation
    reader.close()
    store.close()


def test_a_database_that_is_locked_is_read_but_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("engine.runs.database._PATIENCE", 0.1)
    path = tmp_path / "runs.sqlite3"
    store = RunStore(f"sqlite:///{path}")
    run = store.add(RESULT)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert store.find() == [run]
    with pytest.raises(StoreUnavailable, match=r"cannot be written$") as caught:
        store.update(run.id, name="new")
    assert "database is locked" in caught.value.explanation
    other.execute("ROLLBACK")
    other.close()
    assert store.update(run.id, name="new").name == "new"
    store.close()


def test_a_damaged_result_is_told_from_a_missing_run(tmp_path: Path):
    path = tmp_path / "runs.sqlite3"
    store = RunStore(f"sqlite:///{path}")
    damaged, unread = store.add(RESULT), store.add(RESULT, name="x")
    connection = sqlite3.connect(path)
    connection.execute("UPDATE run_results SET document = x'00'")
    connection.commit()
    connection.close()
    assert damaged.id == unread.id
    with pytest.raises(ValueError, match=f"the result of run {damaged.id} is damaged"):
        store.result(damaged.id)
    assert store.find() == [damaged]
    store.close()


def test_a_result_that_cannot_be_kept_is_said_in_a_warning(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("FREENAS_STORE", "sqlite:////proc/none/runs.sqlite3")
    assert keep_result(RESULT) is None
    said = capsys.readouterr().err
    assert said.startswith(
        "warning: the run was not kept: the store of runs (/proc/none/runs.sqlite3) cannot be opened"
    )


def test_without_the_package_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setitem(sys.modules, "engine.runs.store", None)
    assert keep_result(RESULT) is None
    assert "the store of runs needs a package that is not installed" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_told_of(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.delenv("FREENAS_STORE")
    monkeypatch.setattr("platformdirs.user_data_path", lambda name: Path("/proc/none") / name)
    assert keep_result(RESULT) is None
    assert "the folder of the store of runs cannot be made" in capsys.readouterr().err
