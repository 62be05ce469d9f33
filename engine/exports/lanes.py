"""The lanes of arcs: levels above and below a line of nodes, so that arcs cross seldom and take little height."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from engine.spaces import Edge

UP, DOWN = -1, 1
"""The sides of the line of nodes."""
_LANE_COST, _CROSSING_COST, _UNEVEN_COST = 2.0, 1.0, 0.6
_FEW = 16  # arcs of which the search moves two at once, too


class Arc(NamedTuple):
    """An edge over or under others: the columns that it leads between, and its side where there is no choice."""

    edge: Edge
    start: int
    end: int
    side: int = 0

    def overlaps(self, other: Arc) -> bool:
        """Return True where both pass over a common place between two columns."""
        return self.start < other.end and other.start < self.end

    def crosses(self, other: Arc) -> bool:
        """Return True where both overlap, on one side, and neither can lie within the other."""
        first, second = sorted((self, other), key=lambda arc: (arc.start, -arc.end))
        return first.start < second.start < first.end < second.end


class Lane(NamedTuple):
    """The side of an arc and its level there, 0 for the one next to the nodes."""

    side: int
    level: int


@lru_cache(maxsize=64)
def assign_lanes(arcs: tuple[Arc, ...]) -> Mapping[Edge, Lane]:
    """Return the lane of every arc: the sides with least height and fewest crossings that a local search finds."""
    crossings = [(a.edge, b.edge) for a, b in combinations(arcs, 2) if a.crosses(b)]
    sides = {arc.edge: arc.side or UP for arc in arcs}
    free = [arc.edge for arc in arcs if not arc.side]
    flips = [*((edge,) for edge in free), *(combinations(free, 2) if len(free) <= _FEW else ())]
    cost, improved = _cost(arcs, sides, crossings), True
    while improved:
        improved = False
        for edges in flips:
            other = sides | {edge: -sides[edge] for edge in edges}
            if (lower := _cost(arcs, other, crossings)) < cost:
                sides, cost, improved = other, lower, True
    return {edge: Lane(sides[edge], level) for edge, level in _levels(arcs, sides).items()}


def _levels(arcs: Sequence[Arc], sides: Mapping[Edge, int]) -> dict[Edge, int]:
    """Return the lowest free level of every arc, short ones first, so that none lies below one that it spans."""
    levels: dict[Edge, int] = {}
    taken: dict[tuple[int, int], list[Arc]] = {}  # the arcs of a side and level
    for arc in sorted(arcs, key=lambda arc: (arc.end - arc.start, arc.start)):
        side, level = sides[arc.edge], 0
        while any(map(arc.overlaps, taken.get((side, level), ()))):
            level += 1
        taken.setdefault((side, level), []).append(arc)
        levels[arc.edge] = level
    return levels


def _cost(arcs: Sequence[Arc], sides: Mapping[Edge, int], crossings: Sequence[tuple[Edge, Edge]]) -> float:
    levels = _levels(arcs, sides)
    up, down = (
        max((level + 1 for edge, level in levels.items() if sides[edge] == side), default=0) for side in (UP, DOWN)
    )
    crossed = sum(sides[one] == sides[other] for one, other in crossings)
    return _LANE_COST * (up + down) + _UNEVEN_COST * abs(up - down) + _CROSSING_COST * crossed
