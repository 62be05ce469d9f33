"""Pictures of cells as TikZ, for papers: `\\input` the file where `tikz` is loaded, nothing else is needed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.exports.drawing import (
    INK,
    JOINED,
    NODE_FILLS,
    TITLE_HEIGHT,
    TRAY,
    CellDrawing,
    DrawnEdge,
    PlacedDrawing,
    above_each_other,
    draw_genotype,
)
from engine.exports.geometry import Box, Point, Stroke
from engine.exports.placement import MARGIN, CellLayout, PlacedNode
from engine.genotypes.genotype import Genotype

_ESCAPES = {
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
    "Σ": r"$\Sigma$",
    "×": r"$\times$",
    "²": r"$^2$",
    "<": r"$<$",
    ">": r"$>$",
    "|": r"$|$",
    "→": r"$\to$",
}
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋ₖ", "0123456789+-k")
_SUBSCRIPTED = re.compile("([A-Za-z]?)([₀-₉₊₋ₖ]+)")
_HEADER = (
    "% \\usepackage{tikz}, then \\input this file, or \\resizebox{\\linewidth}{!}{\\input{...}}",
    "\\begin{tikzpicture}[x=1pt, y=-1pt,",
    "  every node/.style={inner sep=0pt, text height=1.4ex, text depth=0.2ex, font=\\sffamily\\large}]",
)


def genotype_tikz(genotype: Genotype) -> str:
    """Write the picture of all cells of a genotype, above each other."""
    placed, page = above_each_other(draw_genotype(genotype))
    colours = sorted({colour for one in placed for colour in _colours(one.drawing)})
    lines = [
        *_HEADER,
        *(f"\\definecolor{{{_name(colour)}}}{{HTML}}{{{colour[1:]}}}" for colour in colours),
        f"\\path[use as bounding box] {_corners(page)};",
        *(line for one in placed for line in _cell(one)),
        "\\end{tikzpicture}",
    ]
    return "\n".join(lines) + "\n"


def latex_text(text: str) -> str:
    """Write a text as LaTeX shows it: signs escaped, subscripts in mathematics."""
    escaped = "".join(_ESCAPES.get(sign, sign) for sign in text)
    return _SUBSCRIPTED.sub(lambda match: f"${match[1]}_{{{match[2].translate(_SUBSCRIPTS)}}}$", escaped)


def _colours(drawing: CellDrawing) -> Iterator[str]:
    yield from (INK, JOINED, TRAY, *NODE_FILLS.values())
    for edge in drawing.edges:
        yield from (edge.pale, edge.colour, edge.ground, edge.ink)


def _cell(placed: PlacedDrawing) -> Iterator[str]:
    """Yield the lines of a cell: its title, what lies behind its nodes, edges, nodes."""
    drawing, title, moved = placed
    frame = drawing.frame
    yield f"\\begin{{scope}}[shift={{({moved.x:.2f},{moved.y:.2f})}}]"
    if title:
        middle = Point(frame.x + MARGIN, frame.y - TITLE_HEIGHT / 2)
        look = f"anchor=west, font=\\sffamily\\large\\bfseries, text={_name(INK)}"
        yield f"\\node[{look}] at {_at(middle)} {{{latex_text(title)}}};"
    yield from _concatenation(drawing.layout)
    for edge in drawing.edges:
        yield from _edge(edge)
    yield from map(_node, drawing.layout.nodes)
    yield "\\end{scope}"


def _concatenation(layout: CellLayout) -> Iterator[str]:
    for box in layout.tray:
        yield f"\\fill[{_name(TRAY)}, rounded corners={min(8.0, box.height / 2):.1f}pt] {_corners(box)};"
    if layout.joint is not None:
        yield from _stroke(layout.joint, JOINED, 1.2, "")


def _edge(edge: DrawnEdge) -> Iterator[str]:
    chip, dashes = edge.route.chip, ", dash pattern=on 3pt off 3pt"
    yield from _stroke(edge.route.stroke, edge.pale, edge.width, ", dash pattern=on 5pt off 4pt" * edge.faint)
    look = f"fill={_name(edge.ground)}" + f", draw={_name(edge.colour)}{dashes}" * edge.faint
    yield f"\\path[{look}, rounded corners=5pt] {_corners(chip)};"
    small = (f"{{\\scriptsize {latex_text(text)}}}" if text else "" for text in (edge.label, edge.note))
    words = "\\,".join(word for word in (next(small), latex_text(edge.name), next(small)) if word)
    yield f"\\node[text={_name(edge.ink)}] at {_at(chip.centre)} {{{words}}};"


def _node(node: PlacedNode) -> str:
    box = f"\\fill[{_name(NODE_FILLS[node.role])}, rounded corners=6pt] {_corners(node.box)};"
    return f"{box}\n\\node[text={_name(INK)}] at {_at(node.box.centre)} {{{latex_text(node.label)}}};"


def _stroke(stroke: Stroke, colour: str, width: float, dashes: str) -> Iterator[str]:
    start, *others = stroke.curve
    bends = (others[place : place + 3] for place in range(0, len(others), 3))
    way = "".join(f" .. controls {_at(first)} and {_at(last)} .. {_at(end)}" for first, last, end in bends)
    yield f"\\draw[{_name(colour)}, line width={width:.2f}pt{dashes}] {_at(start)}{way};"
    yield f"\\fill[{_name(colour)}] {' -- '.join(map(_at, stroke.head))} -- cycle;"


def _name(colour: str) -> str:
    return f"c{colour[1:]}"


def _at(point: Point) -> str:
    return f"({point.x:.2f},{point.y:.2f})"


def _corners(box: Box) -> str:
    return f"{_at(Point(box.x, box.y))} rectangle {_at(Point(box.right, box.bottom))}"
