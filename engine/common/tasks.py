"""Tasks: work described by plain data, so that another process can be asked for it, and answers that travel back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Protocol, Self

from pydantic import BaseModel, ConfigDict

from engine.common.work import Work


class Answer(Protocol):
    """The answer that a task ends in; it travels as JSON text."""

    def to_json(self) -> str:
        """Return the answer as JSON text."""

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""


class Task(BaseModel, ABC):
    """A piece of work, frozen and validated. `unit` is what its progress counts; `answer` the type that it ends in."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    unit: ClassVar[str]
    answer: ClassVar[type[Answer]]

    @abstractmethod
    def run(self, work: Work) -> Answer:
        """Do it; raises `SearchStopped` when `work` is not wanted any more, and `ValueError` in one sentence."""

    @property
    @abstractmethod
    def title(self) -> str:
        """Name the task in a few words."""

    @property
    def duration_class(self) -> str:
        """Name what tasks that take about as long have in common."""
        return type(self).__name__
