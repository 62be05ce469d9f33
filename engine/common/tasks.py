"""Tasks, which are work described by plain data that another process can do, and the answers that travel back."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import ClassVar, Protocol, Self

from pydantic import BaseModel, ConfigDict

from engine.common.work import Work


class Answer(Protocol):
    """The answer to a task; it travels as JSON text."""

    def to_json(self) -> str:
        """Return the answer as JSON text."""

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read an answer that `to_json` wrote."""


class PlainAnswer:
    """A base of answers that are dataclasses of plain values."""

    def to_json(self) -> str:
        """Return the answer as JSON text."""
        return json.dumps(vars(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read an answer that `to_json` wrote."""
        return cls(**json.loads(text))


class Task(BaseModel, ABC):
    """A piece of work, frozen and validated; `unit` names a step of its progress, `answer` the type of its answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    unit: ClassVar[str]
    answer: ClassVar[type[Answer]]

    @abstractmethod
    def run(self, work: Work) -> Answer:
        """Do the work; raise `SearchStopped` when it is not wanted any more, and `ValueError` in one sentence."""

    @property
    @abstractmethod
    def title(self) -> str:
        """Return a name for the task, in a few words."""

    @property
    def duration_class(self) -> str:
        """Return a key that tasks which take about as long have in common."""
        return type(self).__name__
