"""Independent work in several processes: the same answers in the same order, sooner where the machine has the cores.

A process imports what its function needs, 1.7 s of the CPU and 240 MB where that is torch, so only work of some seconds
is worth more than one. A process ends as soon as its input does: when the work is stopped or done, and when the one
that began it is gone, whatever ended that. What travels between them is pickled, since both ends are this program and
nobody else can open the pipes.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, BinaryIO, NoReturn, TypeVar

from engine.common.errors import DeviceMemoryExhausted, NonFiniteScores, ProcessDied, explain
from engine.common.memory import machine_memory
from engine.common.threads import checked_count, count_in_variable
from engine.common.work import Progress, Work

WORTH = 10.0
"""Seconds of work that are worth more than one process."""
_ROOM = 10**9
"""Bytes of the machine's memory for each process, four times what it needs to begin."""
_LOOK = 0.1
"""Seconds between two questions of whether to stop."""
_COMMAND = [sys.executable, "-c", "from engine.common.processes import main; main()"]
_processes: ContextVar[int | None] = ContextVar("processes", default=None)
Item = TypeVar("Item")
Result = TypeVar("Result")


def default_processes(most: int = 1) -> int:
    """Return `FREENAS_PROCESSES`; where it is not set `most`, as far as memory reaches, and at least one.

    `ValueError` for a wrong one.
    """
    return count_in_variable("FREENAS_PROCESSES", max(1, min(most, machine_memory() // _ROOM)))


def current_processes() -> int:
    """Return the number of processes of the block of `computing_processes` that this is in, else the default."""
    processes = _processes.get()
    return default_processes() if processes is None else processes


@contextmanager
def computing_processes(processes: int | None = None) -> Iterator[None]:
    """Let independent work in a block take so many processes, `current_processes()` where None.

    `ValueError` for a number that this machine has no cores for.
    """
    count = current_processes() if processes is None else checked_count(processes, "processes")
    token = _processes.set(count)
    try:
        yield
    finally:
        _processes.reset(token)


def processes_worth(seconds: float | None, device: str) -> int:
    """Return the number of processes for independent work of so many seconds: 1 for little, and on other devices."""
    return 1 if seconds is None or seconds < WORTH or device != "cpu" else current_processes()


def spread(function: Callable[[Item, Work], Result], items: Sequence[Item], work: Work) -> list[Result]:
    """Return `function(item, its work)` of every item, in order, computed in `current_processes()` processes.

    `function` stands at the top of a module; the steps that it counts as done are counted in `work`. Raises what it
    raises, `SearchStopped` a moment after `work` is not wanted any more, and `ProcessDied`; no process is left behind.
    """
    requests: SimpleQueue[tuple[int, bytes]] = SimpleQueue()
    for index, item in enumerate(items):
        requests.put((index, pickle.dumps((function, item))))
    messages: SimpleQueue[tuple[int, str, Any]] = SimpleQueue()
    children = [_start() for _ in range(min(current_processes(), len(items)))]
    attendants = [threading.Thread(target=_attend, args=(child, requests, messages)) for child in children]
    try:
        for attendant in attendants:
            attendant.start()
        return _collect(messages, len(items), work)
    finally:
        for child in children:
            child.kill()
        for attendant in attendants:
            attendant.join()


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],  # where the engine is found, too
        start_new_session=True,  # Ctrl-C is for the one that began it, which ends it
    )


def _collect(messages: SimpleQueue[tuple[int, str, Any]], count: int, work: Work) -> list[Any]:
    """Return the results of all items, in order, and count their steps on the way."""
    results: dict[int, Any] = {}
    while len(results) < count:
        work.check()
        try:
            index, kind, content = messages.get(timeout=_LOOK)
        except Empty:
            continue
        if kind == "error":
            raise content
        if kind == "result":
            results[index] = content
        else:
            work.step(content)
    return [results[index] for index in range(count)]


def _attend(
    child: subprocess.Popen[bytes],
    requests: SimpleQueue[tuple[int, bytes]],
    messages: SimpleQueue[tuple[int, str, Any]],
) -> None:
    """Put items to a process until there are no more or it ends, and pass on what it says of them."""
    index = -1
    with contextlib.suppress(OSError), child:  # which closes its pipes and waits for its end
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            while True:
                index, request = requests.get_nowait()
                pickle.dump(request, child.stdin)
                child.stdin.flush()
                kind = "steps"
                while kind == "steps":
                    kind, content = pickle.load(child.stdout)
                    messages.put((index, kind, content))
        except Empty:
            pass
        except Exception:  # its end, or an answer that cannot be read: the one that waits must hear of it
            child.kill()
            messages.put((index, "error", _death(child.wait())))


def _death(status: int) -> ProcessDied:
    return ProcessDied(
        f"a process of this work ended unexpectedly (exit status {status}; often: out of memory); fewer processes take "
        "less (FREENAS_PROCESSES)"
    )


def _serve(requests: SimpleQueue[bytes], out: BinaryIO) -> NoReturn:
    """Answer requests, one after the other, with the steps that are done and then the result or the error."""
    while True:
        kind, content = _answer(requests.get(), partial(_send, out))
        _send(out, kind, content)


def _send(out: BinaryIO, kind: str, content: Any) -> None:
    try:
        out.write(pickle.dumps((kind, content)))
        out.flush()
    except BrokenPipeError:  # the other side is gone
        os._exit(0)


def _answer(request: bytes, send: Callable[[str, Any], None]) -> tuple[str, Any]:
    """Compute what a request asks for; no error ends the process."""
    counted = 0

    def count(progress: Progress) -> None:
        nonlocal counted
        send("steps", progress.done - counted)
        counted = progress.done

    try:
        function, item = pickle.loads(request)
        with computing_processes(1):
            return "result", function(item, Work(count))
    except ValueError as error:
        return "error", ValueError(explain(error))
    except (NonFiniteScores, DeviceMemoryExhausted, MemoryError) as error:
        return "error", error
    except Exception as error:  # the one that waits must hear of it, whatever it was
        return "error", RuntimeError(f"{type(error).__name__}: {error}")


def main() -> NoReturn:
    """Serve standard input on standard output; everything else that prints goes to standard error."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    requests: SimpleQueue[bytes] = SimpleQueue()

    def read() -> None:
        with contextlib.suppress(EOFError, pickle.UnpicklingError):
            while True:
                requests.put(pickle.load(sys.stdin.buffer))
        os._exit(0)  # the other side is gone: what is computed is for nobody

    threading.Thread(target=read, daemon=True).start()
    _serve(requests, out)
