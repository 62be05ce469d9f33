"""Pictures of cells: what stands where, in which colours, for all that writes them (SVG, DOT, TikZ).

The look is that of the DARTS paper: left to right, input nodes, inner nodes and the output in a colour each, and the
name of its operation on every edge, in the colour of the operation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from engine.exports.board import Slot
from engine.exports.colours import WHITE, ink_on, mixed
from engine.exports.geometry import Box, Point
from engine.exports.layout import cell_layout
from engine.exports.placement import MARGIN, CellLayout, Route
from engine.genotypes.genotype import Genotype
from engine.operations.registry import get_operation
from engine.spaces import Edge, Gene, SearchSpace

NODE_FILLS = {"input": "#B7E1CD", "inner": "#BBDDF6", "output": "#F6E3A5"}
"""Fill colours of nodes by their role."""
INK, JOINED, TRAY = "#1B1F24", "#8B95A1", "#E8EAED"
"""The colours of texts, of what leads to a concatenated output, and of what lies behind concatenated nodes."""
FAINT_INK = "#59636E"
"""The colour of the text on a faint chip, which is white."""
TITLE_FONT, TITLE_HEIGHT = 14, 26.0
"""The size of the title above a cell, and the room for it."""
_FAINT = 0.55  # of white in the line of a faint edge
_WIDTHS = (1.4, 5.0)  # widths of lines, in points, of the smallest and the largest share


@dataclass(frozen=True)
class Arrow:
    """An edge as it is drawn: `width` is relative, 0 to 1; a `faint` one is dashed and pale.

    `note` follows the name of the operation; an empty `colour` stands for that of the operation.
    """

    gene: Gene
    width: float = 0.3
    faint: bool = False
    note: str = ""
    colour: str = ""


class DrawnEdge(NamedTuple):
    """An edge of a picture: its identifier, its ends and its route, the look of its line, and the texts on its chip.

    These are the `label` of the edge, if any, the `name` of its operation, and a `note`.
    """

    id: str
    slot: Slot
    route: Route
    colour: str
    width: float
    faint: bool
    label: str
    name: str
    note: str

    @property
    def pale(self) -> str:
        """Return the colour of the line on white."""
        return mixed(self.colour, WHITE, _FAINT) if self.faint else self.colour

    @property
    def ground(self) -> str:
        """Return the colour of the chip."""
        return WHITE if self.faint else self.colour

    @property
    def ink(self) -> str:
        """Return the colour of the texts on the chip, with a contrast of at least 4.5:1."""
        return FAINT_INK if self.faint else ink_on(self.colour)


@dataclass(frozen=True)
class CellDrawing:
    """The picture of a cell: its layout, its edges, and the frame that holds both."""

    kind: str
    layout: CellLayout
    edges: tuple[DrawnEdge, ...]

    @cached_property
    def frame(self) -> Box:
        """Return the frame of the layout, or a larger one where further copies of edges lie outside."""
        extents = (edge.route.extent.grown(MARGIN) for edge in self.edges if edge.slot.copy)
        return Box.holding([self.layout.frame, *extents])


def gene_arrows(genes: Iterable[Gene]) -> list[Arrow]:
    """Return the arrows of a cell, all alike."""
    return [Arrow(gene) for gene in genes]


def draw_cell(space: SearchSpace, kind: str, arrows: Iterable[Arrow], room: str = "") -> CellDrawing:
    """Draw a cell; labels have `room` for a note as long as this.

    The ids of edges are `edge-TYPE-SOURCE-TARGET`, of a second one between the same nodes with `-1` behind it.
    """
    arrows = list(arrows)
    edges = [Edge(*arrow.gene[:2]) for arrow in arrows]
    layout = cell_layout(space, room, copies=len({*edges}) < len(edges))
    slots = [Slot(edge, edges[:place].count(edge)) for place, edge in enumerate(edges)]
    drawn = [_drawn_edge(space, kind, arrow, slot, layout) for arrow, slot in zip(arrows, slots, strict=True)]
    return CellDrawing(kind, layout, tuple(drawn))


def _drawn_edge(space: SearchSpace, kind: str, arrow: Arrow, slot: Slot, layout: CellLayout) -> DrawnEdge:
    operation = get_operation(arrow.gene.operation)
    thin, thick = _WIDTHS
    return DrawnEdge(
        id=_edge_id(kind, slot),
        slot=slot,
        route=layout.routes[slot],
        colour=arrow.colour or operation.colour,
        width=thin + (thick - thin) * min(max(arrow.width, 0.0), 1.0),
        faint=arrow.faint or operation.zero,
        label=space.edge_label(slot.edge),
        name=operation.short,
        note=arrow.note,
    )


def _edge_id(kind: str, slot: Slot) -> str:
    source, target = slot.edge
    return f"edge-{kind}-{source}-{target}" + f"-{slot.copy}" * (slot.copy > 0)


def draw_supernet(space: SearchSpace, kind: str) -> CellDrawing:
    """Draw all edges of a cell type, grey and without names."""
    layout = cell_layout(space)
    edges = [
        DrawnEdge(_edge_id(kind, slot), slot, route, JOINED, 2.0, False, space.edge_label(slot.edge), "", "")
        for slot, route in layout.routes.items()
    ]
    return CellDrawing(kind, layout, tuple(edges))


def draw_genotype(genotype: Genotype) -> list[CellDrawing]:
    """Draw every cell of a genotype."""
    return [draw_cell(genotype.space, kind, gene_arrows(genes)) for kind, genes in genotype.genes]


class PlacedDrawing(NamedTuple):
    """A picture of a cell on a page: its title, if it is not alone there, and how far it is moved."""

    drawing: CellDrawing
    title: str
    moved: Point


def above_each_other(drawings: Iterable[CellDrawing]) -> tuple[list[PlacedDrawing], Box]:
    """Place pictures of one scale above each other, each below its title; return them and the size of the page."""
    drawings = list(drawings)
    alone = len(drawings) == 1
    placed, top = [], 0.0
    for drawing in drawings:
        frame, room = drawing.frame, 0.0 if alone else TITLE_HEIGHT
        placed.append(
            PlacedDrawing(drawing, "" if alone else cell_title(drawing.kind), Point(-frame.x, top + room - frame.y))
        )
        top += room + frame.height
    return placed, Box(0.0, 0.0, max(drawing.frame.width for drawing in drawings), top)


def cell_title(kind: str) -> str:
    """Return the name of a cell type as a heading."""
    return {"cell": "Cell", "reduce": "Reduction cell", "network": "Network"}.get(kind, f"{kind.capitalize()} cell")


def cell_description(space: SearchSpace, kind: str, genes: Iterable[Gene]) -> str:
    """Describe a picture of a cell in one sentence, for those who do not see it."""
    edges = ", ".join(f"{space.edge_name(Edge(gene.source, gene.target))} {gene.operation}" for gene in genes)
    return f"{cell_title(kind)} of {space.title}: {edges}."
