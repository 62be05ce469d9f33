"""Own search spaces: cells of registered operations in a network of stages, as a document describes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from engine.common.errors import quoted
from engine.operations.layers import Conv, Layer, Norm
from engine.spaces.base import SearchSpace
from engine.spaces.entries import ENTRIES
from engine.spaces.own_document import (
    SCHEMA,
    CellDocument,
    EdgeDocument,
    EntryName,
    NetworkDocument,
    SearchSizeDocument,
    SizeDocument,
    SpaceDocument,
    StageDocument,
    edge_ends,
    edge_operations,
    most_cells,
    read_document,
)
from engine.spaces.plan import CellPlan, Gene, Plan, Range, Size


class OwnStage(NamedTuple):
    """A row of cells of one type, as many as the size of the network says where `cells` is None.

    The first of them multiplies the channels by `width` and divides the size of the image by `stride`.
    """

    cell: str
    cells: int | None
    width: int
    stride: int


@dataclass(frozen=True)
class OwnSpace(SearchSpace):
    """A space that a document describes (`engine.spaces.own_document`); `Size.cells` counts those of a repeated stage.

    `stem_width` is what the stem has of the channels of the network, `entry` one of `ENTRIES`.
    """

    notation_form = "cells"
    entry: EntryName = "plain"
    stem_width: int = 1
    stages: tuple[OwnStage, ...] = ()

    @property
    def reference(self) -> dict[str, Any]:
        """Return the document of this space, as in `assets/search-space.schema.json`."""
        return self._document.to_data()

    @property
    def planner(self) -> partial[Plan]:
        entry = ENTRIES[self.entry]
        return partial(
            stages_plan,
            stem_width=self.stem_width,
            stages=self.stages,
            inputs=self.inputs,
            concatenated=max(1, len(self.concatenated)),
            same=entry.same,
            changed=entry.changed,
            behind=entry.behind,
            outside=entry.outside,
            head=entry.head,
        )

    def notation(self, cells: Mapping[str, Sequence[Gene]]) -> str:
        """Write the edges of each cell, node by node as in NAS-Bench-201, behind its type where there are several."""
        texts = []
        for kind in self.cell_types:
            nodes: dict[int, str] = {}
            for gene in cells[kind]:
                nodes[gene.target] = nodes.get(gene.target, "|") + f"{gene.operation}~{gene.source}|"
            texts.append(f"{kind}: " * (len(self.cell_types) > 1) + "+".join(nodes.values()))
        return "; ".join(texts)

    def parse(self, text: str) -> Mapping[str, Sequence[Gene]]:
        cells: dict[str, list[Gene]] = {}
        for part in text.split(";"):
            kind, colon, nodes = part.rpartition(":")
            kind = kind.strip() if colon or len(self.cell_types) > 1 else self.cell_types[0]
            if kind not in self.cell_types or kind in cells:
                raise ValueError(
                    f"{quoted(part.strip())}: one of each of {', '.join(self.cell_types)} expected before ':'"
                )
            cells[kind] = list(self._genes(kind, nodes))
        return cells

    def _genes(self, kind: str, text: str) -> Iterator[Gene]:
        groups = text.strip().split("+")
        for target, group in enumerate(groups, start=self.inputs):
            if len(group) < 2 or group[0] != "|" or group[-1] != "|":
                raise ValueError(f"{kind}, node {target}: {quoted(group)} must begin and end with '|'")
            for item in group[1:-1].split("|"):
                operation, _, source = item.partition("~")
                if not (source.isascii() and source.isdigit() and len(source) < 3):
                    raise ValueError(f"{kind}, node {target}: {quoted(item)} is not written operation~node")
                yield Gene(int(source), target, operation)

    @property
    def _document(self) -> SpaceDocument:
        return SpaceDocument(
            schema_=SCHEMA,
            **{name: getattr(self, name) for name in ("name", "title", "summary", "source", "nodes", "kept_edges")},
            inputs=list(self.input_nodes),
            operations=list(self.operations),
            cells={
                kind: CellDocument(
                    edges=[
                        EdgeDocument(source=source, target=target, operations=list(names))
                        for (source, target), names in zip(self.edges, operations, strict=True)
                    ]
                )
                for kind, operations in zip(self.cell_types, self.edge_operations, strict=True)
            },
            output=list(self.concatenated) or None,
            normalised_pooling=self.normalised_pooling,
            network=NetworkDocument(
                entry=self.entry,
                stem_width=self.stem_width,
                stages=[StageDocument(**stage._asdict()) for stage in self.stages],
                search=SearchSizeDocument(**self.search_size._asdict()),
                evaluation=SizeDocument(**self.evaluation_size._asdict()),
            ),
        )


def read_space(data: object) -> OwnSpace:
    """Read the space that a document describes; `ValueError` names the place of the first error in it."""
    document = read_document(data)
    network = document.network
    edges = sorted((edge_ends(edge) for edge in next(iter(document.cells.values())).edges), key=lambda edge: edge[::-1])
    cells = [
        {edge_ends(edge): edge_operations(document, edge) for edge in cell.edges} for cell in document.cells.values()
    ]
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
        cells_range=Range(1, most_cells(document)[1]),
        kept_edges=document.kept_edges,
        normalised_pooling=document.normalised_pooling,
        concatenated=tuple(document.output or ()),
        edge_operations=names,
        entry=network.entry,
        stem_width=network.stem_width,
        stages=tuple(OwnStage(*(getattr(stage, name) for name in OwnStage._fields)) for stage in network.stages),
    )


def stages_plan(
    size: Size,
    *,
    stem_width: int,
    stages: Sequence[tuple[str, int | None, int, int]],
    inputs: int,
    concatenated: int,
    same: tuple[Layer, ...],
    changed: tuple[Layer, ...],
    behind: tuple[Layer, ...],
    outside: bool,
    head: tuple[Layer, ...],
) -> Plan:
    """Plan `stages` of cells: their type, their number (`size.cells` where it is None), width and first stride.

    Cells have so many `inputs`, and so many of their nodes are `concatenated`. The layers are those of an `Entry`:
    `same` before an input node, `changed` where width or size change (before the cell if `outside`), `behind` before
    the older input node after a change of size, `head` before the classifier.
    """
    channels, stem = size.channels, stem_width * size.channels
    widths, halved, cells = [stem] * inputs, False, []
    for kind, count, width, first_stride in stages:
        channels *= width
        for index in range(size.cells if count is None else count):
            stride = 1 if index else first_stride
            layers = [changed if stride > 1 or widths[-1] != channels else same] * inputs
            strides = [stride if outside else 1] * inputs
            if halved and inputs > 1:
                layers[0], strides[0] = behind, 2
            entered = tuple(zip(widths, layers, strict=True))
            cells.append(CellPlan(kind, channels, entered, tuple(strides), 1 if outside else stride))
            widths, halved = [*widths[1:], concatenated * channels], stride > 1
    return Plan((Conv(3), Norm()), stem, tuple(cells), head, widths[-1])
