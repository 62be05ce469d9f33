"""Pictures of cells as DOT with all positions, and the pictures that Graphviz renders of it, within this process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import escape
from typing import Final

from engine.common.errors import unknown_name
from engine.exports.drawing import (
    INK,
    JOINED,
    NODE_FILLS,
    TITLE_FONT,
    TITLE_HEIGHT,
    TRAY,
    CellDrawing,
    DrawnEdge,
    PlacedDrawing,
    above_each_other,
    draw_genotype,
)
from engine.exports.geometry import Box, Point, Stroke
from engine.exports.placement import CHIP_FONT, MARGIN, NODE_FONT, NOTE_FONT, OUTPUT, PlacedNode
from engine.genotypes.genotype import Genotype

PICTURE_FORMATS: Final = {"svg": "svg", "png": "png", "pdf": "pdf", "eps": "eps:cairo"}
"""The formats of pictures that Graphviz renders, by their own names there; its plain EPS has but Latin letters."""
DEFAULTS: Final = (
    f'node [shape="box", style="rounded,filled", penwidth="0", fontname="Helvetica", fontcolor="{INK}", label=""]',
    'edge [fontname="Helvetica"]',
)
"""The statements before those of cells."""
INCH = 72
"""The points of an inch."""
RESOLUTION = 192
"""The pixels of an inch in PNG: twice those of a screen."""
_HEADS = 0.8  # of the arrow heads of Graphviz, which are 10 points long


def genotype_dot(genotype: Genotype) -> str:
    """Write the DOT text of all cells of `genotype`, above each other."""
    return _document(draw_genotype(genotype))


@lru_cache(maxsize=64)
def render_picture(dot: str, to: str, resolution: int = RESOLUTION) -> bytes:
    """Render a DOT text whose nodes and lines have positions; PNG at so many dots an inch, twice those of a screen.

    `ValueError` for a format that is not in `PICTURE_FORMATS`.
    """
    import pygraphviz

    if to not in PICTURE_FORMATS:
        raise unknown_name("format of a picture", to, PICTURE_FORMATS)
    dense = f"-Gdpi={resolution}" if to == "png" else ""
    return bytes(pygraphviz.AGraph(string=dot).draw(format=PICTURE_FORMATS[to], prog="nop2", args=dense))


def _document(drawings: list[CellDrawing]) -> str:
    placed, page = above_each_other(drawings)
    statements = [
        'graph [bgcolor="transparent", outputorder="nodesfirst", margin="0", pad="0"]',
        *DEFAULTS,
        f'frame [{_place(page, Point(0, 0))}, style="invis"]',
        *(statement for one in placed for statement in cell_statements(one)),
    ]
    return digraph(statements)


def digraph(statements: Iterable[str]) -> str:
    """Write a graph of these statements, each on a line of its own."""
    return "digraph {\n" + "".join(f"\t{statement}\n" for statement in statements) + "}\n"


def cell_statements(placed: PlacedDrawing) -> Iterator[str]:
    """Yield the statements of a cell: its title, what lies behind its nodes, nodes, edges."""
    drawing, title, moved = placed
    kind, layout, frame = drawing.kind, drawing.layout, drawing.frame
    if title:
        box = Box(frame.x, frame.y - TITLE_HEIGHT, frame.width, TITLE_HEIGHT)
        look = f'style="", margin="{MARGIN / INCH:.4f}", fontsize="{TITLE_FONT}", fontname="Helvetica-Bold"'
        yield f'"{kind}-title" [{_place(box, moved)}, label="{title}\\l", {look}]'
    for number, box in enumerate(layout.tray):
        yield f'"{kind}-tray-{number}" [{_place(box, moved)}, fillcolor="{TRAY}"]'
    for node in layout.nodes:
        yield _node(kind, node, moved)
    if layout.joint is not None:
        last = max(node.key for node in layout.nodes if isinstance(node.key, int))
        look = f'{_line(layout.joint, moved)}, color="{JOINED}", penwidth="1.4"'
        yield f'"{kind}-{last}" -> "{kind}-{OUTPUT}" [{look}]'
    for edge in drawing.edges:
        yield _edge(kind, edge, moved)


def _node(kind: str, node: PlacedNode, moved: Point) -> str:
    look = f'label="{_quoted(node.label)}", fontsize="{NODE_FONT}", fillcolor="{NODE_FILLS[node.role]}"'
    return f'"{kind}-{node.key}" [{_place(node.box, moved)}, {look}, id="node-{kind}-{node.key}"]'


def _edge(kind: str, edge: DrawnEdge, moved: Point) -> str:
    style = "dashed" if edge.faint else "solid"
    look = f'color="{edge.pale}", penwidth="{edge.width:.2f}", style="{style}", id="{edge.id}"'
    source, target = edge.slot.edge
    chip = f'lp="{dot_point(edge.route.chip.centre, moved)}", label=<{_chip(edge)}>'
    return f'"{kind}-{source}" -> "{kind}-{target}" [{_line(edge.route.stroke, moved)}, {look}, {chip}]'


def _chip(edge: DrawnEdge) -> str:
    """Write a chip: a table of one field."""
    box, small = edge.route.chip, f'<FONT POINT-SIZE="{NOTE_FONT}">'
    border = f'BORDER="1" COLOR="{edge.colour}" STYLE="ROUNDED,DASHED"' if edge.faint else 'BORDER="0" STYLE="ROUNDED"'
    words = f"{small}{escape(edge.label)} </FONT>" * bool(edge.label) + escape(edge.name)
    words += f"{small} {escape(edge.note)}</FONT>" * bool(edge.note)
    return (
        f'<TABLE {border} CELLBORDER="0" CELLPADDING="0" CELLSPACING="0" BGCOLOR="{edge.ground}"><TR>'
        f'<TD WIDTH="{box.width:.0f}" HEIGHT="{box.height:.0f}">'
        f'<FONT POINT-SIZE="{CHIP_FONT}" COLOR="{edge.ink}">{words}</FONT></TD></TR></TABLE>'
    )


def _place(box: Box, moved: Point) -> str:
    size = f'width="{box.width / INCH:.4f}", height="{box.height / INCH:.4f}", fixedsize="shape"'
    return f'pos="{dot_point(box.centre, moved)}", {size}'


def _line(stroke: Stroke, moved: Point) -> str:
    points = " ".join(dot_point(point, moved) for point in stroke.curve)
    return f'pos="e,{dot_point(stroke.head[0], moved)} {points}", arrowsize="{_HEADS}"'


def dot_point(point: Point, moved: Point) -> str:
    """Write a point as Graphviz has it, with y upwards."""
    return f"{point.x + moved.x:.2f},{-(point.y + moved.y):.2f}"


def _quoted(text: str) -> str:
    """Write a text such that Graphviz takes nothing in it for a sign of its own."""
    return escape(text).replace("\\", "\\\\")
