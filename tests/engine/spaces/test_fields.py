from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel

from engine.spaces import SPACES, OwnSpace, load_space
from engine.spaces.fields import Channels, ImageSize, Seed, SpaceField, as_space_field, check_cells, check_field
from tests.engine.documents import SMALL


class Question(BaseModel):
    space: SpaceField


def test_a_registered_space_is_held_by_its_name_and_an_own_one_as_it_is():
    assert as_space_field("darts") == as_space_field(SPACES["darts"]) == "darts"
    own = load_space(json.dumps(SMALL))
    assert as_space_field(SMALL) == as_space_field(own) == own
    assert isinstance(Question(space=SMALL).space, OwnSpace)


@pytest.mark.parametrize("space", ["nas-bench-201", SMALL])
def test_a_question_in_json_holds_the_name_or_the_document(space: str | dict[str, Any]):
    text = Question(space=space).model_dump_json()
    again = Question.model_validate_json(text)
    assert again == Question(space=space)
    assert isinstance(json.loads(text)["space"], type(space))


@pytest.mark.parametrize("value", [None, 3, ["darts"]])
def test_what_is_neither_name_nor_document_is_named(value: object):
    with pytest.raises(ValueError, match="space: a string or a document expected"):
        as_space_field(value)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (Seed, (0, 2**32 - 1), (-1, 2**32, 1.0, True)),
        (Channels, (4, 64), (3, 5, 66)),
        (ImageSize, (8, 64), (4, 10, 68)),
    ],
)
def test_bounds_hold_at_both_ends(kind: Any, good: tuple[int, ...], bad: tuple[object, ...]):
    for value in good:
        check_field("number", kind, value)
    for value in bad:
        with pytest.raises(ValueError, match=r"^number: .* given$"):
            check_field("number", kind, value)


def test_cells_out_of_range_are_named_with_the_range():
    check_cells(SPACES["darts"], 3)
    with pytest.raises(ValueError, match="cells: 2 is out of range; darts takes 3 to 100"):
        check_cells(SPACES["darts"], 2)
