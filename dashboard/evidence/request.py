"""A request for evidence: a column of a table, the scores that are weighed, and the tasks that answer it."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.parts.accuracy_table import TableColumn
from engine.measures import MEASURES
from engine.studies.evidence import EvidenceQuestion, EvidenceTask, measured_architectures

BASIC_SCORES = tuple(name for name in ("flow", "params", "macs") if name in MEASURES)
"""The scores that always stand on the page: the method, where the space has a closed form, and the baselines that it
must beat; seconds in all."""


@dataclass(frozen=True)
class EvidenceRequest:
    """A request for the evidence of a column of a table, by more measures and other columns as scores."""

    table_column: TableColumn
    seed: int
    measures: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    sample: int | None = None
    data: str = "gaussian"

    @property
    def tasks(self) -> list[EvidenceTask]:
        """Return the work that answers the request: the basic scores, then columns and measures, each by itself."""
        parts: list[tuple[tuple[str, ...], tuple[str, ...]]] = [(basic_scores(self.table_column), ())]
        parts += [((), (name,)) for name in self.columns] + [((name,), ()) for name in self.measures]
        return [self._task(measures, columns) for measures, columns in parts]

    def _task(self, measures: tuple[str, ...], columns: tuple[str, ...]) -> EvidenceTask:
        column = self.table_column.column
        return EvidenceTask(
            table=self.table_column.task,
            dataset=column.dataset,
            split=column.split,
            epochs=column.epochs,
            accuracy=column.accuracy,
            lower_is_better=column.lower_is_better,
            question=EvidenceQuestion(
                column=column.name,
                measures=measures,
                columns=columns,
                seed=self.seed,
                sample=self.sample,
                data=self.data,
            ),
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
