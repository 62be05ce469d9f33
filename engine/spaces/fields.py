"""Fields that questions share: search spaces, seeds and sizes, with their bounds and meanings."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, InstanceOf, PlainSerializer, TypeAdapter, ValidationError, WithJsonSchema

from engine.common.documents import schema_address
from engine.common.errors import broken_rule, quoted
from engine.spaces import OwnSpace, SearchSpace, get_space


def as_space_field(value: object) -> str | OwnSpace:
    """Return a search space as questions and answers hold it: the name of a registered one, or an own one as it is.

    `ValueError` names the value and what is allowed, or the place of the first error in a document.
    """
    if not isinstance(value, str | dict | SearchSpace):
        raise ValueError(f"space: a string or a document expected, {quoted(value)} given")
    try:
        space = get_space(value)
    except ValueError as error:
        raise ValueError(f"space: {error}" if isinstance(value, dict) else str(error)) from None
    return space if isinstance(space, OwnSpace) else space.name


SPACE_SCHEMA = WithJsonSchema(
    {"anyOf": [{"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}, {"$ref": schema_address("search-space")}]}
)
"""The JSON Schema of a search space in a document: a name, or the document of an own one."""

SpaceField = Annotated[
    str | InstanceOf[OwnSpace],
    BeforeValidator(as_space_field),
    PlainSerializer(lambda value: get_space(value).reference, return_type=str | dict[str, Any]),
    SPACE_SCHEMA,
    Field(description="search space: the name of a registered one, or the document of an own one"),
]
"""A search space; in JSON a name or a document."""

Seed = Annotated[
    int, Field(ge=0, le=2**32 - 1, strict=True, description="seed of the weights, and of α where it is noise")
]
Channels = Annotated[
    int,
    Field(ge=4, le=64, multiple_of=2, strict=True, description="channels of the first cells of the supernet, even"),
]
Cells = Annotated[int, Field(strict=True, description="cells of the supernet, a stage or in all, as the space says")]
ImageSize = Annotated[
    int, Field(ge=8, le=64, multiple_of=4, strict=True, description="side of the images in pixels, a multiple of 4")
]
Normalisation = Annotated[
    Literal["bypass", "batch"], Field(description="batch norm left out, or in training mode on the one image")
]
Alpha = Annotated[
    Literal["ones", "noise"], Field(description="α of every operation: 1, or 10⁻³·|N(0, 1)| drawn from the seed")
]
FeatureField = Annotated[
    Literal["full", "interior"],
    Field(description="the whole image, or its interior in closed form, away from the border"),
]


def check_field(name: str, kind: Any, value: object) -> None:
    """Raise `ValueError` in one sentence for a value that a field of this kind, called `name`, does not take."""
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        raise ValueError(f"{name}: {broken_rule(error.errors(include_url=False)[0])}") from None


def check_cells(space: SearchSpace, cells: int) -> None:
    """Raise `ValueError` for a number of cells that networks of `space` do not take."""
    low, high = space.cells_range
    if not low <= cells <= high:
        raise ValueError(f"cells: {quoted(cells)} is out of range; {space.name} takes {low} to {high}")
