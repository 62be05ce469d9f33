"""The board that edges are laid on: which lines and chips may stand beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from engine.exports.geometry import Box, Curve, Point, Points, Stroke, any_meets, sampled
from engine.spaces import Edge, SearchSpace

CHIP_HEIGHT = 18.0
"""The height of a chip, which is the label of an edge on its line."""
_STEP = 3.0
_NODE_DISTANCE, _CHIP_DISTANCE, _LINE_DISTANCE = 4.5, 2.0, 3.0
"""The least distances of a line to a node that is none of its ends, and of a chip to nodes and chips, and to lines."""


class Care(IntEnum):
    """The demands on places: none, that nothing covers anything, also that chips lie level, also above no node."""

    NONE = 0
    CLEAR = 1
    LEVEL = 2
    AIRY = 3


class Slot(NamedTuple):
    """An edge and the number of its copy, which is above 0 where a node reads one input several times."""

    edge: Edge
    copy: int = 0


class Board:
    """The nodes of a picture, and the lines and chips that are laid between them."""

    def __init__(self, space: SearchSpace, nodes: Mapping[int, Box]) -> None:
        self.space = space
        self.nodes = nodes
        self.chips: dict[Slot, Box] = {}
        self.strokes: dict[Slot, Stroke] = {}
        self._points: dict[Slot, Points] = {}
        self._remembered: tuple[tuple[Slot, int] | None, list[Box]] = None, []

    def together(self, one: Slot, other: Slot) -> bool:
        """Return True where a picture may show both: all edges at once, or so many copies as a node keeps edges."""
        if one.edge.target != other.edge.target or one.edge == other.edge or one.copy == other.copy == 0:
            return True
        return one.copy + other.copy + 2 <= self.space.kept_counts[one.edge.target - self.space.inputs]

    def lay(self, slot: Slot, stroke: Stroke, care: Care) -> bool:
        """Lay a line; return False where it comes near a chip, or a node that is no end of it, or runs along a line."""
        points = sampled(stroke.curve)
        if care and (self._runs_along(slot, stroke.curve) or any_meets(self._obstacles(slot), points)):
            return False
        self.strokes[slot], self._points[slot] = stroke, points
        return True

    def label(self, slot: Slot, width: float, care: Care) -> bool:
        """Lay the chip of a line that is laid, next to its middle; return False where there is no place for it.

        It covers no node, no chip, no arrow head of its own, and no line but its own.
        """
        curve, head = self.strokes[slot].curve, np.array(self.strokes[slot].head)
        beside = [other for other in self.strokes if other != slot and self.together(slot, other)]
        taken = [*self.nodes.values(), *(self.chips[other] for other in beside if other in self.chips)]
        points = np.concatenate([head[:0], *(self._points[other] for other in beside)])
        middle = (curve[0].x + curve[-1].x) / 2
        for chip in sorted(self._places(curve, width, care), key=lambda chip: abs(chip.centre.x - middle)):
            near, wide = chip.grown(_CHIP_DISTANCE), chip.grown(_LINE_DISTANCE)
            covers = any(map(near.overlaps, taken)) or any_meets([near], head) or any_meets([wide], points)
            if not care or not covers:
                self.chips[slot] = chip
                return True
        return False

    def _runs_along(self, slot: Slot, curve: Curve) -> bool:
        """Return True where the level part of a line lies on that of a line beside it."""
        if (level := _level_part(curve)) is None:
            return False
        others = ((other, _level_part(stroke.curve)) for other, stroke in self.strokes.items() if other != slot)
        return any(
            part is not None and level.grown(_LINE_DISTANCE).overlaps(part.grown(_LINE_DISTANCE))
            for other, part in others
            if self.together(slot, other)
        )

    def _obstacles(self, slot: Slot) -> list[Box]:
        """Return what a line keeps away from, remembered until another line or chip is laid."""
        if self._remembered[0] != (slot, len(self.chips)):
            nodes = [box.grown(_NODE_DISTANCE) for node, box in self.nodes.items() if node not in slot.edge]
            chips = [chip.grown(_LINE_DISTANCE) for other, chip in self.chips.items() if self.together(slot, other)]
            self._remembered = (slot, len(self.chips)), nodes + chips
        return self._remembered[1]

    def _places(self, curve: Curve, width: float, care: Care) -> Iterator[Box]:
        """Yield places of a chip on its line."""
        centres = _level_points(curve, width)
        if centres is None or care < Care.LEVEL:
            centres = [Point(*point) for point in sampled(curve).tolist()] + (centres or [])
        reach = width / 2 + _LINE_DISTANCE
        for centre in centres:
            if care < Care.AIRY or all(abs(centre.x - box.centre.x) >= reach for box in self.nodes.values()):
                yield Box.around(centre, width, CHIP_HEIGHT)


def _level_points(curve: Curve, width: float) -> list[Point] | None:
    """Return middles of chips of this width on the level part of a line, None where it has none."""
    if (level := _level_part(curve)) is None:
        return None
    room = level.width - width
    steps = max(1, int(room / _STEP))
    return [Point(level.x + width / 2 + room * step / steps, level.y) for step in range(steps + 1) if room >= 0]


def _level_part(curve: Curve) -> Box | None:
    """Return the first level piece of a curve from left to right, as a box of no height, None where it has none."""
    for start in range(0, len(curve) - 1, 3):
        first, *_, last = piece = curve[start : start + 4]
        if len({point.y for point in piece}) == 1:
            return Box(first.x, first.y, last.x - first.x, 0.0)
    return None
