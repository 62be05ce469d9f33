"""A request for evidence: a column of a table, the scores that are weighed, and the tasks that answer it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.parts.accuracy_table import TableColumn
from engine.measures import MEASURES
from engine.studies.durations import DurationsTask, networks_run
from engine.studies.evidence import EvidenceQuestion, EvidenceTask, measured_architectures

BASIC_SCORES = tuple(name for name in ("flow", "params", "macs") if name in MEASURES)
"""The scores that always stand on the page: the method, where the space has a closed form, and the baselines that it
must beat; seconds in all."""
SAMPLES = {"300": 300, "1,000": 1000, "all": None}
"""The samples of a table that may stand for all of it, by the names that links have."""


@dataclass(frozen=True)
class EvidenceRequest:
    """A request for the evidence of a column of a table, by more measures and other columns as scores.

    `sample` is one of the names in `SAMPLES`, "" where nobody has chosen: then all architectures are weighed, but no
    networks are run that take long.
    """

    table_column: TableColumn
    seed: int
    measures: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    sample: str = ""
    data: str = "gaussian"

    @property
    def tasks(self) -> list[EvidenceTask]:
        """Return the work that answers the request: the basic scores, then columns and measures, each by itself."""
        parts: list[tuple[tuple[str, ...], tuple[str, ...]]] = [(basic_scores(self.table_column), ())]
        parts += [((), (name,)) for name in self.columns] + [((name,), ()) for name in self.measures]
        return [self._task(measures, columns) for measures, columns in parts]

    @property
    def architectures(self) -> int:
        """Return the number of architectures that have a number in the column."""
        return int((~np.isnan(self.table_column.table.of(self.table_column.name))).sum())

    @property
    def trial(self) -> DurationsTask | None:
        """Return the work that tells how long the networks take, None where there are none or few, or it is decided."""
        if self.sample or not networks_run(self.measures) or self.architectures <= min(filter(None, SAMPLES.values())):
            return None
        column = self.table_column
        return DurationsTask(table=column.task, column=column.name, measures=self.measures, data=self.data)

    def _task(self, measures: tuple[str, ...], columns: tuple[str, ...]) -> EvidenceTask:
        return self.table_column.evidence_task(
            EvidenceQuestion(
                column=self.table_column.name,
                measures=measures,
                columns=columns,
                seed=self.seed,
                sample=SAMPLES[self.sample or "all"],
                data=self.data,
            )
        )


def too_few(table_column: TableColumn) -> str:
    """Return one sentence where the column has too few numbers for any evidence; nothing where it has enough."""
    try:
        measured_architectures(table_column.table, table_column.name)
    except ValueError as error:
        return f"No evidence: {error}."
    return ""


def basic_scores(table_column: TableColumn) -> tuple[str, ...]:
    """Return the scores that always stand on the page of a table."""
    closed = table_column.table.population.space.no_closed_form is None
    return tuple(name for name in BASIC_SCORES if closed or name != "flow")
