"""The layout of a cell: places of nodes, edges and their labels that depend on the search space alone.

Seeds, the steps of a replay and dropped edges move nothing, since every edge that the space has has its own place.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import product

from engine.exports.board import Board, Care, Slot
from engine.exports.columns import Columns
from engine.exports.geometry import HEAD_LENGTH, Box, Point, Stroke, arrow_head, line
from engine.exports.parallel import lay_copies
from engine.exports.placement import (
    MARGIN,
    NODE_HEIGHT,
    OUTPUT,
    OUTPUT_LABEL,
    CellLayout,
    PlacedNode,
    Route,
    node_role,
    node_width,
)
from engine.exports.rows import place_rows
from engine.spaces import SearchSpace

_ROUNDNESS = (1.6, 1.3, 1.0, 0.85, 0.7, 0.55, 0.4, 0.3, 0.2)
_STRETCHES = (1.0, 1.08, 1.2, 1.4, 1.7, 2.2, 3.0)
_TRAY_MARGIN, _TRAY_GAP, _CHANNEL = 7.0, 18.0, 4.0


@lru_cache(maxsize=64)
def cell_layout(space: SearchSpace, note: str = "", copies: bool = False) -> CellLayout:
    """Return the layout of the cells of a space, with room on labels for a `note` as long as this.

    Further `copies` of an edge, which few cells have, have places outside of the frame, or that of other edges.
    """
    if space.picture_row(0) is not None:
        return place_rows(space, note)
    columns, board = _laid_out(space, note)
    if copies:
        lay_copies(columns, board)
    nodes = [
        PlacedNode(node, space.node_label(node), node_role(space, node), box) for node, box in columns.boxes.items()
    ]
    routes = {slot: Route(board.strokes[slot], chip) for slot, chip in board.chips.items()}
    tray, joint = _tray(space, columns.boxes), None
    if tray:
        end = max(box.right for box in tray)
        output = Box(end + _TRAY_GAP, -NODE_HEIGHT / 2, node_width(OUTPUT_LABEL), NODE_HEIGHT)
        nodes.append(PlacedNode(OUTPUT, OUTPUT_LABEL, "output", output))
        tip = Point(output.x, 0.0)
        joint = Stroke(line(Point(end, 0.0), Point(tip.x - HEAD_LENGTH, 0.0)), arrow_head(tip, Point(1.0, 0.0)))
    extents = [*(node.box for node in nodes), *tray, *(route.extent for slot, route in routes.items() if not slot.copy)]
    return CellLayout(tuple(nodes), routes, Box.holding(extents).grown(MARGIN), tray, joint)


def _laid_out(space: SearchSpace, note: str) -> tuple[Columns, Board]:
    """Return the narrowest geometry, and then the roundest, in which all chips find a place."""
    cares = (Care.AIRY, Care.LEVEL) if space.multiplicity > 1 else (Care.LEVEL,)
    for stretch, care, roundness in product(_STRETCHES, cares, _ROUNDNESS):
        columns = Columns(space, note, stretch, roundness)
        board = Board(space, columns.boxes)
        if _lay_edges(columns, board, care):
            return columns, board
    _lay_edges(columns, board, Care.NONE)
    return columns, board


def _lay_edges(columns: Columns, board: Board, care: Care) -> bool:
    """Lay all edges of a space on the board; return False where one finds no place."""
    slots = [Slot(edge) for edge in columns.space.edges]
    return all(board.lay(slot, columns.line(slot.edge), care) for slot in slots) and all(
        board.label(slot, columns.chip_widths[slot.edge], care) for slot in slots
    )


def _tray(space: SearchSpace, boxes: dict[int, Box]) -> tuple[Box, ...]:
    """Return the boxes behind the nodes that the output concatenates, joined below those that it leaves out."""
    if not space.concatenated:
        return ()
    first, last = min(space.concatenated), space.nodes - 1
    left_out = [node for node in range(first, last + 1) if node not in space.concatenated]
    runs = _runs(space.concatenated)
    tray = [Box.holding(boxes[node] for node in run).grown(_TRAY_MARGIN) for run in runs]
    if last in left_out:
        tray.append(Box(boxes[last].right + _TRAY_MARGIN, tray[0].y, _TRAY_MARGIN, tray[0].height))
    if left_out:
        channel = Box.holding(tray)
        tray.append(Box(channel.x, channel.bottom - _CHANNEL, channel.width, _CHANNEL))
    return tuple(tray)


def _runs(numbers: Iterable[int]) -> list[list[int]]:
    """Return numbers in order, those that follow each other together."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs
