"""Columns of nodes and the lines between them."""

from dataclasses import replace

import pytest

from engine import SPACES
from engine.exports.columns import Columns
from engine.exports.lanes import DOWN, UP
from engine.spaces import Edge

DARTS, SMALL = Columns(SPACES["darts"]), Columns(SPACES["nas-bench-201"])


def test_two_inputs_share_a_column_and_a_side_each():
    assert [DARTS.column(node) for node in range(6)] == [0, 0, 1, 2, 3, 4]
    assert [SMALL.column(node) for node in range(4)] == [0, 1, 2, 3]
    assert {DARTS.lanes[Edge(0, target)].side for target in (3, 4, 5)} == {UP}
    assert {DARTS.lanes[Edge(1, target)].side for target in (3, 4, 5)} == {DOWN}


def test_neighbours_are_joined_by_a_straight_line():
    curve, head = SMALL.line(Edge(1, 2))
    assert {point.y for point in curve} == {0}
    assert (curve[0].x, head[0].x) == (SMALL.boxes[1].right, SMALL.boxes[2].x)


@pytest.mark.parametrize("columns", [DARTS, SMALL], ids=["darts", "nas-bench-201"])
def test_arcs_run_in_their_lane_and_end_at_their_nodes(columns):
    for edge, lane in columns.lanes.items():
        curve, head = columns.line(edge)
        assert curve[3].y == curve[6].y == columns.lane_y(lane)
        box = columns.boxes[edge.target]
        assert box.x < head[0].x < box.right
        assert abs(head[0].y) == box.height / 2


def test_arcs_that_end_at_a_node_do_not_cross_there():
    ports = DARTS.ports(5, UP)
    assert [DARTS.lanes[edge].level for edge in ports] == sorted(DARTS.lanes[edge].level for edge in ports)
    tips = [DARTS.line(edge).head[0].x for edge in ports]
    assert tips == sorted(tips)


def test_a_stretched_cell_is_wider_and_has_the_same_nodes():
    wide = replace(SMALL, stretch=2.0)
    assert [box.width for box in wide.boxes.values()] == [box.width for box in SMALL.boxes.values()]
    assert wide.boxes[3].x > 1.5 * SMALL.boxes[3].x
