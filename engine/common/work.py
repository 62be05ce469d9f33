"""Work under way: its progress, reported to who waits for it, and the question of whether to stop."""

from __future__ import annotations

import math
import time
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from engine.common.errors import SearchStopped

_FEWEST = 3
"""Steps that tell how long the others take."""
OnProgress = Callable[["Progress"], None]
ShouldStop = Callable[[], bool]


@dataclass(frozen=True)
class Progress:
    """The progress of a piece of work: `done` of `total` steps after `elapsed` seconds.

    `estimate` is that of the seconds left: infinite where nothing is known of them, None where each step takes as long
    as the mean of those done.
    """

    done: int
    total: int
    elapsed: float
    estimate: float | None = None

    @property
    def left(self) -> float | None:
        """Return the seconds left, as far as they are known; None where they are not."""
        if self.estimate is None:
            return self.elapsed / self.done * (self.total - self.done) if self.done else None
        return self.estimate if math.isfinite(self.estimate) else None

    @property
    def fraction(self) -> float:
        """Return the part of the work that is done: of its seconds where those left are known, or of its steps."""
        left = self.left
        if left is None:
            return self.done / self.total if self.total else 0.0
        return self.elapsed / (self.elapsed + left) if left else 1.0


class Phase(NamedTuple):
    """A part of a plan: so many steps of one kind of work, and the seconds that a step took where it was tried."""

    kind: str
    steps: float
    pace: float | None = None


class Work:
    """A piece of work: a count of steps, a listener to its progress, a question of whether to stop.

    The code that does the work calls `begin` with the number of its steps, `step` after each, and `check` as often as
    it should be possible to stop it. Where steps are of several kinds, `plan` says of which and how many, and a `part`
    does each. `on_progress` is called at every step, `should_stop` at every check.
    """

    def __init__(self, on_progress: OnProgress | None = None, should_stop: ShouldStop | None = None) -> None:
        self.on_progress, self.should_stop = on_progress, should_stop
        self._on_fraction: Callable[[float], None] | None = None  # of a part: its whole hears of it
        self.done: float = 0
        self.total = 0
        self._started = time.perf_counter()
        self._phases: list[Phase] = []
        self._marks: list[tuple[float, float]] = []  # steps done and the seconds until then, at the beginning and after
        self._spent: dict[str, tuple[float, float]] = {}  # steps and seconds of the parts that are over, by kind
        self._part: tuple[Work, Phase] | None = None  # the part under way

    @property
    def elapsed(self) -> float:
        """Return the seconds since the work was made."""
        return time.perf_counter() - self._started

    def begin(self, steps: int) -> None:
        """Set the number of steps, all of one kind and none of them done, without a report."""
        self.plan([Phase("", steps)])

    def plan(self, phases: Iterable[Phase]) -> None:
        """Set the phases in the order in which they will be done, none of them done, without a report."""
        self._phases = list(phases)
        self.done, self.total = 0, round(sum(phase.steps for phase in self._phases))
        self._marks, self._spent, self._part = [(0, self.elapsed)], {}, None

    def step(self, steps: int = 1) -> None:
        """Count steps as done, and report; steps beyond the total that was begun with lengthen it."""
        self._end_part()
        self.done += steps
        self._marks.append((self.done, self.elapsed))
        self.report()

    def finish(self) -> None:
        """Count the steps that were not needed as done, and report, if there are any."""
        part = self._part[0] if self._part is not None else None
        if self.done < self.total or (part is not None and part.done < part.total):
            self.step(self.total - int(self.done))

    def report(self) -> None:
        """Report the progress to `on_progress`."""
        self._end_part()
        self._tell(self.done)

    def check(self) -> None:
        """Raise `SearchStopped` if the work is no longer wanted."""
        if self.should_stop is not None and self.should_stop():
            raise SearchStopped("the work was stopped")

    def part(self, steps: float) -> Work:
        """Return the next part of this work, which has steps of its own and counts as `steps` of this one in all."""
        self._end_part()
        before, self.done = self.done, self.done + steps
        part = self.quiet()
        part._on_fraction = lambda fraction: self._tell(before + steps * fraction)
        self._part = part, Phase(self._kind_at(before), steps)
        return part

    def quiet(self) -> Work:
        """Return work that stops with this one, and whose progress is not reported."""
        return Work(None, self.should_stop)

    @property
    def pace(self) -> float | None:
        """Return the seconds of a step, by the last quarter of the time, a few steps at least; None before the third.

        What comes before the first step is no step, and the first is often slower than the others; but steps that were
        done side by side are counted at once, and all of them took the time before the first.
        """
        if len(self._marks) < _FEWEST + 1:
            return None
        done, seconds = self._marks[-1]
        begun = self._marks[0][1]
        quarter = bisect_right(self._marks, begun + 0.75 * (seconds - begun), key=itemgetter(1)) - 1
        before, then = self._marks[max(min(1, quarter), min(quarter, len(self._marks) - 1 - _FEWEST))]
        return (seconds - then) / (done - before)

    @property
    def left(self) -> float | None:
        """Estimate the seconds left, of the part under way and all phases that follow; None where one is unknown."""
        seconds = self._left_of_part()
        reached = 0.0
        for phase in self._phases:
            steps = phase.steps - max(0.0, min(self.done - reached, phase.steps))
            reached += phase.steps
            if steps > 1e-9 and seconds is not None:
                pace = self._pace_of(phase)
                seconds = None if pace is None else seconds + steps * pace
        return seconds

    def _left_of_part(self) -> float | None:
        if self._part is None:
            return 0.0 if self._phases else None
        part, phase = self._part
        if (left := part.left) is not None:
            return left
        pace = self._pace_of(phase._replace(pace=self._tried(phase.kind)))
        return None if pace is None else max(0.0, pace * phase.steps - part.elapsed)

    def _pace_of(self, phase: Phase) -> float | None:
        """Return the seconds of a step of a phase: as measured on its kind so far, or when it was tried."""
        steps, seconds = self._spent.get(phase.kind, (0.0, 0.0))
        if self._part is not None and self._part[1].kind == phase.kind and (left := self._part[0].left) is not None:
            steps, seconds = steps + self._part[1].steps, seconds + self._part[0].elapsed + left
        if steps:
            return seconds / steps
        return phase.pace if self.pace is None or phase.kind else self.pace

    def _tried(self, kind: str) -> float | None:
        return next((phase.pace for phase in self._phases if phase.kind == kind), None)

    def _kind_at(self, done: float) -> str:
        reached = 0.0
        for phase in self._phases:
            reached += phase.steps
            if done < reached - 1e-9:
                return phase.kind
        return ""

    def _end_part(self) -> None:
        """Keep the seconds of the part that is over."""
        if self._part is not None:
            part, phase = self._part
            steps, seconds = self._spent.get(phase.kind, (0.0, 0.0))
            self._spent[phase.kind] = steps + phase.steps, seconds + part.elapsed
            self._part = None

    def _tell(self, done: float) -> None:
        if self._on_fraction is not None:
            self._on_fraction(done / (self.total or 1))
        if self.on_progress is not None:
            whole = int(done + 1e-9)  # thirds of steps add up to a little less than a step
            left = self.left
            self.on_progress(
                Progress(whole, max(whole, self.total), self.elapsed, math.inf if left is None else max(0.0, left))
            )
