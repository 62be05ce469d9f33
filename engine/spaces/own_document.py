"""The JSON document of an own search space, checked in full before a space is made of it: data, never code."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Annotated, Final, Literal
from unicodedata import is_normalized

from pydantic import AfterValidator, ConfigDict, Field, ValidationError

from engine.common.documents import DocumentPart
from engine.common.errors import broken_rule, place_text, quoted, unknown_name
from engine.operations.registry import OPERATIONS
from engine.spaces.plan import Edge

SCHEMA: Final = "freenas/search-space@1"
MOST_NODES, MOST_EDGES, MOST_CELLS, MOST_EDGES_IN_ALL = 12, 66, 100, 2000
MOST_WIDTH, MOST_STRIDE = 4, 4
"""The largest factors of channels and of image size over all stages; image sizes are multiples of 4."""
FORBIDDEN = frozenset('"\\<>[]{}|`$*#~^\u115f\u1160\u2800\u3164\uffa0')
"""Characters that no text of a document holds, so that it is safe wherever it is shown; the last five are blank."""


def _registered(name: str) -> str:
    if name not in OPERATIONS:
        raise unknown_name("operation", name, OPERATIONS)
    return name


def _printable(text: str) -> str:
    if not text.isprintable() or FORBIDDEN & set(text) or not is_normalized("NFC", text):
        raise ValueError(f"{quoted(text)} holds a character other than letters, digits and plain punctuation")
    return text


def _left_out(value: object) -> bool:
    return value is None


def _json_pattern() -> str:
    """Return the regular expression of printable texts, as a JSON Schema has it."""
    escaped = (f"\\{sign}" if sign in "\\[]^" else sign for sign in sorted(FORBIDDEN) if sign.isascii())
    blank = (f"\\u{ord(sign):04x}" for sign in sorted(FORBIDDEN) if not sign.isascii())
    return f"^[^{''.join(escaped)}\\u0000-\\u001f\\u007f-\\u009f{''.join(blank)}]*$"


_PRINTABLE = AfterValidator(_printable), Field(json_schema_extra={"pattern": _json_pattern()})
_UNIQUE = Field(json_schema_extra={"uniqueItems": True})
Name = Annotated[str, Field(min_length=1, max_length=12), *_PRINTABLE]
Title = Annotated[str, Field(max_length=60), *_PRINTABLE]
Text = Annotated[str, Field(max_length=200), *_PRINTABLE]
OperationName = Annotated[str, AfterValidator(_registered), Field(json_schema_extra={"enum": list(OPERATIONS)})]
CellName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=20)]
Node = Annotated[int, Field(ge=0, lt=MOST_NODES)]
EntryName = Literal["plain", "residual", "preprocessed"]
OperationNames = Annotated[list[OperationName], Field(min_length=1, max_length=len(OPERATIONS)), _UNIQUE]


class _Part(DocumentPart):
    model_config = ConfigDict(extra="forbid")


class EdgeDocument(_Part):
    """An edge of a cell."""

    source: Annotated[Node, Field(alias="from", description="Node that the edge leaves.")]
    target: Annotated[Node, Field(alias="to", description="Node that the edge leads to: a later one, and no input.")]
    operations: OperationNames | None = Field(
        None, description="The operations that may stand on this edge; all of the space where left out."
    )


class CellDocument(_Part):
    """A cell type."""

    edges: list[EdgeDocument] = Field(min_length=1, max_length=MOST_EDGES)


class StageDocument(_Part):
    """A row of cells of one type."""

    cell: CellName = Field(description="Their type.")
    cells: int | None = Field(
        None,
        ge=1,
        le=MOST_CELLS,
        exclude_if=_left_out,
        description="How many; as many as the size of the network says where left out.",
    )
    width: int = Field(
        1, ge=1, le=4, description="What the first of them multiplies the channels by; 1 where left out."
    )
    stride: int = Field(
        1, ge=1, le=2, description="What the first of them divides the size of the image by; 1 where left out."
    )


class SizeDocument(_Part):
    """The size of a network."""

    channels: int = Field(ge=4, le=128, multiple_of=2, description="Channels of the first cells.")
    cells: int = Field(ge=1, le=MOST_CELLS, description="Cells of every stage that is repeated.")


class SearchSizeDocument(SizeDocument):
    """The size of the supernet."""

    channels: int = Field(ge=4, le=64, multiple_of=2, description="Channels of the first cells.")


class NetworkDocument(_Part):
    """The network around the cells."""

    entry: EntryName = Field(
        description="How features enter a cell. plain: as they are. residual: as they are, through the residual block "
        "of NAS-Bench-201 where size and width change. preprocessed: through ReLU, 1x1 convolution and batch norm as "
        "in DARTS, so that cells may change the width, have two inputs of different sizes and concatenate nodes."
    )
    stem_width: int = Field(
        1,
        ge=1,
        le=4,
        description="Channels of the stem, as a multiple of those of the network; 1 where left out.",
    )
    stages: list[StageDocument] = Field(min_length=1, max_length=MOST_CELLS)
    search: SearchSizeDocument
    evaluation: SizeDocument | None = Field(
        None, description="Size of derived networks; that of the search where left out."
    )


class SpaceDocument(_Part):
    """A cell-based search space of one's own: data, never code.

    It holds the nodes and edges of a cell, the operations that may stand on them, and the network that repeats the
    cells. Node numbers count the input nodes of a cell first, from 0. A reader checks more than a schema can say: that
    edges lead to later nodes, that nothing dangles, that the cells fit together.
    """

    model_config = ConfigDict(title="FreeNAS search space, version 1")

    schema_: Annotated[
        Literal["freenas/search-space@1"], Field(alias="schema", description="Name and version of this format.")
    ]
    name: str = Field(
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40, description="Short name; not one of a registered space."
    )
    title: Title = Field("", description="Name for people; the short one where left out.")
    summary: Text = Field("", description="What it is, in a few words.")
    source: Text = Field("", description="Where it comes from.")
    nodes: int = Field(ge=2, le=MOST_NODES, description="Nodes of a cell, input nodes included.")
    inputs: Annotated[list[Name], _UNIQUE] = Field(
        min_length=1,
        max_length=2,
        description="Names of the input nodes: the output of the cell before, or of the two cells before, the older "
        "one first.",
    )
    operations: OperationNames = Field(description="The operations of the space, in the order of every table.")
    cells: dict[CellName, CellDocument] = Field(
        min_length=1,
        max_length=4,
        json_schema_extra={"additionalProperties": False},
        description="The cell types; all have the same edges.",
    )
    output: Annotated[list[Node], _UNIQUE] | None = Field(
        None,
        min_length=1,
        max_length=MOST_NODES,
        exclude_if=_left_out,
        description="The nodes whose features, concatenated, are the output of a cell; the last node where left out.",
    )
    kept_edges: int | None = Field(
        None,
        ge=1,
        lt=MOST_NODES,
        exclude_if=_left_out,
        description="How many incoming edges a node keeps in a genotype; all where left out. With it, no search "
        "answers with none on an edge.",
    )
    normalised_pooling: bool = Field(
        False,
        description="Whether the supernet has a batch norm behind poolings, as in DARTS; false where left out.",
    )
    network: NetworkDocument


def read_document(data: object) -> SpaceDocument:
    """Read the document of a space; `ValueError` names the place of the first error in it."""
    try:
        document = SpaceDocument.from_data(data)
    except ValidationError as error:
        raise ValueError(_first_problem(error)) from None
    for problem in (*_cell_problems(document), *_network_problems(document)):
        raise ValueError(problem)
    return document


def _first_problem(error: ValidationError) -> str:
    """Name the first broken rule with its place, as in `cells.normal.edges[3].operations[1]`."""
    first = error.errors(include_url=False)[0]
    place = place_text(part for part in first["loc"] if part != "[key]") or "the document"
    return f"{place}: {broken_rule(first)}"


def _repeated(place: str, values: Sequence[object]) -> Iterator[str]:
    """Yield a sentence for every value that stands more than once in a list."""
    for index, value in enumerate(values):
        if value in values[:index]:
            yield f"{place}[{index}]: {quoted(value)} stands twice"


def _cell_problems(document: SpaceDocument) -> Iterator[str]:
    inputs, nodes = len(document.inputs), document.nodes
    yield from _repeated("inputs", [*document.inputs, *(str(node) for node in range(inputs, nodes))])
    yield from _repeated("operations", document.operations)
    if nodes <= inputs:
        yield f"nodes: {nodes} given, with {inputs} input nodes among them; a cell needs one more at least"
    if {"none", "noise"} <= set(document.operations):
        yield "operations: 'none' and 'noise' cannot be told apart where nothing comes in; take one of them"
    for index, node in enumerate(document.output or ()):
        if not inputs <= node < nodes or node in (document.output or ())[:index]:
            yield f"output[{index}]: {node} given; each of some nodes from {inputs} to {nodes - 1} once expected"
    for kind, cell in document.cells.items():
        for index, edge in enumerate(cell.edges):
            yield from _edge_problems(document, edge, f"cells.{kind}.edges[{index}]")
        yield from _shape_problems(document, [edge_ends(edge) for edge in cell.edges], f"cells.{kind}.edges")
    named = {
        name for cell in document.cells.values() for edge in cell.edges for name in edge_operations(document, edge)
    }
    yield from (f"operations: {quoted(name)} stands on no edge" for name in document.operations if name not in named)


def edge_ends(edge: EdgeDocument) -> Edge:
    """Return the edge by its nodes."""
    return Edge(edge.source, edge.target)


def edge_operations(document: SpaceDocument, edge: EdgeDocument) -> list[str]:
    """Return the operations that may stand on an edge."""
    return document.operations if edge.operations is None else edge.operations


def _edge_problems(document: SpaceDocument, edge: EdgeDocument, place: str) -> Iterator[str]:
    if not max(edge.source + 1, len(document.inputs)) <= edge.target < document.nodes:
        low, high = len(document.inputs), document.nodes - 1
        yield f"{place}: {edge.source}→{edge.target} given; an edge leads to a later node, one from {low} to {high}"
    yield from _repeated(f"{place}.operations", edge.operations or ())
    for index, name in enumerate(edge.operations or ()):
        if name not in document.operations:
            yield f"{place}.operations[{index}]: {quoted(name)} is none of the operations of this space"
    if {*edge_operations(document, edge)} == {"none"}:
        yield f"{place}.operations: nothing but 'none'; leave the edge out"


def _shape_problems(document: SpaceDocument, edges: Sequence[Edge], place: str) -> Iterator[str]:
    yield from _repeated(place, [f"{source}→{target}" for source, target in edges])
    first, *_ = document.cells.values()
    missing = sorted({edge_ends(edge) for edge in first.edges} ^ set(edges))
    yield from (f"{place}: {a}→{b} stands in some cell types only; all have the same edges" for a, b in missing)
    outputs = document.output or [document.nodes - 1]
    for node in range(document.nodes):
        into = sum(edge.target == node for edge in edges)
        if node >= len(document.inputs) and into < (document.kept_edges or 1):
            yield f"{place}: {into} incoming edges of node {node} found, at least {document.kept_edges or 1} expected"
        if node not in outputs and all(edge.source != node for edge in edges):
            yield f"{place}: no edge leaves node {node}, which is no output"


def _network_problems(document: SpaceDocument) -> Iterator[str]:
    network, stages = document.network, document.network.stages
    for index, stage in enumerate(stages):
        if stage.cell not in document.cells:
            yield f"network.stages[{index}].cell: {unknown_name('cell type', stage.cell, document.cells)}"
    unused = document.cells.keys() - {stage.cell for stage in stages}
    yield from (f"cells.{kind}: no stage has cells of this type" for kind in document.cells if kind in unused)
    strides, widths = (math.prod(values) for values in zip(*((s.stride, s.width) for s in stages), strict=True))
    if strides > MOST_STRIDE or widths > MOST_WIDTH:
        yield f"network.stages: size divided by {strides}, width times {widths}; at most {MOST_STRIDE} and {MOST_WIDTH}"
    most, high = most_cells(document)
    if high < 1:
        yield f"network.stages: leave out 'cells' of one stage at least, and have at most {most} cells in all"
    for name, size in (("search", network.search), ("evaluation", network.evaluation)):
        if size is not None and size.cells > high >= 1:
            yield f"network.{name}.cells: {size.cells} given; at most {high} make no more than {most} in all"
    if network.entry != "preprocessed":
        yield from _entry_problems(document, f"entry '{network.entry}'")


def most_cells(document: SpaceDocument) -> tuple[int, int]:
    """Return the most cells in all, by their edges, and of a repeated stage, 0 where there is no such stage."""
    stages = document.network.stages
    most = min(MOST_CELLS, MOST_EDGES_IN_ALL // len(next(iter(document.cells.values())).edges))
    repeated = sum(stage.cells is None for stage in stages)
    return most, (most - sum(stage.cells or 0 for stage in stages)) // repeated if repeated else 0


def _entry_problems(document: SpaceDocument, entry: str) -> Iterator[str]:
    """Yield a sentence for all that only 1x1 convolutions before every cell allow."""
    network, residual = document.network, document.network.entry == "residual"
    if len(document.output or ()) > 1:
        yield f"output: {len(document.output or ())} nodes given; {entry} takes one"
    if network.stem_width > 1:
        yield f"network.stem_width: {network.stem_width} given; {entry} takes 1"
    if residual and len(document.inputs) > 1:
        yield f"inputs: {len(document.inputs)} given; {entry} takes one"
    for index, stage in enumerate(network.stages):
        if stage.width > 1 and not (residual and stage.stride > 1):
            where = "at stride 2 only" if residual else "nowhere"
            yield f"network.stages[{index}].width: {stage.width} given; {entry} changes the width {where}"
        if stage.stride > 1 and len(document.inputs) > 1:
            yield f"network.stages[{index}].stride: {stage.stride} given; {entry} takes 1 with two input nodes"
