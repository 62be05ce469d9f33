"""Work under way: its progress, reported to who waits for it, and the question of whether to stop."""

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
    """A piece of work: a count of steps, a listener to its progress, a question of whether to stop.

    The code that does the work calls `begin` with the number of its steps, `step` after each, and `check` as often as
    it should be possible to stop it. `on_progress` is called at every step, `should_stop` at every check.
    """

    def __init__(self, on_progress: OnProgress | None = None, should_stop: ShouldStop | None = None) -> None:
        self.on_progress, self.should_stop = on_progress, should_stop
        self._on_fraction: Callable[[float], None] | None = None  # of a part: its whole hears of it
        self.done: float = 0
        self.total = 0
        self._started = time.perf_counter()

    @property
    def elapsed(self) -> float:
        """Return the seconds since the work was made."""
        return time.perf_counter() - self._started

    def begin(self, steps: int) -> None:
        """Set the number of steps, none of them done, without a report."""
        self.done, self.total = 0, steps

    def step(self, steps: int = 1) -> None:
        """Count steps as done, and report; steps beyond the total that was begun with lengthen it."""
        self.done += steps
        self.report()

    def finish(self) -> None:
        """Count the steps that were not needed as done, and report, if there are any."""
        if self.done < self.total:
            self.step(self.total - int(self.done))

    def report(self) -> None:
        """Report the progress to `on_progress`."""
        self._tell(self.done)

    def check(self) -> None:
        """Raise `SearchStopped` if the work is no longer wanted."""
        if self.should_stop is not None and self.should_stop():
            raise SearchStopped("the work was stopped")

    def part(self, steps: float) -> Work:
        """Return the next part of this work, which has steps of its own and counts as `steps` of this one in all."""
        before, self.done = self.done, self.done + steps
        part = self.quiet()
        part._on_fraction = lambda fraction: self._tell(before + steps * fraction)
        return part

    def quiet(self) -> Work:
        """Return work that stops with this one, and whose progress is not reported."""
        return Work(None, self.should_stop)

    def _tell(self, done: float) -> None:
        if self._on_fraction is not None:
            self._on_fraction(done / (self.total or 1))
        if self.on_progress is not None:
            whole = int(done + 1e-9)  # thirds of steps add up to a little less than a step
            self.on_progress(Progress(whole, max(whole, self.total), self.elapsed))
