"""Tasks are frozen values that travel as plain data."""

from __future__ import annotations

from typing import ClassVar, Self

import pytest
from pydantic import ValidationError

from engine.common.tasks import Task
from engine.common.work import Work


class Sum:
    def __init__(self, value: int) -> None:
        self.value = value

    def to_json(self) -> str:
        return str(self.value)

    @classmethod
    def from_json(cls, text: str) -> Self:
        return cls(int(text))


class Adding(Task):
    unit: ClassVar[str] = "number"
    answer: ClassVar[type[Sum]] = Sum
    numbers: tuple[int, ...]

    @property
    def title(self) -> str:
        return f"sum of {len(self.numbers)}"

    def run(self, work: Work) -> Sum:
        work.begin(len(self.numbers))
        total = 0
        for number in self.numbers:
            work.check()
            total += number
            work.step()
        return Sum(total)


def test_a_task_is_a_frozen_value():
    task = Adding(numbers=(1, 2))
    assert task == Adding(numbers=(1, 2)) != Adding(numbers=(2, 1))
    assert {task: "known"}[Adding(numbers=(1, 2))] == "known"
    with pytest.raises(ValidationError):
        task.numbers = (3,)
    with pytest.raises(ValidationError):
        Adding(numbers=(1,), more=1)


def test_a_task_and_its_answer_travel_as_text():
    task = Adding.model_validate_json(Adding(numbers=(1, 2, 3)).model_dump_json())
    done: list[int] = []
    answer = task.run(Work(lambda progress: done.append(progress.done)))
    assert task.answer.from_json(answer.to_json()).value == 6
    assert done == [1, 2, 3]


def test_tasks_of_a_kind_take_about_as_long_unless_they_say_otherwise():
    assert Adding(numbers=()).duration_class == Adding(numbers=(1,)).duration_class == "Adding"


def test_a_task_must_say_what_it_does():
    with pytest.raises(TypeError, match="abstract"):
        Task()  # type: ignore[abstract]
