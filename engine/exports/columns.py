"""Cells from left to right: nodes on a line, two inputs above each other, arcs in lanes above and below."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from engine.exports.board import CHIP_HEIGHT
from engine.exports.geometry import (
    HEAD_LENGTH,
    Box,
    Point,
    Stroke,
    arrow_head,
    bend,
    joined,
    line,
    quarter,
)
from engine.exports.lanes import DOWN, UP, Arc, Lane, assign_lanes
from engine.exports.placement import NODE_HEIGHT, STUB, chip_widths, node_width
from engine.spaces import Edge, SearchSpace

_EMPTY_GAP, _INPUT_GAP = 34.0, 30.0
"""The distance of neighbours without an edge, and of stacked inputs from the first node beyond a chip."""
_PORT, _INPUT_PORT = 9.0, 6.5
"""The distance of the ends of arcs at one node."""
_INPUT_HEIGHT = 46.0
"""The distance of two inputs from the line of nodes."""
_FIRST_LANE, _LANE, _WIDEST_LANE = 35.0, 22.0, 58.0
"""The distance of the first lane from the line of nodes, and the least and the largest of two lanes."""
_ASPECT, _HEIGHT = 2.2, 210.0
"""The width of a picture for its height, and the height that small ones have, where lanes can be so wide."""
_HALF = 0.45
"""The part of an arc that its rise takes at most, as its fall does."""
_INPUT_TIP = 6.0
"""The distance of the ends of two stacked inputs' edges from the line of nodes."""


@dataclass(frozen=True)
class Columns:
    """The places of nodes and lines of a cell; gaps are `stretch` times as wide as they must be, arcs so round.

    Labels of edges have room for a `note`.
    """

    space: SearchSpace
    note: str = ""
    stretch: float = 1.0
    roundness: float = 1.0

    @property
    def stacked(self) -> bool:
        """Return True where two inputs stand above each other."""
        return self.space.inputs > 1

    def is_stacked(self, node: int) -> bool:
        """Return True for one of two inputs above each other."""
        return self.stacked and node < self.space.inputs

    def column(self, node: int) -> int:
        """Return the column of a node, counted from the left."""
        return max(0, node - self.space.inputs + 1)

    def span(self, edge: Edge) -> tuple[int, int]:
        """Return the columns that an edge leads between."""
        return self.column(edge.source), self.column(edge.target)

    @cached_property
    def chip_widths(self) -> dict[Edge, float]:
        """Return the width of the chip of every edge."""
        return chip_widths(self.space, self.note)

    @cached_property
    def lanes(self) -> Mapping[Edge, Lane]:
        """Return the lanes of the edges that are no neighbours'."""
        arcs = [Arc(edge, *self.span(edge), self.own_side(edge.source)) for edge in self.space.edges]
        return assign_lanes(tuple(arc for arc in arcs if arc.end - arc.start > 1))

    def own_side(self, node: int) -> int:
        """Return the side that arcs from a node run on, 0 where both are free."""
        return (UP, DOWN)[node] if self.is_stacked(node) else 0

    def ports(self, node: int, side: int) -> list[Edge]:
        """Return the arcs that end at a side of a node on the line, from left to right, such that none cross there."""
        arcs = [(lane.level, edge) for edge, lane in self.lanes.items() if lane.side == side]
        entering = sorted((level, edge) for level, edge in arcs if edge.target == node)
        leaving = sorted((-level, edge) for level, edge in arcs if edge.source == node)
        return [edge for _, edge in (*entering, *leaving)]

    def input_ports(self, node: int) -> list[Edge]:
        """Return the edges that leave one of two stacked inputs, from top to bottom."""
        edges = [edge for edge in self.space.edges if edge.source == node]
        levels = {edge: self.lanes[edge].level if edge in self.lanes else -1 for edge in edges}
        return sorted(edges, key=lambda edge: self.own_side(node) * levels[edge])

    @cached_property
    def boxes(self) -> dict[int, Box]:
        """Return the places of all nodes but a concatenated output."""
        boxes: dict[int, Box] = {}
        left = 0.0
        for column in range(self.column(self.space.nodes - 1) + 1):
            nodes = [node for node in range(self.space.nodes) if self.column(node) == column]
            left += self._gap(column) if column else 0
            width = max(self._node_width(node) for node in nodes)
            boxes |= {node: self._box(node, left, width) for node in nodes}
            left += width
        return boxes

    def _gap(self, column: int) -> float:
        """Return the distance of a column to that before it."""
        chips = [self.chip_widths[edge] for edge in self.space.edges if self.span(edge) == (column - 1, column)]
        beside = _INPUT_GAP if self.stacked and column == 1 else 2 * STUB + HEAD_LENGTH
        return self.stretch * max(_EMPTY_GAP, max(chips, default=0.0) + beside)

    def _node_width(self, node: int) -> float:
        most = 0 if self.is_stacked(node) else max(len(self.ports(node, side)) for side in (UP, DOWN))
        return max(node_width(self.space.node_label(node)), _PORT * most + 2)

    def _box(self, node: int, left: float, width: float) -> Box:
        if not self.is_stacked(node):
            return Box(left, -NODE_HEIGHT / 2, width, NODE_HEIGHT)
        height = max(NODE_HEIGHT, _INPUT_PORT * len(self.input_ports(node)) + 2)
        return Box(left, self.own_side(node) * _INPUT_HEIGHT - height / 2, width, height)

    @property
    def levels(self) -> tuple[int, int]:
        """Return the number of lanes above and below."""
        above, below = (
            max((lane.level + 1 for lane in self.lanes.values() if lane.side == side), default=0) for side in (UP, DOWN)
        )
        return above, below

    @cached_property
    def pitch(self) -> float:
        """Return the distance of two lanes: wider where a picture has room."""
        width = max(box.right for box in self.boxes.values())
        sides = [levels for levels in self.levels if levels]
        least = _FIRST_LANE * len(sides) + _LANE * sum(levels - 1 for levels in sides) + CHIP_HEIGHT
        spare = max(width / _ASPECT, _HEIGHT) - least
        return min(_LANE + max(spare, 0.0) / max(1, sum(sides)), _WIDEST_LANE)

    def lane_y(self, lane: Lane) -> float:
        """Return the height of a lane."""
        first = min(_FIRST_LANE + self.pitch - _LANE, _WIDEST_LANE)
        return lane.side * (first + self.pitch * lane.level)

    def line(self, edge: Edge) -> Stroke:
        """Return the line of an edge: straight or bent between neighbours, else an arc."""
        if edge in self.lanes:
            lane = self.lanes[edge]
            start = self.input_port(edge) if self.is_stacked(edge.source) else self.port(edge, edge.source)
            return self.arc(edge, start, self.port(edge, edge.target), lane, self.roundness)
        source, target = self.boxes[edge.source], self.boxes[edge.target]
        tip = Point(target.x, self.own_side(edge.source) * _INPUT_TIP)
        base = Point(tip.x - HEAD_LENGTH, tip.y)
        stacked = self.is_stacked(edge.source)
        curve = bend(self.input_port(edge), base) if stacked else line(Point(source.right, 0), base)
        return Stroke(curve, arrow_head(tip, Point(1, 0)))

    def input_port(self, edge: Edge) -> Point:
        """Return where an edge leaves one of two stacked inputs."""
        box, ports = self.boxes[edge.source], self.input_ports(edge.source)
        return Point(box.right, box.centre.y + (ports.index(edge) - (len(ports) - 1) / 2) * _INPUT_PORT)

    def port(self, edge: Edge, node: int) -> Point:
        """Return where an arc ends at a node of the line."""
        side = self.lanes[edge].side
        ports = self.ports(node, side)
        across = (ports.index(edge) - (len(ports) - 1) / 2) * _PORT
        return Point(self.boxes[node].centre.x + across, side * NODE_HEIGHT / 2)

    def arc(self, edge: Edge, start: Point, tip: Point, lane: Lane, roundness: float) -> Stroke:
        """Return a line that leaves `start` for a lane, runs in it, and ends with a head at `tip`."""
        level = self.lane_y(lane)
        reach = roundness * abs(level - tip.y)
        if self.is_stacked(edge.source):
            beginning = Point(max(start.x + 20, self.boxes[self.space.inputs].x - 2), level)
            rise = bend(start, beginning)
        else:
            beginning = Point(start.x + min(reach, _HALF * (tip.x - start.x)), level)
            rise = quarter(start, beginning)
        ending = Point(max(tip.x - min(reach, _HALF * (tip.x - start.x)), beginning.x), level)
        fall = quarter(Point(tip.x, tip.y + lane.side * HEAD_LENGTH), ending)[::-1]
        return Stroke(joined(rise, line(beginning, ending), fall), arrow_head(tip, Point(0, -lane.side)))
