"""Lanes of arcs."""

from itertools import combinations

from engine.exports.lanes import DOWN, UP, Arc, Lane, assign_lanes
from engine.spaces import Edge


def arcs(*ends: tuple[int, int], side: int = 0) -> tuple[Arc, ...]:
    return tuple(Arc(Edge(*pair), *pair, side) for pair in ends)


def test_nested_arcs_lie_within_each_other():
    found = assign_lanes(arcs((0, 2), (0, 3), (0, 4), side=UP))
    assert found == {(0, 2): Lane(UP, 0), (0, 3): Lane(UP, 1), (0, 4): Lane(UP, 2)}


def test_arcs_that_meet_at_a_node_share_a_lane():
    assert {*assign_lanes(arcs((0, 2), (2, 4), side=DOWN)).values()} == {Lane(DOWN, 0)}


def test_crossing_arcs_go_to_two_sides():
    found = assign_lanes(arcs((0, 2), (1, 3)))
    assert sorted(found.values()) == [Lane(UP, 0), Lane(DOWN, 0)]


def test_no_two_arcs_share_a_place():
    every = arcs(*((start, end) for start, end in combinations(range(9), 2) if end > start + 1))
    found = assign_lanes(every)
    for one, other in combinations(every, 2):
        assert found[one.edge] != found[other.edge] or not one.overlaps(other)
        if one.start <= other.start and other.end <= one.end and found[one.edge].side == found[other.edge].side:
            assert found[one.edge].level > found[other.edge].level  # the longer one is outside


def test_the_sides_that_are_given_are_kept():
    found = assign_lanes((*arcs((0, 2), (0, 3), side=DOWN), *arcs((1, 3))))
    assert found[Edge(0, 2)].side == found[Edge(0, 3)].side == DOWN
    assert found[Edge(1, 3)].side == UP
