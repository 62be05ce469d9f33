"""Routes of further copies of an edge, for nodes that read one input several times.

No search answers with such a cell, but people write them. A copy takes the room of edges that no picture shows beside
it, and stands outside of all others where there is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from engine.exports.board import Board, Care, Slot
from engine.exports.columns import Columns
from engine.exports.geometry import HEAD_LENGTH, Point, Stroke, arrow_head, joined, line, quarter
from engine.exports.lanes import DOWN, UP, Lane
from engine.exports.placement import NODE_HEIGHT
from engine.spaces import Edge

_SHIFTS = (0.0, 9.0, -9.0, 4.5, -4.5)
"""Places of a line at its nodes, from their middle, in the order in which they are tried."""
_ROUNDNESS = (0.85, 0.5, 0.25, 0.1, 0.03)
_HOOK, _HOOK_LEVELS = 8.0, (0.0, 5.0, 10.0, -5.0)
_FURTHER = 6
"""Lanes beyond those of a picture that are tried."""


def lay_copies(columns: Columns, board: Board) -> None:
    """Lay all copies that a genotype may have of every edge on the board that holds the edges themselves."""
    space = columns.space
    if space.multiplicity == 1:
        return
    for edge in space.edges:
        for copy in range(1, space.kept_counts[edge.target - space.inputs]):
            _lay(columns, board, Slot(edge, copy))


def _lay(columns: Columns, board: Board, slot: Slot) -> None:
    width = columns.chip_widths[slot.edge]
    for care in (Care.AIRY, Care.CLEAR, Care.NONE):
        for stroke in _strokes(columns, slot.edge):
            if board.lay(slot, stroke, care) and board.label(slot, width, care):
                return


def _strokes(columns: Columns, edge: Edge) -> Iterator[Stroke]:
    """Yield lines of an edge, the closest to the nodes first."""
    side = columns.own_side(edge.source)
    start, end = columns.span(edge)
    if side and end - start == 1:
        yield from _hooks(columns, edge)
    sides = (side,) if side else (UP, DOWN)
    levels = range(max(columns.levels) + _FURTHER)
    for level, side, roundness, *shifts in product(levels, sides, _ROUNDNESS, _SHIFTS, _SHIFTS):
        port, tip = (_port(columns, node, side, shift) for node, shift in zip(edge, shifts, strict=True))
        yield columns.arc(edge, port, tip, Lane(side, level), roundness)


def _port(columns: Columns, node: int, side: int, shift: float) -> Point:
    """Return an end of a line at a node, so far from the middle of its side."""
    box = columns.boxes[node]
    if columns.is_stacked(node):
        return Point(box.right, box.centre.y + shift)
    return Point(box.centre.x + shift, side * NODE_HEIGHT / 2)


def _hooks(columns: Columns, edge: Edge) -> Iterator[Stroke]:
    """Yield lines between two inputs above each other that lead to the first node, level at its left side."""
    source, target, side = columns.boxes[edge.source], columns.boxes[edge.target], columns.own_side(edge.source)
    start = Point(source.right - _HOOK, source.centre.y - side * source.height / 2)
    for y in _HOOK_LEVELS:
        tip = Point(target.x, -side * y)
        beginning, base = Point(source.right + _HOOK, tip.y), Point(tip.x - HEAD_LENGTH, tip.y)
        yield Stroke(joined(quarter(start, beginning), line(beginning, base)), arrow_head(tip, Point(1.0, 0.0)))
