"""Boxes, curves and widths of texts."""

import numpy as np
import pytest

from engine.exports.geometry import Box, Point, any_meets, arrow_head, bend, joined, line, quarter, sampled, text_width


def test_boxes():
    box = Box.around(Point(10, 20), 4, 6)
    assert (box, box.right, box.bottom, box.centre) == (Box(8, 17, 4, 6), 12, 23, Point(10, 20))
    assert box.grown(1) == Box(7, 16, 6, 8)
    assert box.overlaps(Box(11, 22, 5, 5))
    assert not box.overlaps(Box(12, 17, 5, 5))
    assert Box.holding([box, Box(0, 0, 1, 1)]) == Box(0, 0, 12, 23)


def test_points_in_boxes():
    boxes = [Box(0, 0, 1, 1), Box(5, 5, 1, 1)]
    assert any_meets(boxes, np.array([[9.0, 9.0], [5.5, 5.5]]))
    assert not any_meets(boxes, np.array([[1.0, 0.5], [5.5, 0.5]]))
    assert not any_meets([], np.array([[0.5, 0.5]]))


def test_curves_leave_and_arrive_as_they_say():
    start, end = Point(0, 0), Point(30, -40)
    for curve in (line(start, end), bend(start, end), quarter(start, end)):
        assert sampled(curve)[[0, -1]].tolist() == [list(start), list(end)]
    assert (bend(start, end)[1].y, bend(start, end)[2].y) == (0, -40)
    assert (quarter(start, end)[1].x, quarter(start, end)[2].y) == (0, -40)
    ellipse = (sampled(quarter(start, end)) - [30, 0]) / [30, 40]
    np.testing.assert_allclose(np.hypot(*ellipse.T), 1, atol=3e-4)
    both = joined(line(start, end), line(end, Point(50, -40)))
    assert len(both) == 7
    assert any(point == pytest.approx([15, -20]) for point in sampled(both).tolist())
    lengths = np.hypot(*np.diff(sampled(bend(Point(0, 0), Point(300, 400))), axis=0).T)
    assert lengths.max() < 6


def test_an_arrow_head_points_to_its_tip():
    tip, one, other = arrow_head(Point(10, 0), Point(1, 0))
    assert tip == (10, 0)
    assert one.x == other.x == 2
    assert one.y == -other.y


def test_texts_are_as_wide_as_in_helvetica():
    """Widths of Helvetica by its metrics, in thousandths of the size."""
    for text, thousandths in (("max 3", 2723), ("conv 3 +4", 4363), ("skip", 1778)):
        assert text_width(text, 10) == pytest.approx(thousandths / 100, rel=0.08)
