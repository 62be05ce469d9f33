"""The JSON document of a search result, checked in full before a result is made of it."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import (
    ConfigDict,
    Field,
    PlainSerializer,
    SkipValidation,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
)

from engine.common.documents import DocumentPart, part_schema, schema_address
from engine.common.errors import explain, quoted
from engine.common.jsontext import load_json
from engine.genotypes.genotype import RESULT_SCHEMA
from engine.proxies import PROXIES
from engine.searches.config import CUSTOM, SearchConfig
from engine.spaces import Edge

_LATER = {"pinned", "banned", "max_params", "max_macs", "max_latency", "data", "batch"}
"""Fields of a configuration that the first results do not have."""


def _read_config(data: object, read: ValidatorFunctionWrapHandler) -> SearchConfig:
    try:
        config: SearchConfig = read(data)
    except ValidationError as error:
        raise ValueError(f"config: {explain(error)}") from None
    return config


class _ConfigSchema:
    """The JSON Schema of a configuration in a result: every field spelled out, the name of the recipe first."""

    def __get_pydantic_json_schema__(self, *_: Any) -> dict[str, Any]:
        schema = part_schema(SearchConfig)
        recipes = dict.fromkeys(name for proxy in PROXIES.values() for name in proxy.recipes)
        recipe = {
            "enum": [*recipes, CUSTOM],
            "description": "name of the combination of normalisation, alpha and method, among those of the proxy",
        }
        fields = schema["properties"]
        required = ["recipe", *(name for name in fields if name not in _LATER)]
        return schema | {
            "description": "The question that the search answers; enough to repeat it.",
            "properties": {"recipe": recipe, **fields},
            "required": required,
        }


def _minimum(least: int) -> Any:
    return Field(json_schema_extra={"minimum": least})


def _pattern(expression: str) -> Any:
    return Field(json_schema_extra={"pattern": expression})


_FILLED = Field(json_schema_extra={"minItems": 1})
_BY_CELL_TYPE = Field(json_schema_extra={"minProperties": 1, "propertyNames": {"pattern": "^[a-z][a-z0-9_]*$"}})

ConfigField = Annotated[
    SearchConfig, WrapValidator(_read_config), PlainSerializer(SearchConfig.to_dict), _ConfigSchema()
]
GenotypeData = Annotated[dict[str, Any], WithJsonSchema({"$ref": schema_address("genotype")})]
Share = Annotated[float, Field(ge=0)]
ShareTable = Annotated[list[Annotated[list[Share], _FILLED]], _FILLED]
"""Numbers, a row an edge, a column an operation."""
Ends = Annotated[
    list[Annotated[int, Field(json_schema_extra={"minimum": 0, "maximum": 99})]], Field(min_length=2, max_length=2)
]
"""Source and target node of an edge."""
CellType = Annotated[str, _pattern("^[a-z][a-z0-9_]*$")]
OperationText = Annotated[str, _pattern("^[a-z0-9_]+$")]
Costs = Annotated[
    dict[str, Annotated[float, _minimum(0)]],
    Field(json_schema_extra={"propertyNames": {"enum": ["params", "macs", "latency"]}}),
]
Seconds = Annotated[float, _minimum(0)]


class EnvironmentDocument(DocumentPart):
    """The machine and the software that computed the result."""

    model_config = ConfigDict(extra="allow")
    engine: Annotated[str, _pattern(r"^\d+\.\d+\.\d+")] = Field(description="Version of this engine.")
    torch: Annotated[str, _pattern(r"^\d+\.\d+")] = Field(description="Version of PyTorch.")
    python: Annotated[str, _pattern(r"^\d+\.\d+")] = Field(description="Version of Python.")
    platform: str = Field(description="Operating system and processor architecture.")
    device: Annotated[str, _pattern(r"^(cpu|mps|cuda(:\d{1,2})?)$")] = Field(description="Device of the passes.")
    device_name: str = Field(description="Model of the device.")
    threads: Annotated[int, _minimum(1)] = Field(description="CPU threads of PyTorch.")


class CellScoresDocument(DocumentPart):
    """The scores of the whole supernet for a cell type."""

    edges: Annotated[list[Ends], _FILLED] = Field(
        json_schema_extra={"uniqueItems": True}, description="The rows of the tables: source and target node."
    )
    operations: Annotated[list[OperationText], _FILLED] = Field(
        json_schema_extra={"uniqueItems": True}, description="The columns of the tables."
    )
    scores: ShareTable = Field(
        description="Raw scores in units of exp(log_scale): of FreeFlow the saliencies |alpha · dR/dalpha|, R being "
        "the sum of the logits."
    )
    shares: ShareTable = Field(
        description="Scores free of scale: of FreeFlow |alpha · d log R/dalpha|, without normalisation in how many "
        "cells a unit of flow passes the operation; of other proxies the raw score as a part of the sum of all."
    )


class PassDocument(DocumentPart):
    """The scores of one pass."""

    log_flow: float = Field(
        description="Natural logarithm of what a share is a part of: the flow |R| of this pass, or the sum of its raw "
        "scores."
    )
    shares: Annotated[dict[str, ShareTable], _BY_CELL_TYPE] = Field(
        description="Shares for every cell type, a row an edge, a column an operation; 0 where an operation is no "
        "longer live."
    )


class StepDocument(DocumentPart):
    """A pruned operation."""

    cell: CellType = Field(description="Cell type.")
    edge: Ends = Field(description="Source and target node of the edge.")
    operation: OperationText = Field(description="Name of the operation.")
    at_pass: Annotated[
        int,
        _minimum(0),
        Field(alias="pass", description="Index, in passes, of the scores that condemned the operation."),
    ]
    share: Share = Field(description="Its flow share in that pass.")


class NoticeDocument(DocumentPart):
    """A warning."""

    code: Annotated[str, _pattern("^[a-z-]+$")] = Field(
        description="For programs: rounding, precision, unchecked, labels, data, collapse or tie."
    )
    message: str = Field(json_schema_extra={"minLength": 1}, description="For people.")


class CostDocument(DocumentPart):
    """Cost of the derived network at the size of the space's own supernet."""

    model_config = ConfigDict(extra="allow")
    params: Annotated[int, _minimum(0)] = Field(description="Trainable parameters, batch norms affine.")
    macs: Annotated[int, _minimum(0)] = Field(
        description="Multiply-accumulates of convolutions and the classifier, for one image."
    )
    channels: Annotated[int, _minimum(1)] = Field(description="Channels of the first cells.")
    cells: Annotated[int, _minimum(1)] = Field(description="Cells: in each stage for NAS-Bench-201, in all for DARTS.")


class DerivedCostDocument(CostDocument):
    """Cost of the derived network, at the evaluation size of its space."""

    image_size: Annotated[int, _minimum(1)] = Field(description="Height and width of the image, in pixels.")
    classes: Annotated[int, _minimum(1)] = Field(description="Outputs of the classifier.")
    at_search_size: CostDocument = Field(description="The same at the size of the space's own supernet.")


class TimingDocument(DocumentPart):
    """Wall-clock time, in seconds."""

    model_config = ConfigDict(extra="allow")
    build: Seconds = Field(
        description="Drawing the weights of the supernet, and before that, with a budget, the search for its genotype."
    )
    passes: Seconds = Field(description="All passes and the pruning between them.")
    total: Seconds = Field(description="Both.")


class UnboundedDocument(DocumentPart):
    """The answer to the same question without a budget."""

    genotype: GenotypeData
    costs: Costs
    log_flow: float = Field(description="log R of the genotype in closed form.")


class BudgetDocument(DocumentPart):
    """The price of the bounds of the configuration; costs of derived networks at their evaluation size, times in ms."""

    costs: Costs = Field(description="Of the genotype.")
    log_flow: float = Field(description="log R of the genotype in closed form.")
    free: UnboundedDocument
    within: Annotated[int, Field(ge=0)] | None = Field(
        description="How many of the listed architectures keep the budget; null where the space cannot be listed."
    )
    listed: Annotated[int, Field(ge=0)] | None = Field(description="How many architectures the live operations make.")


class ResultDocument(DocumentPart):
    """The answer and the course of a search: scores of all passes, pruned operations in order, genotype and cost.

    All numbers are finite; scores and shares have six significant digits.
    """

    model_config = ConfigDict(
        title="FreeNAS search result, version 1", json_schema_serialization_defaults_required=True
    )

    schema_: Annotated[
        Literal["freenas/search-result@1"], Field(alias="schema", description="Name and version of this format.")
    ]
    config: ConfigField
    environment: EnvironmentDocument
    log_scale: SkipValidation[float] = Field(
        0.0,
        description="Natural logarithm of the unit of the raw scores; 0 unless they are beyond what a double holds.",
    )
    cells: Annotated[SkipValidation[dict[str, CellScoresDocument]], _BY_CELL_TYPE] = Field(
        default_factory=dict, description="Scores of the whole supernet for every cell type."
    )
    genotype: GenotypeData = Field(description="The genotype that pruning arrived at.")
    passes: list[PassDocument] = Field(
        min_length=1,
        description="The scores of every pass in order; in the first all operations are live that are neither banned "
        "nor displaced by a pin.",
    )
    steps: list[StepDocument] = Field(description="The pruned operations in the order in which they fell.")
    warnings: list[NoticeDocument] = Field(description="What a reader must know before believing the result.")
    cost: DerivedCostDocument
    timing: TimingDocument
    budget: BudgetDocument | None = Field(
        None,
        exclude_if=lambda budget: budget is None,
        description="The price of the bounds of the configuration; only where there are any.",
    )

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a document whose parts fit: tables of the shape of the space, steps that leave one operation an edge.

        `ValueError` says in one sentence what is wrong and where.
        """
        data = load_json(text)
        _check_schema(data.get("schema") if isinstance(data, dict) else data)
        try:
            document = cls.from_data(data)
        except ValidationError as error:
            raise ValueError(explain(error)) from None
        _check_tables(document)
        _check_budget(document.budget, document.config)
        _check_steps(document)
        return document


def _check_schema(schema: object) -> None:
    """Raise `ValueError` unless this is the schema that is read here; tell a newer version from another document."""
    if schema == RESULT_SCHEMA:
        return
    kind, _, version = RESULT_SCHEMA.partition("@")
    newer = isinstance(schema, str) and re.fullmatch(f"{kind}@([1-9][0-9]{{0,5}})", schema)
    if newer and int(newer[1]) > int(version):
        raise ValueError(f"schema: {schema} was written by a newer FreeNAS, this one reads {RESULT_SCHEMA}; update it")
    raise ValueError(f"schema: {quoted(schema)} found, '{RESULT_SCHEMA}' expected")


def _check_tables(document: ResultDocument) -> None:
    """Raise `ValueError` unless the genotype is of the space, and every pass has its tables."""
    space = document.config.search_space
    if document.genotype.get("space") != space.reference:
        raise ValueError(f"genotype.space: {quoted(document.genotype.get('space'))} found, '{space.name}' expected")
    rows, columns = len(space.edges), len(space.operations)
    for index, scores in enumerate(document.passes):
        tables = scores.shares
        if set(tables) != set(space.cell_types):
            raise ValueError(f"passes[{index}].shares: the cell types {', '.join(space.cell_types)} expected")
        if any(len(table) != rows or any(len(row) != columns for row in table) for table in tables.values()):
            raise ValueError(f"passes[{index}].shares: tables of {rows} edges by {columns} operations expected")


def _check_budget(budget: BudgetDocument | None, config: SearchConfig) -> None:
    """Raise `ValueError` unless a report speaks of the bounds of its configuration, and of its space."""
    if budget is None and config.limits:
        raise ValueError("budget: a report expected, for the configuration has bounds")
    if budget is None:
        return
    for place, costs in (("budget.costs", budget.costs), ("budget.free.costs", budget.free.costs)):
        if set(costs) != set(config.limits):
            expected = ", ".join(config.limits) or "nothing"
            raise ValueError(f"{place}: {quoted(list(costs))} found, {expected} expected")
    if budget.free.genotype.get("space") != config.search_space.reference:
        raise ValueError(f"budget.free.genotype.space: '{config.search_space.name}' expected")


def _check_steps(document: ResultDocument) -> None:
    """Raise `ValueError` unless the steps take live operations, in passes that are there, until one is left an edge."""
    left = _live_operations(document.config)
    for index, step in enumerate(document.steps):
        place = (step.cell, Edge(*step.edge))
        if place not in left or step.operation not in left[place]:
            raise ValueError(
                f"steps[{index}]: no such live operation: {quoted([*place[:1], step.edge, step.operation])}"
            )
        if not 0 <= step.at_pass < len(document.passes):
            last = len(document.passes) - 1
            raise ValueError(f"steps[{index}].pass: {quoted(step.at_pass)} found, 0 to {last} expected")
        left[place].discard(step.operation)
    if any(len(operations) != 1 for operations in left.values()):
        raise ValueError("steps: exactly one operation must be left on every edge")


def _live_operations(config: SearchConfig) -> dict[tuple[str, Edge], set[str]]:
    """Return the names of the operations that pruning begins with, by cell type and edge."""
    space = config.search_space
    return {
        (kind, edge): {name for name, live in zip(space.operations, row, strict=True) if live}
        for kind, table in zip(space.cell_types, config.live.tolist(), strict=True)
        for edge, row in zip(space.edges, table, strict=True)
    }
