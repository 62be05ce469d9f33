"""Layer-wise networks in rows, which run to the right and to the left in turn, a stage a row."""

from __future__ import annotations

from itertools import groupby

from engine.exports.board import CHIP_HEIGHT, Slot
from engine.exports.geometry import HEAD_LENGTH, Box, Point, Stroke, arrow_head, line
from engine.exports.placement import (
    MARGIN,
    NODE_HEIGHT,
    STUB,
    CellLayout,
    PlacedNode,
    Route,
    chip_widths,
    node_role,
    node_width,
)
from engine.spaces import Edge, SearchSpace


def place_rows(space: SearchSpace, note: str = "") -> CellLayout:
    """Lay out a chain of layers whose nodes have a row each."""
    widths = chip_widths(space, note)
    boxes = _boxes(space, max(widths.values()))
    nodes = [PlacedNode(node, space.node_label(node), node_role(space, node), box) for node, box in boxes.items()]
    routes = {Slot(edge): _route(boxes, edge, widths[edge]) for edge in space.edges}
    extents = [*boxes.values(), *(route.extent for route in routes.values())]
    return CellLayout(tuple(nodes), routes, Box.holding(extents).grown(MARGIN))


def _boxes(space: SearchSpace, chip_width: float) -> dict[int, Box]:
    """Return the places of the nodes: each row begins below the end of the row above."""
    labels = [space.node_label(node) for node in range(space.nodes)]
    width = max(node_width(label) for label in labels)
    beside = 2 * STUB + HEAD_LENGTH
    across, down = width + chip_width + beside, NODE_HEIGHT + CHIP_HEIGHT + beside
    boxes, x = {}, 0.0
    for row, (_, nodes) in enumerate(groupby(range(space.nodes), space.picture_row)):
        for place, node in enumerate(nodes):
            x += across * (1 if row % 2 else -1) * (place > 0)
            boxes[node] = Box.around(Point(x, down * row), width, NODE_HEIGHT)
    return boxes


def _route(boxes: dict[int, Box], edge: Edge, width: float) -> Route:
    """Return the straight way from a node to the next one, in its row or below."""
    source, target = boxes[edge.source].centre, boxes[edge.target].centre
    box = boxes[edge.target]
    if source.y == target.y:
        direction = Point(1.0 if target.x > source.x else -1.0, 0.0)
        half = box.width / 2
    else:
        direction, half = Point(0.0, 1.0), NODE_HEIGHT / 2
    start = Point(source.x + half * direction.x, source.y + half * direction.y)
    tip = Point(target.x - half * direction.x, target.y - half * direction.y)
    base = Point(tip.x - HEAD_LENGTH * direction.x, tip.y - HEAD_LENGTH * direction.y)
    centre = Point((start.x + base.x) / 2, (start.y + base.y) / 2)
    return Route(Stroke(line(start, base), arrow_head(tip, direction)), Box.around(centre, width, CHIP_HEIGHT))
