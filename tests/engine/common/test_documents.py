from __future__ import annotations

from typing import Annotated

import pytest
from jsonschema import Draft202012Validator
from pydantic import ConfigDict, Field, ValidationError

from engine.common.documents import DocumentPart, json_schema, schema_address


class Inner(DocumentPart):
    """A part
    of two lines.
    """

    source: Annotated[int, Field(alias="from", ge=0, description="Where it begins.")]


class Outer(DocumentPart):
    model_config = ConfigDict(title="A document")

    parts: list[Inner]
    share: float = 0.5


WRITTEN = {"parts": [{"from": 3}], "share": 0.25}


def test_a_document_comes_back_as_it_was_written():
    outer = Outer(parts=[Inner(source=3)], share=0.25)
    assert outer.to_data() == WRITTEN
    assert Outer.from_data(WRITTEN) == outer


@pytest.mark.parametrize(
    "data",
    [
        {"parts": [{"source": 3}]},
        {"parts": [{"from": "3"}]},
        {"parts": [{"from": True}]},
        {"parts": [{"from": -1}]},
        {"parts": [], "share": float("nan")},
        {"parts": ()},
        {},
    ],
)
def test_documents_are_read_strictly(data: object):
    with pytest.raises(ValidationError):
        Outer.from_data(data)


def test_the_schema_says_what_is_written():
    schema = json_schema(Outer, "outer")
    assert list(schema) == [
        *("$schema", "$id", "title", "type", "properties", "required", "additionalProperties", "$defs")
    ]
    assert schema["$id"] == schema_address("outer") == "https://freenas.example/assets/outer.schema.json"
    assert schema["title"] == "A document"
    assert schema["$defs"]["Inner"] == {
        "description": "A part of two lines.",
        "type": "object",
        "properties": {"from": {"type": "integer", "minimum": 0, "description": "Where it begins."}},
        "required": ["from"],
        "additionalProperties": False,
    }
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    assert validator.is_valid(WRITTEN)
    assert not validator.is_valid(WRITTEN | {"surprise": 1})
    assert not validator.is_valid({"parts": [{"source": 3}]})


class Lists(DocumentPart):
    numbers: list[int] = Field(default_factory=list)
    pairs: tuple[tuple[int, int], ...] = ()
    named: dict[str, list[int]] = Field(default_factory=dict)
    parts: list[Inner] = Field(default_factory=list)


@pytest.mark.parametrize(
    "data",
    [
        {"numbers": ["1"] * 9},
        {"pairs": [(1, "2")] * 9},
        {"named": {str(number): 1 for number in range(9)}},
        {"named": {"a": ["1"] * 9}},
        {"parts": [{}] * 9},
    ],
    ids=lambda data: next(iter(data)),
)
def test_lists_and_objects_are_read_up_to_their_first_error(data):
    """An error takes a hundred times the memory of the two letters that it is of."""
    with pytest.raises(ValidationError) as caught:
        Lists.from_data(data)
    assert caught.value.error_count() == 1


def _parts() -> list[type[DocumentPart]]:
    """Every kind of document of the engine."""
    import engine.runs.run_document
    import engine.searches.result_document  # noqa: F401

    parts = [DocumentPart]
    for part in parts:
        parts += part.__subclasses__()
    return [part for part in parts if part.__module__.startswith("engine.")]


def _collecting(schema: object) -> list[str]:
    """The lists in a schema that go on after an error."""
    found = []
    if isinstance(schema, dict):
        if schema.get("type") == "list" and not schema.get("fail_fast"):
            found.append(str(schema)[:100])
        schema = list(schema.values())
    if isinstance(schema, list):
        found += [each for part in schema for each in _collecting(part)]
    return found


@pytest.mark.parametrize("part", _parts(), ids=lambda part: part.__name__)
def test_no_document_collects_errors(part):
    assert _collecting(part.__pydantic_core_schema__) == []
