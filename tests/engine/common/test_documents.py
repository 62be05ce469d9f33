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
