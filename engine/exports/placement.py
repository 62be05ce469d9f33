"""Places of what a picture of a cell shows: nodes, the routes of edges, and chips, which are the labels of edges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from engine.exports.board import Slot
from engine.exports.geometry import Box, Point, Stroke, sampled, text_width
from engine.operations.registry import get_operation
from engine.spaces import Edge, SearchSpace

NODE_FONT, CHIP_FONT, NOTE_FONT = 13, 13, 9
"""Sizes of text: on nodes, on chips, and of what stands on a chip beside the name of its operation."""
NODE_HEIGHT = 28.0
_NODE_WIDTH = 26.0
OUTPUT = "output"
"""The node that is the concatenation of others."""
OUTPUT_LABEL = "cₖ"
NOTE_GAP = 3.0
"""The room between the name on a chip and what stands beside it."""
MARGIN = 4.0
"""The room between a picture and its frame."""
STUB = 5.0
"""The length of a line that is seen on either side of a chip."""
_CHIP_PADDING, _NODE_PADDING = 4.0, 5.0


class PlacedNode(NamedTuple):
    """A node of a picture: its number or `OUTPUT`, its text, its role (`input`, `inner` or `output`), its place."""

    key: int | str
    label: str
    role: str
    box: Box


class Route(NamedTuple):
    """The way of an edge: its line with an arrow head, and the place of its chip."""

    stroke: Stroke
    chip: Box

    @property
    def extent(self) -> Box:
        """Return the box that holds it."""
        points = sampled(self.stroke.curve)
        corners = (*points.min(axis=0).tolist(), *points.max(axis=0).tolist())
        low, high = Point(*corners[:2]), Point(*corners[2:])
        return Box.holding([self.chip, *(Box(*corner, 0, 0) for corner in (low, high, *self.stroke.head))])


@dataclass(frozen=True)
class CellLayout:
    """A layout of a cell: the place of every node, and the route of every edge by the number of its copy.

    `tray` are the boxes behind the nodes that the output concatenates, and `joint` the arrow from there to the output.
    The `frame` holds everything but further copies of an edge.
    """

    nodes: tuple[PlacedNode, ...]
    routes: Mapping[Slot, Route]
    frame: Box
    tray: tuple[Box, ...] = ()
    joint: Stroke | None = None


def node_role(space: SearchSpace, node: int) -> str:
    """Return the role of a node: `input`, `inner`, or `output` for the last one where nothing is concatenated."""
    if node < space.inputs:
        return "input"
    return "output" if not space.concatenated and node == space.nodes - 1 else "inner"


def node_width(label: str) -> float:
    """Return the width of a node with this text."""
    return max(_NODE_WIDTH, text_width(label, NODE_FONT) + 2 * _NODE_PADDING)


def chip_widths(space: SearchSpace, note: str = "") -> dict[Edge, float]:
    """Return the width of the chip of every edge: that of the longest text it can have, with a `note` as long as this.

    Edges with a choice have one width, those without another.
    """
    counts = space.candidates.sum(axis=2).max(axis=0)
    widths = {}
    for edge, count in zip(space.edges, counts.tolist(), strict=True):
        names = {name for kind in space.cell_types for name in space.candidate_names[kind, edge]}
        counted = f"+{count - 1}" if count > 1 else ""
        beside = [text_width(text, NOTE_FONT) for text in (space.edge_label(edge), max(note, counted, key=len)) if text]
        name_width = max(text_width(get_operation(name).short, CHIP_FONT) for name in names)
        widths[edge] = name_width + sum(beside) + NOTE_GAP * len(beside) + 2 * _CHIP_PADDING
    choices = dict(zip(space.edges, (counts > 1).tolist(), strict=True))
    widest = {
        choice: max(widths[edge] for edge in space.edges if choices[edge] == choice) for choice in {*choices.values()}
    }
    return {edge: widest[choice] for edge, choice in choices.items()}
