"""The JSON of a search result as it is read: every field checked before anything is made of it."""

from __future__ import annotations

import json
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from engine.config import SearchConfig, explain
from engine.errors import shown
from engine.genotype import MAX_TEXT, RESULT_SCHEMA
from engine.spaces import Edge

_STRICT = ConfigDict(strict=True, allow_inf_nan=False, frozen=True)

Share = Annotated[float, Field(ge=0)]


class PassData(BaseModel):
    """One pass: the logarithm of the flow, and the shares by cell type, edges by operations."""

    model_config = _STRICT
    log_flow: float
    shares: dict[str, list[list[Share]]]


class StepData(BaseModel):
    """One pruned operation."""

    model_config = _STRICT
    cell: str
    edge: Annotated[list[int], Field(min_length=2, max_length=2)]
    operation: str
    at_pass: int = Field(alias="pass")
    share: Share


class NoticeData(BaseModel):
    """One warning."""

    model_config = _STRICT
    code: str
    message: str


class Document(BaseModel):
    """A search result whose parts fit: tables of the shape of the space, steps that leave one operation an edge."""

    model_config = _STRICT
    config: dict[str, Any]
    environment: dict[str, Any]
    genotype: dict[str, Any]
    passes: Annotated[list[PassData], Field(min_length=1)]
    steps: list[StepData]
    warnings: list[NoticeData]
    cost: dict[str, int | float | dict[str, int | float]]
    timing: dict[str, float]

    @classmethod
    def read(cls, text: str) -> Self:
        """The document in `text`; `ValueError` says in one sentence what is wrong and where."""
        if len(text) > MAX_TEXT:
            raise ValueError(f"the JSON text has {len(text):,} characters; at most {MAX_TEXT:,} are read")
        try:
            data = json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"not JSON: line {error.lineno}, column {error.colno}: {error.msg}") from None
        except (RecursionError, ValueError):
            raise ValueError("not JSON that can be read: nested too deeply, or a number too long") from None
        found = data.get("schema") if isinstance(data, dict) else data
        if found != RESULT_SCHEMA:
            raise ValueError(f"schema: {shown(found)} found, '{RESULT_SCHEMA}' expected")
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise ValueError(explain(error)) from None

    @field_validator("config")
    @classmethod
    def _valid_config(cls, value: dict[str, Any]) -> dict[str, Any]:
        try:
            SearchConfig.model_validate(value)
        except ValidationError as error:
            raise ValueError(f"config: {explain(error)}") from None
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        space = SearchConfig.model_validate(self.config).described_space
        if self.genotype.get("space") != space.name:
            raise ValueError(f"genotype.space: {shown(self.genotype.get('space'))} found, '{space.name}' expected")
        rows, columns = len(space.edges), len(space.operations)
        for index, found in enumerate(self.passes):
            tables = found.shares
            if set(tables) != set(space.cell_types):
                raise ValueError(f"passes[{index}].shares: the cell types {', '.join(space.cell_types)} expected")
            if any(len(table) != rows or any(len(row) != columns for row in table) for table in tables.values()):
                raise ValueError(f"passes[{index}].shares: tables of {rows} edges by {columns} operations expected")
        left = {(kind, edge): set(space.operations) for kind in space.cell_types for edge in space.edges}
        for index, step in enumerate(self.steps):
            place = (step.cell, Edge(*step.edge))
            if place not in left or step.operation not in left[place]:
                raise ValueError(
                    f"steps[{index}]: no such live operation: {shown([*place[:1], step.edge, step.operation])}"
                )
            if not 0 <= step.at_pass < len(self.passes):
                raise ValueError(f"steps[{index}].pass: {step.at_pass} found, 0 to {len(self.passes) - 1} expected")
            left[place].discard(step.operation)
        if any(len(operations) != 1 for operations in left.values()):
            raise ValueError("steps: exactly one operation must be left on every edge")
        return self
