"""Room for inputs that a node reads several times."""

import pytest

from engine import SPACES
from engine.exports.board import Board, Slot
from engine.exports.columns import Columns
from engine.exports.layout import cell_layout
from engine.exports.parallel import lay_copies


@pytest.mark.slow
def test_every_edge_that_may_stand_twice_has_a_second_way():
    space = SPACES["darts"]
    once, twice = cell_layout(space), cell_layout(space, copies=True)
    assert {*twice.routes} == {Slot(edge, copy) for edge in space.edges for copy in (0, 1)}
    assert twice.frame == once.frame
    assert all(twice.routes[slot] == route for slot, route in once.routes.items())


def test_nothing_is_laid_where_no_edge_may_stand_twice():
    columns = Columns(SPACES["nas-bench-201"])
    board = Board(columns.space, columns.boxes)
    lay_copies(columns, board)
    assert board.chips == {}
