"""The memory of a session for evidence."""

from __future__ import annotations

from dataclasses import dataclass, field

from dashboard.parts.accuracy_table import TableColumn
from engine.common.tasks import Task
from engine.spaces import OwnSpace
from engine.studies.evidence import Evidence


@dataclass
class EvidenceState:
    """The memory of a session: the last evidence on the page, what ended without a result, the studies under way.

    `shown` holds a column of a table with its evidence, `selected` the name of the score whose row is selected. `ended`
    holds the reasons, "" for what was stopped, and `studied_space` the space whose studies of seeds are run one after
    the other.
    """

    shown: tuple[TableColumn, Evidence] | None = None
    selected: str = ""
    ended: dict[Task, str] = field(default_factory=dict)
    studied_space: str | OwnSpace | None = None
