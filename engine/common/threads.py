"""Threads of the CPU to compute with: one where nobody asks for more, and only for as long as it is computed.

A second thread makes passes of the sizes here slower, and where another process keeps a core busy many times slower:
the threads of OpenMP spin while they wait for the one that has no core. Independent work takes processes of its own
(`engine.common.processes`), as previews and searches do in the dashboard.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from engine.common.errors import quoted

_threads: ContextVar[int | None] = ContextVar("threads", default=None)


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def current_threads() -> int:
    """Return the number of threads of the block of `computing_threads` that this is in, else `FREENAS_THREADS`, else 1.

    `ValueError` where that variable holds no number of threads of this machine.
    """
    threads = _threads.get()
    return count_in_variable("FREENAS_THREADS", 1) if threads is None else threads


def count_in_variable(name: str, otherwise: int) -> int:
    """Return the number of cores that an environment variable names, `otherwise` where it is not set.

    `ValueError` for a text that is no number of cores of this machine.
    """
    if not (text := os.environ.get(name)):
        return otherwise
    return checked_count(int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text, name)


def checked_count(count: object, name: str) -> int:
    """Return a number of cores; `ValueError` for one that this machine does not have, called by `name`."""
    if type(count) is not int or not 1 <= count <= cores():
        raise ValueError(f"{name}: {quoted(count)} is out of range; 1 to {cores()} on this machine")
    return count


@contextmanager
def computing_threads(threads: int | None = None) -> Iterator[None]:
    """Let torch compute with so many threads in a block, `current_threads()` where None, and then with those of before.

    `ValueError` for a number that this machine has no cores for.
    """
    count = current_threads() if threads is None else checked_count(threads, "threads")
    import torch

    before, token = torch.get_num_threads(), _threads.set(count)
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
        _threads.reset(token)
