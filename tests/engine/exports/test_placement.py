"""What the nodes and labels of a space need."""

import pytest

from engine import SPACES
from engine.exports.board import Slot
from engine.exports.geometry import Box, Point, Stroke, arrow_head, line, text_width
from engine.exports.placement import CHIP_FONT, NOTE_FONT, Route, chip_widths, node_role, node_width
from engine.spaces import Edge


def test_labels_have_room_for_the_longest_operation_and_count():
    widths = chip_widths(SPACES["darts"])
    assert len({*widths.values()}) == 1
    assert widths[Edge(0, 2)] > text_width("max 3", CHIP_FONT) + text_width("+7", NOTE_FONT)
    assert chip_widths(SPACES["darts"], "| max 3")[Edge(0, 2)] > widths[Edge(0, 2)]


def test_edges_without_a_choice_need_less_room():
    widths = chip_widths(SPACES["nas-bench-1shot1-1"])
    choice, none = widths[Edge(1, 2)], widths[Edge(0, 1)]
    assert none < choice
    assert {*widths.values()} == {choice, none}


@pytest.mark.parametrize(
    ("name", "roles"),
    [("nas-bench-201", ["input", "inner", "inner", "output"]), ("darts", ["input"] * 2 + ["inner"] * 4)],
)
def test_nodes_have_roles(name, roles):
    assert [node_role(SPACES[name], node) for node in range(SPACES[name].nodes)] == roles


def test_a_node_is_as_wide_as_its_text():
    assert node_width("a long name") > node_width("1") == node_width("12")


def test_a_route_is_held_by_its_extent():
    tip = Point(100, 0)
    route = Route(Stroke(line(Point(0, 0), Point(92, 0)), arrow_head(tip, Point(1, 0))), Box(30, -9, 40, 18))
    assert route.extent == Box(0, -9, 100, 18)
    assert Slot(Edge(0, 1)) == (Edge(0, 1), 0)
