"""The task of reading a table of accuracies, which is then kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from engine.common.tasks import Answer, PlainAnswer, Task
from engine.common.work import Work
from engine.spaces.fields import SpaceField
from engine.tables.cache import load_table
from engine.tables.table import AccuracyTable


@dataclass(frozen=True)
class TableSummary(PlainAnswer):
    """The answer to reading a table of accuracies; the table itself is kept, and `load_table` returns it at once."""

    name: str
    space: str
    architectures: int


class TableTask(Task):
    """The task of reading a file of accuracies, changed last at `stamp`.

    A `trusted` file is the server's own, no upload. `space` is the space of its architectures, where their notation is
    that of another space.
    """

    kind: Literal["table"] = "table"
    path: str
    stamp: int
    trusted: bool = False
    space: SpaceField | None = None
    unit: ClassVar[str] = "part"
    answer: ClassVar[type[Answer]] = TableSummary

    def run(self, work: Work) -> TableSummary:
        """Read and keep the table."""
        table = self.load()
        return TableSummary(table.name, table.population.space.name, len(table.population))

    def load(self) -> AccuracyTable:
        """Return the table; at once where it was read before."""
        return load_table(Path(self.path), space=self.space, trusted=self.trusted)

    @property
    def title(self) -> str:
        """Name the file."""
        return f"reading {Path(self.path).name}"
