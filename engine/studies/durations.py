"""The time of measures that run a network of each architecture: by a trial of a few, before all are asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal

from engine.common.environment import resolve_device
from engine.common.processes import WORTH, processes_worth
from engine.common.tasks import Answer, PlainAnswer, Task
from engine.common.work import Work
from engine.data.images import load_data
from engine.measures import get_measure
from engine.measures.base import MeasureSetting, NetSize
from engine.studies.evidence import measured_architectures
from engine.tables.task import TableTask


def networks_run(measures: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the measures among these, and in joined ones, that run a network of each architecture."""
    parts = dict.fromkeys(part for name in measures for part in name.split("+"))
    return tuple(name for name in parts if get_measure(name).one_by_one)


@dataclass(frozen=True)
class Durations(PlainAnswer):
    """The seconds that an architecture takes, by measure; of long work so many `processes` take a part each.

    Measures that share a pass over the networks have its time once.
    """

    paces: dict[str, float]
    processes: int

    def seconds(self, measures: Iterable[str], architectures: int) -> float:
        """Estimate the seconds that measures take on so many architectures."""
        alone = [self.paces.get(name, 0.0) * architectures for name in networks_run(measures)]
        return sum(seconds / (self.processes if seconds >= WORTH else 1) for seconds in alone)


class DurationsTask(Task):
    """The task of trying measures on a few architectures with a number in a `column` of a table."""

    kind: Literal["durations"] = "durations"
    table: TableTask
    column: str
    measures: tuple[str, ...]
    data: str = "gaussian"
    net_size: NetSize = "small"
    device: str = "auto"
    unit: ClassVar[str] = "score"
    answer: ClassVar[type[Answer]] = Durations

    def run(self, work: Work) -> Durations:
        """Read the table and try the measures; none is worth a trial where the table is small."""
        population, _ = measured_architectures(self.table.load(), self.column)
        names = networks_run(self.measures)
        data = load_data(self.data)
        setting = MeasureSetting(device=self.device, data=data, work=work.quiet(), net_size=self.net_size)
        paces: dict[str, float] = {}
        work.begin(len(names))
        for name in names:
            pace = get_measure(name).pace(population, setting)
            paces |= {} if pace is None else {name: pace}
            work.step()
        return Durations(paces, processes_worth(float("inf"), resolve_device(self.device)))

    @property
    def title(self) -> str:
        """Name the measures."""
        return f"trying {', '.join(get_measure(name).title for name in networks_run(self.measures))} on a few networks"
