"""The task of importing a file of runs into the user's store."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from engine.common.tasks import Answer, PlainAnswer, Task
from engine.common.text import decoded
from engine.common.work import Work
from engine.runs import StoreUnavailable, open_store


@dataclass(frozen=True)
class ImportSummary(PlainAnswer):
    """The answer to an import: the number of new runs, and of all in the file; the runs are in the store."""

    new: int
    total: int


class ImportTask(Task):
    """The task of keeping the runs in a file for an owner; `moment` tells one import of a file from the next."""

    kind: Literal["import"] = "import"
    path: str
    moment: int
    owner: str = ""
    unit: ClassVar[str] = "run"
    answer: ClassVar[type[Answer]] = ImportSummary

    def run(self, work: Work) -> ImportSummary:
        """Read the file, and keep all of its runs or none."""
        from engine.runs.exchange import import_runs

        text = decoded(Path(self.path).read_bytes(), "the file")
        try:
            with closing(open_store()) as store:
                return ImportSummary(*import_runs(store, text, work, self.owner))
        except StoreUnavailable as error:
            raise ValueError(str(error)) from None

    @property
    def title(self) -> str:
        """Name the file."""
        return f"importing {Path(self.path).name}"
