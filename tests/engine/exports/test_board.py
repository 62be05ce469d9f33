"""The board that edges are laid on."""

from dataclasses import replace

from engine import SPACES
from engine.exports.board import Board, Care, Slot
from engine.exports.geometry import Box, Point, Stroke, arrow_head, line
from engine.spaces import Edge

SPACE = SPACES["darts"]
NODES = {node: Box(100 * node, -10, 20, 20) for node in range(6)}


def stroke(start: tuple[float, float], end: tuple[float, float]) -> Stroke:
    return Stroke(line(Point(*start), Point(*end)), arrow_head(Point(*end), Point(1, 0)))


def test_edges_stand_together_and_copies_as_often_as_a_node_reads():
    board = Board(SPACE, NODES)
    first, again = Slot(Edge(0, 2)), Slot(Edge(0, 2), 1)
    assert board.together(first, Slot(Edge(1, 2)))
    assert board.together(first, again)
    assert board.together(again, Slot(Edge(0, 3), 1))
    assert not board.together(again, Slot(Edge(1, 2)))
    assert Board(replace(SPACE, kept_edges=(3, 2, 2, 2)), NODES).together(again, Slot(Edge(1, 2)))


def test_a_line_keeps_away_from_nodes_and_labels():
    board, slot = Board(SPACE, NODES), Slot(Edge(2, 4))
    assert not board.lay(slot, stroke((220, 0), (400, 0)), Care.CLEAR)
    assert not board.lay(slot, stroke((220, 12), (400, 12)), Care.CLEAR)
    assert board.lay(slot, stroke((220, 30), (400, 30)), Care.CLEAR)
    assert board.label(slot, 40, Care.LEVEL)
    assert board.chips[slot] == Box(290, 21, 40, 18)
    other = Slot(Edge(3, 5))
    assert not board.lay(other, stroke((310, 60), (310, 15)), Care.CLEAR)
    assert board.lay(other, stroke((310, 60), (310, 15)), Care.NONE)


def test_a_line_runs_along_no_other():
    board = Board(SPACE, NODES)
    assert board.lay(Slot(Edge(2, 4)), stroke((220, 30), (400, 30)), Care.CLEAR)
    assert not board.lay(Slot(Edge(3, 5)), stroke((320, 32), (500, 32)), Care.CLEAR)
    assert board.lay(Slot(Edge(3, 5)), stroke((320, 52), (500, 52)), Care.CLEAR)


def test_a_label_makes_way():
    board = Board(SPACE, NODES)
    assert board.lay(Slot(Edge(3, 4)), stroke((310, 20), (310, 60)), Care.CLEAR)
    assert board.lay(Slot(Edge(2, 4)), stroke((220, 30), (400, 30)), Care.CLEAR)
    assert board.label(Slot(Edge(2, 4)), 40, Care.LEVEL)
    chip = board.chips[Slot(Edge(2, 4))]
    assert min(abs(chip.x - 310), abs(chip.right - 310)) >= 3
    assert not board.label(Slot(Edge(2, 4)), 400, Care.LEVEL)


def test_a_label_leaves_room_above_nodes_where_it_must():
    board = Board(SPACE, NODES)
    assert board.lay(Slot(Edge(2, 4)), stroke((220, 30), (400, 30)), Care.AIRY)
    assert board.label(Slot(Edge(2, 4)), 40, Care.AIRY)
    chip = board.chips[Slot(Edge(2, 4))]
    assert chip.right < 310 or chip.x > 310
