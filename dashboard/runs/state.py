"""The memory of a session for runs: those that are picked, and what the last action did."""

from __future__ import annotations

from dataclasses import dataclass, field

from dashboard.server.jobs import Job
from dashboard.server.state import state
from engine.runs import Run


@dataclass
class RunsState:
    """The memory of a session: runs picked on any page of the table, runs last deleted, and messages to show once.

    `picked` holds runs by their ids, `deleted` ids, and `run_to_open` the id of a run whose button was pressed. A new
    number of `drawings` makes the table forget what is ticked in it. `past_import` is the import that another action
    came after.
    """

    picked: dict[str, Run] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    run_to_open: str = ""
    message: str = ""
    complaint: str = ""
    drawings: int = 0
    past_import: Job | None = None

    def unpick(self) -> None:
        """Pick nothing."""
        self.picked = {}
        self.drawings += 1


def take_messages() -> tuple[str, str]:
    """Return the message and the complaint of the last action, each "" where there is none, and forget them."""
    memory = state(RunsState)
    messages = memory.message, memory.complaint
    memory.message = memory.complaint = ""
    return messages


def take_run_to_open() -> str:
    """Return the id of the run whose button was pressed, "" where there is none, and forget it."""
    memory = state(RunsState)
    run_id, memory.run_to_open = memory.run_to_open, ""
    return run_id
