"""Work in several processes: results and steps, errors, stop, and no process left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import NonFiniteScores, SearchStopped
from engine.common.errors import ProcessDied
from engine.common.processes import (
    WORTH,
    computing_processes,
    current_processes,
    default_processes,
    processes_worth,
    spread,
)
from engine.common.work import Work
from tests.paths import ROOT


@pytest.fixture(autouse=True)
def four_cores(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("engine.common.threads.cores", lambda: 4)
    monkeypatch.delenv("FREENAS_PROCESSES", raising=False)
    with computing_processes(2):
        yield


def square(number: int, work: Work) -> tuple[int, int]:
    """The square of a number, counted as so many steps, and the process that it comes from."""
    print("what is printed is no answer")
    work.begin(number)
    for _ in range(number):
        work.step()
    return number**2, os.getpid()


class Unreadable:
    """An answer that raises when it is read."""

    def __reduce__(self) -> tuple[type[int], tuple[str]]:
        return int, ("no number",)


def fail(kind: str, work: Work) -> Unreadable:
    match kind:
        case "answer":
            return Unreadable()
        case "memory":
            raise MemoryError("too large")
        case "value":
            raise ValueError("a wrong value")
        case "scores":
            raise NonFiniteScores("the scores are not numbers")
        case "key":
            raise KeyError("cell")
        case _:
            os.kill(os.getpid(), signal.SIGKILL)


def sleep(path: Path, work: Work) -> None:
    path.write_text(str(os.getpid()))
    time.sleep(60)


def test_results_come_in_order_and_steps_are_counted():
    seen = []
    work = Work(seen.append)
    work.begin(21)
    answers = spread(square, range(7), work)
    assert [number for number, _ in answers] == [number**2 for number in range(7)]
    assert [each.done for each in seen] == list(range(1, 22))
    assert os.getpid() not in {process for _, process in answers}
    assert spread(square, [], work) == []


@pytest.mark.parametrize(
    ("kind", "error", "sentence"),
    [
        ("value", ValueError, "^a wrong value$"),
        ("scores", NonFiniteScores, "^the scores are not numbers$"),
        ("memory", MemoryError, "^too large$"),
        ("key", RuntimeError, "^KeyError: 'cell'$"),
        ("answer", ProcessDied, "^a process of this work ended unexpectedly"),
        ("death", ProcessDied, r"^a process of this work ended unexpectedly \(exit status -9; often: out of memory\)"),
    ],
)
def test_an_error_in_a_process_is_one_here(kind: str, error: type[Exception], sentence: str):
    with pytest.raises(error, match=sentence):
        spread(fail, [kind], Work())


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def written_pid(path: Path) -> int:
    while not (path.is_file() and path.read_text()):
        time.sleep(0.02)
    return int(path.read_text())


def test_a_stop_ends_the_processes(tmp_path: Path):
    paths = [tmp_path / "a", tmp_path / "b"]
    with pytest.raises(SearchStopped):
        spread(sleep, paths, Work(should_stop=lambda: all(path.is_file() and path.read_text() for path in paths)))
    assert not any(alive(written_pid(path)) for path in paths)


@pytest.mark.slow
def test_a_process_does_not_outlive_the_one_that_began_it(tmp_path: Path):
    path = tmp_path / "pid"
    code = (
        "from engine.common.work import Work; from engine.common.processes import spread\n"
        "from tests.engine.common.test_processes import sleep; from pathlib import Path\n"
        f"spread(sleep, [Path({str(path)!r})], Work())"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) as parent:
        pid = written_pid(path)
        parent.kill()
    for _ in range(1000):
        if not alive(pid):
            return
        time.sleep(0.02)
    pytest.fail("it is still there")


def test_little_work_and_other_devices_take_one_process():
    assert current_processes() == 2
    assert [processes_worth(seconds, "cpu") for seconds in (None, WORTH / 2, WORTH * 2)] == [1, 1, 2]
    assert processes_worth(WORTH * 2, "cuda:0") == 1


def test_the_number_of_processes_is_that_of_the_block_or_the_variable(monkeypatch: pytest.MonkeyPatch):
    with computing_processes(3):
        assert current_processes() == 3
        with computing_processes():
            assert current_processes() == 3
    monkeypatch.setattr("engine.common.processes.machine_memory", lambda: 4 * 10**9)
    assert (default_processes(), default_processes(0), default_processes(4), default_processes(64)) == (1, 1, 4, 4)
    monkeypatch.setenv("FREENAS_PROCESSES", "2")
    assert (default_processes(), default_processes(4)) == (2, 2)


@pytest.mark.parametrize("text", ["0", "5", "all", "-1", "1e9"])
def test_a_wrong_number_of_processes_is_one_sentence(monkeypatch: pytest.MonkeyPatch, text: str):
    monkeypatch.setenv("FREENAS_PROCESSES", text)
    with pytest.raises(ValueError, match=r"^FREENAS_PROCESSES: .* is out of range; 1 to 4 on this machine$"):
        default_processes()
    with pytest.raises(ValueError, match=r"^processes: 5 is out of range"), computing_processes(5):
        pass
