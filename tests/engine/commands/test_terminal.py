"""The parts that commands share: progress, threads, files."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from engine import __main__ as cli
from tests.engine.conftest import CELL, TINY, Run


def test_a_terminal_sees_the_progress(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    _, out, err = run(*TINY)
    passes = len(json.loads(out)["passes"])
    assert f"pass 0/{passes} " in err
    assert f"pass {passes}/{passes} " in err


@pytest.mark.slow
def test_one_thread_computes_or_as_many_as_asked_for(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    monkeypatch.delenv("FREENAS_THREADS", raising=False)
    threads = [json.loads(run(*TINY, *option)[1])["environment"]["threads"] for option in ([], ["--threads", "2"])]
    assert threads == [1, 2]


def test_a_file_is_written_whole_or_not_at_all(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "cell.txt"
    path.write_text("before")

    def full(self: Path, data: bytes) -> None:
        with open(self, "wb") as file:
            file.write(data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    status, out, err = run("show", CELL, "--out", str(path))
    assert (status, out) == (cli.FAILED, "")
    assert err.endswith(": No space left on device\n")
    assert path.read_text() == "before"
    assert os.listdir(tmp_path) == ["cell.txt"]


def test_a_new_file_takes_the_place_of_the_old_one(run: Run, tmp_path: Path):
    path = tmp_path / "cell.txt"
    path.write_text("before")
    with open(path) as old:
        run("show", CELL, "--out", str(path))
        assert old.read() == "before"
    assert CELL in path.read_text()


def test_a_link_stays_a_link(run: Run, tmp_path: Path):
    (tmp_path / "link.txt").symlink_to("cell.txt")
    run("show", CELL, "--out", str(tmp_path / "link.txt"))
    assert (tmp_path / "link.txt").is_symlink()
    assert CELL in (tmp_path / "cell.txt").read_text()


def test_a_pipe_is_written_to_and_not_replaced(run: Run, tmp_path: Path):
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    status, _, _ = run("show", CELL, "--out", str(pipe))
    received = os.read(reader, 65_536).decode()
    os.close(reader)
    assert status == 0
    assert CELL in received
    assert pipe.is_fifo()
