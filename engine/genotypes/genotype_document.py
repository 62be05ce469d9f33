"""The JSON document of a genotype."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    PlainSerializer,
    SkipValidation,
    ValidationError,
)
from pydantic_core import ErrorDetails

from engine.common.documents import DocumentPart
from engine.common.errors import place_text, quoted, unknown_name
from engine.spaces import SPACES, Gene, SearchSpace, get_space
from engine.spaces.fields import SPACE_SCHEMA

SCHEMA: Final = "freenas/genotype@1"

SpaceReference = Annotated[
    InstanceOf[SearchSpace],
    BeforeValidator(get_space),
    PlainSerializer(lambda space: space.reference),
    SPACE_SCHEMA,
    Field(description="Name of the search space, such as nas-bench-201 or darts, or the document of an own one."),
]
NodeNumber = Annotated[int, Field(json_schema_extra={"minimum": 0, "maximum": 99})]


class GeneDocument(DocumentPart):
    """An edge with the operation chosen for it."""

    source: Annotated[NodeNumber, Field(alias="from", description="Node that the edge leaves.")]
    target: Annotated[NodeNumber, Field(alias="to", description="Node that the edge leads to; greater than from.")]
    operation: str = Field(
        json_schema_extra={"pattern": "^[a-z0-9_]+$"},
        description="Name of the operation chosen for the edge, such as skip_connect.",
    )


class CellGenesDocument(DocumentPart):
    """The cell of a cell type."""

    edges: list[GeneDocument] = Field(
        json_schema_extra={"minItems": 1},
        description="The edges that the genotype keeps, listed by the node they lead to. One that stands here twice "
        "has two operations, whose results are added.",
    )
    concat: SkipValidation[list[NodeNumber]] = Field(
        default_factory=list,
        exclude_if=lambda nodes: not nodes,
        json_schema_extra={"minItems": 1, "uniqueItems": True},
        description="The nodes whose features, concatenated, are the output of the cell; left out where the last node "
        "is the output.",
    )


def _rules_of_spaces(schema: dict[str, Any]) -> None:
    """Add the rules of every registered space to the schema of genotypes."""
    schema["additionalProperties"] = False
    schema["allOf"] = [
        {"if": {"required": ["space"], "properties": {"space": {"const": name}}}, "then": {"properties": _rules(space)}}
        for name, space in SPACES.items()
    ]


def _rules(space: SearchSpace) -> dict[str, Any]:
    cells = {kind: _cell_rules(space, index) for index, kind in enumerate(space.cell_types)}
    return {
        "cells": {"additionalProperties": False, "required": list(space.cell_types), "properties": cells},
        **({"notation": {"pattern": space.notation_pattern}} if space.notation_pattern else {}),
    }


def _cell_rules(space: SearchSpace, kind: int) -> dict[str, Any]:
    allowed = space.candidates[kind].any(axis=0)
    count = sum(space.kept_counts)
    gene = {
        "from": {"maximum": max(edge.source for edge in space.edges)},
        "to": {"minimum": space.inputs, "maximum": space.nodes - 1},
        "operation": {"enum": [name for name, stands in zip(space.operations, allowed, strict=True) if stands]},
    }
    concat = list(space.concatenated)
    return {
        **({"required": ["concat"]} if concat else {}),
        "properties": {
            "edges": {"minItems": count, "maxItems": count, "items": {"properties": gene}},
            "concat": {"const": concat} if concat else False,
        },
    }


class GenotypeDocument(DocumentPart):
    """One architecture of a search space: for each cell type its edges, each with the operation chosen for it.

    The layers of a network are edges, too. Node numbers count the input nodes of a cell first, from 0.
    """

    model_config = ConfigDict(
        title="FreeNAS genotype, version 1",
        json_schema_serialization_defaults_required=True,
        json_schema_extra=_rules_of_spaces,
    )

    schema_: Annotated[
        Literal["freenas/genotype@1"], Field(alias="schema", description="Name and version of this format.")
    ]
    space: SpaceReference
    cells: dict[str, CellGenesDocument] = Field(
        json_schema_extra={"minProperties": 1, "propertyNames": {"pattern": "^[a-z][a-z0-9_]*$"}},
        description="The cell of every cell type: cell for NAS-Bench-201 and NAS-Bench-1Shot1, normal and reduce for "
        "DARTS and Robust-DARTS, network for spaces of layers.",
    )
    notation: SkipValidation[str] = Field(
        "",
        json_schema_extra={"minLength": 1, "maxLength": 20000},
        description="The same genotype in the field's own text, such as the NAS-Bench-201 string or Genotype(...) of "
        "DARTS.",
    )

    @classmethod
    def of(cls, space: SearchSpace, genes: Sequence[tuple[str, Sequence[Gene]]]) -> Self:
        """Return the document of an architecture, its genes by cell type."""
        cells = {
            kind: CellGenesDocument(
                edges=[GeneDocument(source=a, target=b, operation=name) for a, b, name in cell],
                concat=list(space.concatenated),
            )
            for kind, cell in genes
        }
        return cls(schema_=SCHEMA, space=space, cells=cells, notation=space.notation(dict(genes)))

    @classmethod
    def read(cls, data: object, place: str = "") -> Self:
        """Read plain data; `ValueError` says in one sentence what is wrong, and where below `place`."""
        try:
            document = cls.from_data(data)
        except ValidationError as error:
            raise ValueError(_sentence(error.errors(include_url=False)[0], data, place)) from None
        concat = list(document.space.concatenated)
        for kind, cell in document.cells.items():
            if "concat" in cell.model_fields_set and cell.concat != concat:
                where = place_text(("cells", kind, "concat"), place)
                raise ValueError(f"{where}: {quoted(cell.concat)} found, {concat} expected")
        return document

    @property
    def genes(self) -> Mapping[str, Sequence[Gene]]:
        """Return the genes of every cell type."""
        return {
            kind: [Gene(gene.source, gene.target, gene.operation) for gene in cell.edges]
            for kind, cell in self.cells.items()
        }


def _sentence(error: ErrorDetails, data: Any, place: str) -> str:
    """Say in one sentence what pydantic finds wrong in `data`, and where below `place`."""
    value = None if error["type"] == "missing" else error["input"]
    where = place_text(error["loc"], place)
    match error["loc"]:
        case ("schema",):
            return f"{where}: {quoted(value)} found, '{SCHEMA}' expected"
        case ("space",):
            reason = error["ctx"]["error"] if "ctx" in error else unknown_name("search space", value, SPACES)
            return f"{where}: {reason}"
        case ("cells", _, "edges"):
            return f"{where}: a list expected, {quoted(value)} found"
        case ("cells", kind, "edges", int(index), _):
            edge, where = data["cells"][kind]["edges"][index], place_text(error["loc"][:-1], place)
            return f"{where}: from and to must be node numbers and operation a name, {quoted(edge)} found"
        case _:
            return f"{where or 'the JSON text'}: an object expected, {quoted(value)} found"
