"""Sheets of figures: heatmaps and pictures of cells in rows, drawn by Graphviz or written as one page of HTML."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import accumulate, zip_longest
from typing import Final

from engine.common.errors import unknown_name
from engine.exports.dot import (
    DEFAULTS,
    INCH,
    PICTURE_FORMATS,
    RESOLUTION,
    cell_statements,
    digraph,
    dot_point,
    render_picture,
)
from engine.exports.drawing import INK, TITLE_HEIGHT, Arrow, PlacedDrawing, draw_cell
from engine.exports.geometry import Box, Point
from engine.exports.heatmap import Heatmap, heatmap_html, heatmap_look
from engine.exports.svg import cell_svg
from engine.spaces import SearchSpace

SHEET_FORMATS: Final = (*PICTURE_FORMATS, "html")
_GAP = 24.0  # points between panels
_MOST_PIXELS = 64e6  # four bytes each, in the memory of a server
_HEAD = ('graph [bgcolor="white", outputorder="nodesfirst", margin="0", pad="0.12"]', *DEFAULTS)


@dataclass(frozen=True)
class CellPicture:
    """The picture of a cell, with its arrows, and a title where it is not said elsewhere."""

    space: SearchSpace
    kind: str
    arrows: tuple[Arrow, ...]
    title: str = ""


Panel = Heatmap | CellPicture
"""What stands at a place of a sheet."""


@dataclass(frozen=True)
class FigureSheet:
    """Panels in rows, from the top and the left, with a `title` that a page of HTML has in its tab."""

    rows: tuple[tuple[Panel, ...], ...]
    title: str = ""


def write_sheet(sheet: FigureSheet, to: str) -> bytes:
    """Write a sheet in a format of `SHEET_FORMATS`; `ValueError` for another one."""
    if to not in SHEET_FORMATS:
        raise unknown_name("format", to, SHEET_FORMATS)
    if to == "html":
        return sheet_page(sheet).encode()
    picture = render_picture(_sheet_dot(sheet), to, _resolution(sheet) if to == "png" else RESOLUTION)
    return picture[picture.index(b"<svg") :] if to == "svg" else picture


def sheet_page(sheet: FigureSheet) -> str:
    """Write a sheet as a page of HTML, without scripts and without anything to fetch."""
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(sheet.title)}</title>\n'
        f'</head>\n<body style="margin:24px;background:#fff">\n{sheet_html(sheet)}\n</body>\n</html>\n'
    )


def sheet_html(sheet: FigureSheet) -> str:
    """Write a sheet as elements of HTML: tables, and pictures as SVG."""
    style = "display:flex;flex-wrap:wrap;align-items:center;gap:32px;padding:8px;background:#fff"
    place = '<div style="max-width:100%;overflow-x:auto">'
    rows = ("".join(f"{place}{_panel_html(panel)}</div>" for panel in row) for row in sheet.rows)
    return "\n".join(f'<div style="{style}">{row}</div>' for row in rows)


def _panel_html(panel: Panel) -> str:
    if isinstance(panel, Heatmap):
        return heatmap_html(panel)
    title = f'<b style="font:700 14px Helvetica,Arial,sans-serif;color:{INK}">{escape(panel.title)}</b><br>'
    return title * bool(panel.title) + cell_svg(panel.space, panel.kind, panel.arrows)


def _sheet_dot(sheet: FigureSheet) -> str:
    """Write the DOT text of a sheet, every node and line of which has its position."""
    statements = [*_HEAD]
    for panel, corner in _corners(sheet):
        statements += _statements(panel, corner, len(statements))
    return digraph(statements)


def _corners(sheet: FigureSheet) -> Iterator[tuple[Panel, Point]]:
    """Yield every panel with its left upper corner, in rows and columns."""
    lefts = [*accumulate((width + _GAP for width in _widths(sheet)), initial=0.0)]
    top = 0.0
    for row in sheet.rows:
        yield from ((panel, Point(left, top)) for panel, left in zip(row, lefts, strict=False))
        top += max(_extent(panel).height for panel in row) + _GAP


def _widths(sheet: FigureSheet) -> list[float]:
    rows = ([_extent(panel).width for panel in row] for row in sheet.rows)
    return [max(column) for column in zip_longest(*rows, fillvalue=0.0)]


def _resolution(sheet: FigureSheet) -> int:
    """Return the dots an inch of a sheet as PNG, fewer for a large one; `ValueError` where a screen has more."""
    pixels = _pixels(sheet)
    resolution = int(RESOLUTION * min(1.0, math.sqrt(_MOST_PIXELS / pixels)))
    if 2 * resolution < RESOLUTION:
        raise ValueError(f"as PNG the figure has {pixels / 1e6:,.0f} million pixels; take svg, pdf, eps or html")
    return resolution


def _pixels(sheet: FigureSheet) -> float:
    """Return the number of pixels of a sheet at twice the resolution of a screen."""
    corners = [(_extent(panel), corner) for panel, corner in _corners(sheet)]
    right = max(corner.x + extent.width for extent, corner in corners)
    bottom = max(corner.y + extent.height for extent, corner in corners)
    return right * bottom * (RESOLUTION / INCH) ** 2


def _extent(panel: Panel) -> Box:
    """Return the frame of a panel, that of a cell with its title."""
    if isinstance(panel, Heatmap):
        return _heatmap_extent(panel)
    frame, room = draw_cell(panel.space, panel.kind, panel.arrows).frame, TITLE_HEIGHT * bool(panel.title)
    return Box(frame.x, frame.y - room, frame.width, frame.height + room)


@lru_cache(maxsize=64)
def _heatmap_extent(heatmap: Heatmap) -> Box:
    """Return the size of a heatmap, which Graphviz knows."""
    import pygraphviz

    graph = pygraphviz.AGraph(string=f"digraph {{{DEFAULTS[0]} heatmap [{heatmap_look(heatmap)}]}}")
    graph.layout(prog="dot")
    node = graph.get_node("heatmap")
    return Box(0.0, 0.0, *(float(node.attr[side]) * INCH for side in ("width", "height")))


def _statements(panel: Panel, corner: Point, number: int) -> Iterator[str]:
    """Yield the statements of a panel with its left upper corner there; the `number` keeps its names apart."""
    extent = _extent(panel)
    moved = Point(corner.x - extent.x, corner.y - extent.y)
    if isinstance(panel, Heatmap):
        yield f'"heatmap-{number}" [pos="{dot_point(extent.centre, moved)}", {heatmap_look(panel)}]'
    else:
        drawing = draw_cell(panel.space, f"{panel.kind}-{number}", panel.arrows)
        yield from cell_statements(PlacedDrawing(drawing, panel.title, moved))
