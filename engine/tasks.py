"""What a worker can be asked: a frozen, validated description for each kind of work, and what answers it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from engine.atlas import Atlas, chart
from engine.config import SearchConfig
from engine.progress import Progress
from engine.result import SearchResult
from engine.search import search
from engine.study import SeedStudy, study_seeds

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
    """A space, or `count` architectures of it drawn from `sample_seed`, under some measures."""

    kind: Literal["atlas"] = "atlas"
    space: str
    count: int | None
    measures: tuple[str, ...]
    seed: int = 0
    sample_seed: int = 0
    device: str = "auto"
    unit: ClassVar[str] = "part"
    answer: ClassVar[type[Answer]] = Atlas

    def run(self, on_progress: OnProgress, should_stop: ShouldStop) -> Atlas:
        return chart(
            self.space,
            self.count,
            self.measures,
            seed=self.seed,
            sample_seed=self.sample_seed,
            device=self.device,
            on_progress=on_progress,
            should_stop=should_stop,
        )

    @property
    def title(self) -> str:
        return f"atlas, seed {self.seed}"


Task = SearchTask | SeedsTask | AtlasTask
_TASK: TypeAdapter[Task] = TypeAdapter(Annotated[Task, Field(discriminator="kind")])


def read_task(data: Any) -> Task:
    """The task in plain data, as `model_dump` gives it; `ValueError` if it is none."""
    return _TASK.validate_python(data)
