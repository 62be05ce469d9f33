"""Pictures of cells as SVG, for pages and files alike: plain attributes, which any style sheet overrides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from engine.exports.drawing import (
    INK,
    JOINED,
    NODE_FILLS,
    TITLE_FONT,
    TITLE_HEIGHT,
    TRAY,
    Arrow,
    CellDrawing,
    DrawnEdge,
    PlacedDrawing,
    above_each_other,
    cell_description,
    draw_cell,
    draw_genotype,
    draw_supernet,
)
from engine.exports.geometry import Box, Point, Stroke
from engine.exports.placement import CHIP_FONT, MARGIN, NODE_FONT, NOTE_FONT, NOTE_GAP, CellLayout, PlacedNode
from engine.genotypes.genotype import Genotype
from engine.spaces import SearchSpace

_Attributes = Mapping[str, str | float]
"""The attributes of an element by their names."""
_DASHES, _CHIP_DASHES = "5 4", "3 3"
_MIDDLE = 0.35  # of the size of a text: its middle above its base line
_CHIP_CORNER, _NODE_CORNER, _TRAY_CORNER = 6, 8, 12
_JOINT_WIDTH, _THUMBNAIL_LINE = 1.4, 7.0


def cell_svg(space: SearchSpace, kind: str, arrows: Iterable[Arrow], room: str = "") -> str:
    """Write the picture of a cell; labels have `room` for a note as long as this."""
    return _document([draw_cell(space, kind, arrows, room)])


def supernet_svg(space: SearchSpace, kind: str) -> str:
    """Write all edges of a cell type, grey and with empty labels, for a script that gives them their looks."""
    return _document([draw_supernet(space, kind)])


def genotype_svg(genotype: Genotype) -> str:
    """Write the picture of all cells of a genotype, above each other and of one scale."""
    space = genotype.space
    description = " ".join(cell_description(space, kind, genes) for kind, genes in genotype.genes)
    return _document(draw_genotype(genotype), description)


def thumbnail_svg(genotype: Genotype) -> str:
    """Write a small picture of the first cell of a genotype: its layout with broad lines and without words."""
    drawing, *_ = draw_genotype(genotype)
    moved = Point(-drawing.frame.x, -drawing.frame.y)
    edges = (_stroke(edge.route.stroke, edge.pale, _THUMBNAIL_LINE) for edge in drawing.edges)
    parts = [
        *_concatenation(drawing.layout),
        *(_element("g", {"class": "edge"}, edge) for edge in edges),
        *map(_node_box, drawing.layout.nodes),
    ]
    return _root("".join(parts), moved, drawing.frame, {})


def _document(drawings: Sequence[CellDrawing], description: str = "") -> str:
    """Write an SVG element with pictures above each other; one with a `description` is an image as a whole."""
    placed, page = above_each_other(drawings)
    look = {"font-family": "Helvetica, Arial, sans-serif"}
    image = {"role": "img", "aria-label": description} if description else {}
    return _root("".join(map(_cell, placed)), Point(0, 0), page, look | image)


def _root(content: str, moved: Point, page: Box, attributes: _Attributes) -> str:
    root: _Attributes = {
        "xmlns": "http://www.w3.org/2000/svg",
        "class": "cell",
        "viewBox": f"0 0 {_number(page.width)} {_number(page.height)}",
        "width": page.width,
        "height": page.height,
        **attributes,
    }
    return _element("svg", root, _moved(content, moved) if any(moved) else content)


def _moved(content: str, moved: Point) -> str:
    return _element("g", {"transform": f"translate({_pair(moved)})"}, content)


def _cell(placed: PlacedDrawing) -> str:
    drawing, title, moved = placed
    parts = [
        *_concatenation(drawing.layout),
        *map(_edge, drawing.edges),
        *(_node(drawing.kind, node) for node in drawing.layout.nodes),
    ]
    if title:
        start = Point(drawing.frame.x + MARGIN, drawing.frame.y - (TITLE_HEIGHT - TITLE_FONT) / 2)
        look: _Attributes = {"class": "title", "font-size": TITLE_FONT, "font-weight": "bold", "fill": INK}
        parts.append(_element("text", {**look, "x": start.x, "y": start.y}, escape(title)))
    return _moved("".join(parts), moved)


def _concatenation(layout: CellLayout) -> list[str]:
    """Write what leads from the nodes that are concatenated to the output, if there is one."""
    if layout.joint is None:
        return []
    boxes = [_element("rect", {**_box(box), "rx": min(_TRAY_CORNER, box.height / 2)}) for box in layout.tray]
    joint = _stroke(layout.joint, JOINED, _JOINT_WIDTH)
    return [
        _element("g", {"class": "tray", "fill": TRAY}, "".join(boxes)),
        _element("g", {"class": "joint"}, joint),
    ]


def _edge(edge: DrawnEdge) -> str:
    border = {"stroke": edge.colour, "stroke-dasharray": _CHIP_DASHES} if edge.faint else {}
    rect = _element("rect", {**_box(edge.route.chip), "rx": _CHIP_CORNER, "fill": edge.ground, **border})
    line = _stroke(edge.route.stroke, edge.pale, edge.width, edge.faint)
    chip = _element("g", {"class": "chip"}, rect + _chip_text(edge))
    return _element("g", {"class": f"edge {'faint' if edge.faint else 'chosen'}", "id": edge.id}, line + chip)


def _chip_text(edge: DrawnEdge) -> str:
    """Write the texts of a chip, which a script may exchange, each in an element of its own."""
    spans = [
        _element("tspan", {"class": "label", "font-size": NOTE_FONT}, escape(edge.label)),
        _element("tspan", {"class": "name", "dx": NOTE_GAP if edge.label else 0}, escape(edge.name)),
        _element("tspan", {"class": "note", "font-size": NOTE_FONT, "dx": NOTE_GAP}, escape(edge.note)),
    ]
    return _text("".join(spans), edge.route.chip.centre, CHIP_FONT, edge.ink)


def _node(kind: str, node: PlacedNode) -> str:
    text = _text(escape(node.label), node.box.centre, NODE_FONT, INK)
    return _element("g", {"class": f"node {node.role}", "id": f"node-{kind}-{node.key}"}, _node_box(node) + text)


def _node_box(node: PlacedNode) -> str:
    return _element("rect", {**_box(node.box), "rx": _NODE_CORNER, "fill": NODE_FILLS[node.role]})


def _stroke(stroke: Stroke, colour: str, width: float, dashed: bool = False) -> str:
    """Write a line and its arrow head."""
    start, *others = stroke.curve
    bends = (" ".join(map(_pair, others[place : place + 3])) for place in range(0, len(others), 3))
    way = f"M{_pair(start)}" + "".join(f"C{bend}" for bend in bends)
    dashes = {"stroke-dasharray": _DASHES} if dashed else {}
    look: _Attributes = {"fill": "none", "stroke": colour, "stroke-width": width, **dashes}
    corners = "L".join(map(_pair, stroke.head))
    return _element("path", {"class": "line", "d": way, **look}) + _element(
        "path", {"class": "head", "d": f"M{corners}Z", "fill": colour}
    )


def _text(content: str, middle: Point, size: float, colour: str) -> str:
    look: _Attributes = {"text-anchor": "middle", "font-size": size, "fill": colour}
    return _element("text", {"x": middle.x, "y": middle.y + _MIDDLE * size, **look}, content)


def _box(box: Box) -> dict[str, float]:
    return {"x": box.x, "y": box.y, "width": box.width, "height": box.height}


def _element(name: str, attributes: _Attributes, content: str = "") -> str:
    """Write an element with its attributes, which are no markup yet, and its content, which is."""
    written = "".join(
        f' {key}="{escape(value) if isinstance(value, str) else _number(value)}"' for key, value in attributes.items()
    )
    end = "" if name == "tspan" else "\n"  # white space in a text is seen
    return f"<{name}{written}>{content}</{name}>{end}" if content else f"<{name}{written}/>{end}"


def _pair(point: Point) -> str:
    return f"{_number(point.x)} {_number(point.y)}"


def _number(value: float) -> str:
    """Write a number with at most two digits behind the point."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")
