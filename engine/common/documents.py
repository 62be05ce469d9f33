"""JSON documents: the base of the models that write and read them, and the JSON Schema of a model."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, TypeAdapter, ValidationError
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import CoreSchema

from engine.common.errors import explain, quoted
from engine.common.jsontext import MAX_TEXT, load_json

Document = TypeVar("Document")
SCHEMAS_URL = "https://freenas.example/assets/"
"""The place that the `$id` of every schema begins with; schemas refer to each other by it."""


def _stop_at_first_error(schema: object) -> None:
    """Have every list and object in a schema of pydantic's core end with the first value that does not fit."""
    if isinstance(schema, dict):
        if schema.get("type") in ("list", "tuple", "dict"):
            schema["fail_fast"] = True
        schema = list(schema.values())
    if isinstance(schema, list):
        for part in schema:
            _stop_at_first_error(part)


class DocumentPart(BaseModel):
    """A part of a JSON document: strict, frozen, all numbers finite.

    It is written with its own keys only, which its schema says; a reader leaves others aside unless a part forbids
    them. Python code names the fields by their own names, documents by their aliases.
    """

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        allow_inf_nan=False,
        validate_by_name=True,
        validate_by_alias=True,
        json_schema_extra={"additionalProperties": False},
    )

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema of the part, whose lists and objects are read up to their first error: one is told."""
        schema = handler(source)
        _stop_at_first_error(schema)
        return schema

    @classmethod
    def from_data(cls, data: object) -> Self:
        """Read plain data as `to_data` gives it; `ValidationError` for the first places that do not fit."""
        return cls.model_validate(data, by_alias=True, by_name=False)

    def to_data(self) -> dict[str, Any]:
        """Return the part as plain data, ready for JSON."""
        return self.model_dump(mode="json", by_alias=True)


def read_as(kind: TypeAdapter[Document], schema: str, text: str, most: int | None = MAX_TEXT) -> Document:
    """Read the JSON text of a document that names its `schema`, of at most so many characters.

    `ValueError` names in one sentence the first error and its place.
    """
    data = load_json(text, most)
    actual = data.get("schema") if isinstance(data, dict) else data
    if actual != schema:
        raise ValueError(f"schema: {quoted(actual)} found, '{schema}' expected")
    try:
        return kind.validate_python(data)
    except ValidationError as error:
        raise ValueError(explain(error)) from None


class _DocumentSchema(GenerateJsonSchema):
    """JSON Schema in the order of the model, without defaults and the titles that pydantic makes of names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def model_schema(self, schema: Any) -> dict[str, Any]:
        written = super().model_schema(schema)
        title = schema["cls"].model_config.get("title")
        head = {"title": title, "description": " ".join(written.get("description", "").split()), "type": "object"}
        return {key: value for key, value in head.items() if value} | {
            key: value for key, value in written.items() if key not in head
        }

    def default_schema(self, schema: Any) -> dict[str, Any]:
        written = super().default_schema(schema)
        written.pop("default", None)
        return written

    def sort(self, value: dict[str, Any], parent_key: str | None = None) -> dict[str, Any]:
        return value


def schema_address(document: str) -> str:
    """Return the address of the schema of a kind of documents, such as `genotype`."""
    return f"{SCHEMAS_URL}{document}.schema.json"


def part_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema of what `model` writes, the key first that its documents have first."""
    return model.model_json_schema(by_alias=True, mode="serialization", schema_generator=_DocumentSchema)


def json_schema(model: type[BaseModel], document: str) -> dict[str, Any]:
    """Return the JSON Schema of a kind of documents, which `model` writes and reads, with its address."""
    schema = part_schema(model)
    definitions = schema.pop("$defs", None)
    head = {"$schema": _DocumentSchema.schema_dialect, "$id": schema_address(document)}
    return head | schema | ({"$defs": definitions} if definitions else {})
