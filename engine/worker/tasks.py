"""What a worker can be asked: a frozen, validated description for each kind of work, and what answers it."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from engine.common.work import Progress
from engine.data.images import load_data
from engine.searches.config import SearchConfig
from engine.searches.result import SearchResult
from engine.searches.search import search
from engine.spaces.fields import SpaceField
from engine.studies.atlas import Atlas, chart
from engine.studies.evidence import Evidence, evidence
from engine.studies.seeds import SeedStudy, study_seeds
from engine.tables import AccuracyTable, load_table

OnProgress = Callable[[Progress], None]
ShouldStop = Callable[[], bool]


class Answer(Protocol):
    """What a task ends in; it travels as JSON text."""

    def to_json(self) -> str:
        """The answer as JSON text."""

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""


class TaskBase(BaseModel, ABC):
    """A piece of work. `unit` is what its progress counts; `answer` is the type that it ends in."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    unit: ClassVar[str]
    answer: ClassVar[type[Answer]]

    @abstractmethod
    def run(self, on_progress: OnProgress, should_stop: ShouldStop) -> Answer:
        """Do it; raises `SearchStopped` when `should_stop` says so, and `ValueError` in one sentence."""

    @property
    @abstractmethod
    def title(self) -> str:
        """What it is, in a few words."""

    @property
    def like(self) -> str:
        """What tasks that take about as long have in common."""
        return type(self).__name__


class SearchTask(TaskBase):
    """One search."""

    kind: Literal["search"] = "search"
    config: SearchConfig
    unit: ClassVar[str] = "pass"
    answer: ClassVar[type[Answer]] = SearchResult

    def run(self, on_progress: OnProgress, should_stop: ShouldStop) -> SearchResult:
        return search(self.config, on_progress=on_progress, should_stop=should_stop)

    @property
    def title(self) -> str:
        return f"search, seed {self.config.seed}"

    @property
    def like(self) -> str:
        config = self.config
        return f"search {config.search_space.name} {config.proxy} {config.method} {config.field} {config.size}"


class SeedsTask(TaskBase):
    """A study of the seeds 0 to `seeds` - 1."""

    kind: Literal["seeds"] = "seeds"
    config: SearchConfig
    seeds: int
    unit: ClassVar[str] = "seed"
    answer: ClassVar[type[Answer]] = SeedStudy

    def run(self, on_progress: OnProgress, should_stop: ShouldStop) -> SeedStudy:
        return study_seeds(self.config, range(self.seeds), on_progress=on_progress, should_stop=should_stop)

    @property
    def title(self) -> str:
        return f"study, {self.seeds} seeds"


class AtlasTask(TaskBase):
    """A space, or `count` architectures of it drawn from `sample_seed`, and those in `also`, under some measures."""

    kind: Literal["atlas"] = "atlas"
    space: SpaceField
    count: int | None
    measures: tuple[str, ...]
    seed: int = 0
    sample_seed: int = 0
    also: tuple[str, ...] = ()
    device: str = "auto"
    data: str = "gaussian"
    unit: ClassVar[str] = "part"
    answer: ClassVar[type[Answer]] = Atlas

    def run(self, on_progress: OnProgress, should_stop: ShouldStop) -> Atlas:
        return chart(
            self.space,
            self.count,
            self.measures,
            seed=self.seed,
            sample_seed=self.sample_seed,
            also=self.also,
            device=self.device,
            data=load_data(self.data),
            on_progress=on_progress,
            should_stop=should_stop,
        )

    @property
    def title(self) -> str:
        return f"atlas, seed {self.seed}"


@dataclass(frozen=True)
class TableRead:
    """What reading a table of accuracies ends in; the table itself is kept, and `load_table` has it at once."""

    name: str
    space: str
    architectures: int

    def to_json(self) -> str:
        """The answer as JSON text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> TableRead:
        """Read what `to_json` wrote."""
        return cls(**json.loads(text))


class TableTask(TaskBase):
    """Read a file of accuracies, changed last at `stamp`; a `trusted` one is the server's own, no upload.

    `space` is the space of its architectures, where their notation is that of another.
    """

    kind: Literal["table"] = "table"
    path: str
    stamp: int
    trusted: bool = False
    space: SpaceField | None = None
    unit: ClassVar[str] = "part"
    answer: ClassVar[type[Answer]] = TableRead

    def run(self, on_progress: OnProgress, should_stop: ShouldStop) -> TableRead:
        table = self.load()
        return TableRead(table.name, table.population.space.name, len(table.population))

    def load(self) -> AccuracyTable:
        """The table; at once where it was read before."""
        return load_table(Path(self.path), space=self.space, trusted=self.trusted)

    @property
    def title(self) -> str:
        return f"reading {Path(self.path).name}"


class EvidenceTask(TaskBase):
    """What measures, and other columns of a table, are worth as scores of the accuracies in one column."""

    kind: Literal["evidence"] = "evidence"
    table: TableTask
    column: str
    dataset: str | None
    split: str | None
    epochs: int | None
    measures: tuple[str, ...]
    columns: tuple[str, ...] = ()
    seed: int = 0
    sample: int | None = None
    data: str = "gaussian"
    unit: ClassVar[str] = "part"
    answer: ClassVar[type[Answer]] = Evidence

    def run(self, on_progress: OnProgress, should_stop: ShouldStop) -> Evidence:
        table = self.table.load()
        return evidence(
            table.described(self.column, dataset=self.dataset, split=self.split, epochs=self.epochs),
            self.column,
            measures=self.measures,
            columns=self.columns,
            seed=self.seed,
            sample=self.sample,
            data=load_data(self.data),
            on_progress=on_progress,
            should_stop=should_stop,
        )

    @property
    def title(self) -> str:
        return f"evidence for {', '.join((*self.measures, *self.columns))}, seed {self.seed}"


Task = SearchTask | SeedsTask | AtlasTask | TableTask | EvidenceTask
_TASK: TypeAdapter[Task] = TypeAdapter(Annotated[Task, Field(discriminator="kind")])


def read_task(data: Any) -> Task:
    """The task in plain data, as `model_dump` gives it; `ValueError` if it is none."""
    return _TASK.validate_python(data)
