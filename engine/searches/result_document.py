"""The JSON of a search result as it is read: every field checked before anything is made of it."""

from __future__ import annotations

import re
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from engine.common.errors import explain, quoted
from engine.genotypes.genotype import RESULT_SCHEMA, load_json
from engine.searches.config import SearchConfig
from engine.spaces import Edge

_STRICT = ConfigDict(strict=True, allow_inf_nan=False, frozen=True)
_OPEN = _STRICT | {"extra": "allow"}

Share = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]


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


class EnvironmentData(BaseModel):
    """Where a result was computed; more may stand there than is required."""

    model_config = _OPEN
    engine: str
    torch: str
    python: str
    platform: str
    device: str
    device_name: str
    threads: int


class CostData(BaseModel):
    """Counts of a network of a size."""

    model_config = _OPEN
    params: int
    macs: int
    channels: int
    cells: int


class DerivedCostData(CostData):
    """Counts at the evaluation size, and at the search size."""

    image_size: int
    classes: int
    at_search_size: CostData


class TimingData(BaseModel):
    """Seconds."""

    model_config = _OPEN
    build: float
    passes: float
    total: float


class FreeData(BaseModel):
    """What the same question finds without a budget."""

    model_config = _STRICT
    genotype: dict[str, Any]
    costs: dict[str, float]
    log_flow: float


class BudgetData(BaseModel):
    """What a budget cost."""

    model_config = _STRICT
    costs: dict[str, float]
    log_flow: float
    free: FreeData
    within: Count | None
    listed: Count | None


class Document(BaseModel):
    """A search result whose parts fit: tables of the shape of the space, steps that leave one operation an edge."""

    model_config = _STRICT
    config: dict[str, Any]
    environment: EnvironmentData
    genotype: dict[str, Any]
    passes: Annotated[list[PassData], Field(min_length=1)]
    steps: list[StepData]
    warnings: list[NoticeData]
    cost: DerivedCostData
    timing: TimingData
    budget: BudgetData | None = None

    @classmethod
    def read(cls, text: str) -> Self:
        """The document in `text`; `ValueError` says in one sentence what is wrong and where."""
        data = load_json(text)
        _check_schema(data.get("schema") if isinstance(data, dict) else data)
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
        config = SearchConfig.model_validate(self.config)
        space = config.search_space
        if self.genotype.get("space") != space.reference:
            raise ValueError(f"genotype.space: {quoted(self.genotype.get('space'))} found, '{space.name}' expected")
        rows, columns = len(space.edges), len(space.operations)
        for index, found in enumerate(self.passes):
            tables = found.shares
            if set(tables) != set(space.cell_types):
                raise ValueError(f"passes[{index}].shares: the cell types {', '.join(space.cell_types)} expected")
            if any(len(table) != rows or any(len(row) != columns for row in table) for table in tables.values()):
                raise ValueError(f"passes[{index}].shares: tables of {rows} edges by {columns} operations expected")
        _check_budget(self.budget, config)
        left: dict[tuple[str, Edge], set[str]] = {}
        for kind, table in zip(space.cell_types, config.live.tolist(), strict=True):
            for edge, row in zip(space.edges, table, strict=True):
                left[kind, edge] = {name for name, live in zip(space.operations, row, strict=True) if live}
        for index, step in enumerate(self.steps):
            place = (step.cell, Edge(*step.edge))
            if place not in left or step.operation not in left[place]:
                raise ValueError(
                    f"steps[{index}]: no such live operation: {quoted([*place[:1], step.edge, step.operation])}"
                )
            if not 0 <= step.at_pass < len(self.passes):
                last = len(self.passes) - 1
                raise ValueError(f"steps[{index}].pass: {quoted(step.at_pass)} found, 0 to {last} expected")
            left[place].discard(step.operation)
        if any(len(operations) != 1 for operations in left.values()):
            raise ValueError("steps: exactly one operation must be left on every edge")
        return self


def _check_schema(found: object) -> None:
    """`ValueError` unless this is the schema that is read here; it tells a newer version from another document."""
    if found == RESULT_SCHEMA:
        return
    kind, _, version = RESULT_SCHEMA.partition("@")
    newer = isinstance(found, str) and re.fullmatch(f"{kind}@([1-9][0-9]{{0,5}})", found)
    if newer and int(newer[1]) > int(version):
        raise ValueError(f"schema: {found} was written by a newer FreeNAS, this one reads {RESULT_SCHEMA}; update it")
    raise ValueError(f"schema: {quoted(found)} found, '{RESULT_SCHEMA}' expected")


def _check_budget(found: BudgetData | None, config: SearchConfig) -> None:
    """`ValueError` unless a report speaks of the bounds of its configuration, and of its space."""
    if found is None and config.limits:
        raise ValueError("budget: a report expected, for the configuration has bounds")
    if found is None:
        return
    for place, costs in (("budget.costs", found.costs), ("budget.free.costs", found.free.costs)):
        if set(costs) != set(config.limits):
            expected = ", ".join(config.limits) or "nothing"
            raise ValueError(f"{place}: {quoted(list(costs))} found, {expected} expected")
    if found.free.genotype.get("space") != config.search_space.reference:
        raise ValueError(f"budget.free.genotype.space: '{config.search_space.name}' expected")
