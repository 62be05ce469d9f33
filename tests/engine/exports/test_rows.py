"""Chains of layers in rows."""

from itertools import pairwise

import pytest

from engine import SPACES
from engine.exports.board import Slot
from engine.exports.geometry import Box
from engine.exports.rows import place_rows


@pytest.mark.parametrize("name", ["nas-bench-macro", "mobilenet"])
def test_a_stage_is_a_row_that_begins_below_the_end_of_the_last_one(name):
    space = SPACES[name]
    layout = place_rows(space)
    centres = [node.box.centre for node in layout.nodes]
    for before, (here, there) in enumerate(pairwise(centres)):
        row, next_row = space.picture_row(before), space.picture_row(before + 1)
        if row == next_row:
            assert here.y == there.y
            assert (there.x > here.x) == (row % 2 == 1)
        else:
            assert here.x == there.x
            assert there.y > here.y
    assert [*layout.routes] == [Slot(edge) for edge in space.edges]
    assert Box.holding([layout.frame, *(node.box for node in layout.nodes)]) == layout.frame
