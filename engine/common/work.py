"""How far a piece of work is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """How far a piece of work is: `done` of `total` parts after `elapsed` seconds."""

    done: int
    total: int
    elapsed: float

    @property
    def left(self) -> float | None:
        """Seconds that the other parts will take if they take as long, or None before the first."""
        return self.elapsed / self.done * (self.total - self.done) if self.done else None
