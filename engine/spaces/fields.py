"""Search spaces as fields of a document: by name, or one of one's own in full."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, InstanceOf, PlainSerializer

from engine.common.errors import quoted
from engine.spaces import OwnSpace, SearchSpace, get_space


def as_space_field(value: object) -> str | OwnSpace:
    """A search space as questions and answers hold it: the name of a registered one, or one of one's own as it is.

    `ValueError` names the value and what is allowed, or the place of the first error in a document.
    """
    if not isinstance(value, str | dict | SearchSpace):
        raise ValueError(f"space: a string or a document expected, {quoted(value)} given")
    try:
        described = get_space(value)
    except ValueError as error:
        raise ValueError(f"space: {error}" if isinstance(value, dict) else str(error)) from None
    return described if isinstance(described, OwnSpace) else described.name


SpaceField = Annotated[
    str | InstanceOf[OwnSpace],
    BeforeValidator(as_space_field),
    PlainSerializer(lambda held: get_space(held).reference, return_type=str | dict[str, Any]),
]
"""The type of a field that holds a search space; in JSON it is a name or a document."""
