"""Work under way: how far it is, who hears of it, and whether it is still wanted."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from engine.common.errors import SearchStopped

OnProgress = Callable[["Progress"], None]
ShouldStop = Callable[[], bool]


@dataclass(frozen=True)
class Progress:
    """The progress of a piece of work: `done` of `total` steps after `elapsed` seconds."""

    done: int
    total: int
    elapsed: float

    @property
    def left(self) -> float | None:
        """Estimate the seconds left from the mean of the steps done; None before the first."""
        return self.elapsed / self.done * (self.total - self.done) if self.done else None


class Work:
    """A piece of work: a count of steps, an ear for its progress, a question whether to stop.

    Whoever does the work calls `begin` with the number of its steps, `step` after each, and `check` as often as it
    should be possible to stop it. `on_progress` hears of every step; `should_stop` is asked at every check.
    """

    def __init__(self, on_progress: OnProgress | None = None, should_stop: ShouldStop | None = None) -> None:
        self.on_progress, self.should_stop = on_progress, should_stop
        self.done: float = 0
        self.total = 0
        self._started = time.perf_counter()

    @property
    def elapsed(self) -> float:
        """Return the seconds since the work was made."""
        return time.perf_counter() - self._started

    def begin(self, steps: int) -> None:
        """Set the number of steps, none of them done; nobody hears of it."""
        self.done, self.total = 0, steps

    def step(self, steps: int = 1) -> None:
        """Count steps as done, and report; work that takes more steps than it began with has a longer way."""
        self.done += steps
        self.report()

    def finish(self) -> None:
        """Count the steps that were not needed as done, if there are any."""
        if self.done < self.total:
            self.step(self.total - int(self.done))

    def report(self) -> None:
        """Tell `on_progress` how far the work is."""
        self._tell(self.done)

    def check(self) -> None:
        """Raise `SearchStopped` if the work is no longer wanted."""
        if self.should_stop is not None and self.should_stop():
            raise SearchStopped("the work was stopped")

    def part(self, steps: float) -> Work:
        """Return the next part of this work, with steps of its own, which together count as `steps` of this one."""
        before, self.done = self.done, self.done + steps
        if self.on_progress is None:
            return Work(None, self.should_stop)
        return Work(lambda part: self._tell(before + steps * part.done / (part.total or 1)), self.should_stop)

    def quiet(self) -> Work:
        """Return work that stops with this one, and whose progress nobody hears of."""
        return Work(None, self.should_stop)

    def _tell(self, done: float) -> None:
        if self.on_progress is not None:
            self.on_progress(Progress(int(done), max(int(done), self.total), self.elapsed))
