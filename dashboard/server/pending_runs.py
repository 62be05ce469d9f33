"""Runs that could not be kept yet: they wait in memory, in their order, and are tried again until they are kept."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from engine.runs import StoreUnavailable
from engine.runs.run import StoredRun

_FIRST_WAIT, _LONGEST_WAIT = 1.0, 30.0
"""Seconds before the first of the tries, and the most between two; each wait is twice the one before."""
_LAST_TRY = 30.0
"""Seconds that the end of the server waits for the last try."""
_MOST_CHARACTERS = 256_000_000
"""Characters of results that may wait: some hundred searches of the largest spaces."""


class PendingRuns:
    """The runs that wait until `keep` no longer raises `StoreUnavailable`, each once; for any number of threads.

    A thread tries them, the first one first, while there are any, and once more when they are closed. `reason` is why
    the last try failed.
    """

    def __init__(self, keep: Callable[[StoredRun], object]) -> None:
        self._keep = keep
        self._lock = threading.Lock()
        self._runs: dict[str, StoredRun] = {}
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()
        self.reason = ""

    def __len__(self) -> int:
        """Count the runs that wait."""
        return len(self._runs)

    def __contains__(self, run_id: str) -> bool:
        """Return True where the run with an id waits."""
        return run_id in self._runs

    def add(self, stored: StoredRun) -> None:
        """Keep a run, or let it wait behind others, and where the store is not to be written.

        `StoreUnavailable` where it cannot wait, because too many do.
        """
        if self._runs or not self._tried(stored):
            self._append(stored)

    def close(self) -> None:
        """Try once more what waits, and log what is lost."""
        self._closing.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join(_LAST_TRY)
        if self._runs:
            logging.getLogger(__name__).error("runs that were not kept: %d (%s)", len(self), self.reason)

    def _append(self, stored: StoredRun) -> None:
        with self._lock:
            if stored.run.id in self._runs:
                return
            if sum(len(one.document) for one in (*self._runs.values(), stored)) > _MOST_CHARACTERS:
                raise StoreUnavailable(f"{self.reason}, and no more runs can wait for it")
            self._runs[stored.run.id] = stored
            if self._thread is None:
                self._thread = threading.Thread(target=self._try_again, daemon=True)
                self._thread.start()

    def _tried(self, stored: StoredRun) -> bool:
        """Try to keep a run, and return True where it is kept."""
        try:
            self._keep(stored)
        except StoreUnavailable as error:
            self.reason = str(error)
            return False
        return True

    def _try_again(self) -> None:
        wait = _FIRST_WAIT
        while not self._closing.wait(wait):
            if self._try_all():
                return
            wait = min(2 * wait, _LONGEST_WAIT)
        self._try_all()

    def _try_all(self) -> bool:
        """Keep the runs that wait until one cannot be; return True, and let go of the thread, where all are."""
        while True:
            with self._lock:
                first = next(iter(self._runs.values()), None)
                if first is None:
                    self._thread = None
                    return True
            if not self._tried(first):
                return False
            with self._lock:
                del self._runs[first.run.id]
