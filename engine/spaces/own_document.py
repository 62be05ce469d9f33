"""The JSON document of an own search space, checked in full before a space is made of it: data, never code."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal
from unicodedata import is_normalized

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from engine.common.errors import broken_rule, quoted, unknown_name
from engine.operations.registry import OPERATIONS
from engine.spaces.own import OwnSpace, OwnStage
from engine.spaces.plan import Edge, Range, Size

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


Name = Annotated[str, Field(min_length=1, max_length=12), AfterValidator(_printable)]
Title = Annotated[str, Field(max_length=60), AfterValidator(_printable)]
Text = Annotated[str, Field(max_length=200), AfterValidator(_printable)]
OperationName = Annotated[str, AfterValidator(_registered)]
CellName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=20)]
Node = Annotated[int, Field(ge=0, lt=MOST_NODES)]
OperationNames = Annotated[list[OperationName], Field(min_length=1, max_length=len(OPERATIONS))]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class EdgeDocument(_Part):
    """An edge, with the operations that may stand on it (all of the space where they are left out)."""

    source: Node = Field(alias="from")
    target: Node = Field(alias="to")
    operations: OperationNames | None = None


class CellDocument(_Part):
    """A cell type."""

    edges: list[EdgeDocument] = Field(min_length=1, max_length=MOST_EDGES)


class StageDocument(_Part):
    """A row of cells; without a number of `cells` the stage is repeated, as often as the size of the network says."""

    cell: CellName
    cells: int | None = Field(None, ge=1, le=MOST_CELLS)
    width: int = Field(1, ge=1, le=4)
    stride: int = Field(1, ge=1, le=2)


class SizeDocument(_Part):
    """The size of a network: its channels, and the cells of every repeated stage."""

    channels: int = Field(ge=4, le=128, multiple_of=2)
    cells: int = Field(ge=1, le=MOST_CELLS)


class SearchSizeDocument(SizeDocument):
    """The size of the supernet."""

    channels: int = Field(ge=4, le=64, multiple_of=2)


class NetworkDocument(_Part):
    """The network around the cells."""

    entry: Literal["plain", "residual", "preprocessed"]
    stem_width: int = Field(1, ge=1, le=4)
    stages: list[StageDocument] = Field(min_length=1, max_length=MOST_CELLS)
    search: SearchSizeDocument
    evaluation: SizeDocument | None = None


class SpaceDocument(_Part):
    """A search space."""

    version: Literal["freenas/search-space@1"] = Field(alias="schema")
    name: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)
    title: Title = ""
    summary: Text = ""
    source: Text = ""
    inputs: list[Name] = Field(min_length=1, max_length=2)
    nodes: int = Field(ge=2, le=MOST_NODES)
    operations: OperationNames
    cells: dict[CellName, CellDocument] = Field(min_length=1, max_length=4)
    output: list[Node] | None = Field(None, min_length=1, max_length=MOST_NODES)
    kept_edges: int | None = Field(None, ge=1, lt=MOST_NODES)
    normalised_pooling: bool = False
    network: NetworkDocument


def read_space(data: object) -> OwnSpace:
    """Read the space that a document describes; `ValueError` names the place of the first error in it."""
    try:
        document = SpaceDocument.model_validate(data)
    except ValidationError as error:
        raise ValueError(_first_problem(error)) from None
    for problem in (*_cell_problems(document), *_network_problems(document)):
        raise ValueError(problem)
    return _space(document)


def _first_problem(error: ValidationError) -> str:
    """Name the first broken rule with its place, as in `cells.normal.edges[3].operations[1]`."""
    first = error.errors(include_url=False)[0]
    parts = (
        f"[{part}]" if isinstance(part, int) else f".{quoted(part)[1:-1]}" for part in first["loc"] if part != "[key]"
    )
    place = "".join(parts).lstrip(".") or "the document"
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
        yield from _shape_problems(document, [_ends(edge) for edge in cell.edges], f"cells.{kind}.edges")
    named = {name for cell in document.cells.values() for edge in cell.edges for name in _names(document, edge)}
    yield from (f"operations: {quoted(name)} stands on no edge" for name in document.operations if name not in named)


def _ends(edge: EdgeDocument) -> Edge:
    return Edge(edge.source, edge.target)


def _names(document: SpaceDocument, edge: EdgeDocument) -> list[str]:
    return document.operations if edge.operations is None else edge.operations


def _edge_problems(document: SpaceDocument, edge: EdgeDocument, place: str) -> Iterator[str]:
    if not max(edge.source + 1, len(document.inputs)) <= edge.target < document.nodes:
        low, high = len(document.inputs), document.nodes - 1
        yield f"{place}: {edge.source}→{edge.target} given; an edge leads to a later node, one from {low} to {high}"
    yield from _repeated(f"{place}.operations", edge.operations or ())
    for index, name in enumerate(edge.operations or ()):
        if name not in document.operations:
            yield f"{place}.operations[{index}]: {quoted(name)} is none of the operations of this space"
    if {*_names(document, edge)} == {"none"}:
        yield f"{place}.operations: nothing but 'none'; leave the edge out"


def _shape_problems(document: SpaceDocument, edges: Sequence[Edge], place: str) -> Iterator[str]:
    yield from _repeated(place, [f"{source}→{target}" for source, target in edges])
    first, *_ = document.cells.values()
    missing = sorted({_ends(edge) for edge in first.edges} ^ set(edges))
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
    most, high = _most_cells(document)
    if high < 1:
        yield f"network.stages: leave out 'cells' of one stage at least, and have at most {most} cells in all"
    for name, size in (("search", network.search), ("evaluation", network.evaluation)):
        if size is not None and size.cells > high >= 1:
            yield f"network.{name}.cells: {size.cells} given; at most {high} make no more than {most} in all"
    if network.entry != "preprocessed":
        yield from _entry_problems(document, f"entry '{network.entry}'")


def _most_cells(document: SpaceDocument) -> tuple[int, int]:
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


def _space(document: SpaceDocument) -> OwnSpace:
    network = document.network
    edges = sorted((_ends(edge) for edge in next(iter(document.cells.values())).edges), key=lambda edge: edge[::-1])
    cells = [{_ends(edge): _names(document, edge) for edge in cell.edges} for cell in document.cells.values()]
    names = tuple(
        tuple(tuple(name for name in document.operations if name in cell[edge]) for edge in edges) for cell in cells
    )
    inner, search = document.nodes - len(document.inputs), Size(**network.search.model_dump())
    return OwnSpace(
        name=document.name,
        title=document.title or document.name,
        summary=document.summary or f"{', '.join(document.cells)}: {inner} inner nodes, {len(edges)} edges",
        source=document.source or "one's own",
        cell_types=tuple(document.cells),
        input_nodes=tuple(document.inputs),
        nodes=document.nodes,
        edges=tuple(edges),
        operations=tuple(document.operations),
        search_size=search,
        evaluation_size=Size(**network.evaluation.model_dump()) if network.evaluation else search,
        cells_meaning="cells in each repeated stage",
        cells_range=Range(1, _most_cells(document)[1]),
        kept_edges=document.kept_edges,
        normalised_pooling=document.normalised_pooling,
        concatenated=tuple(document.output or ()),
        edge_operations=names,
        entry=network.entry,
        stem_width=network.stem_width,
        stages=tuple(OwnStage(*(getattr(stage, name) for name in OwnStage._fields)) for stage in network.stages),
    )
