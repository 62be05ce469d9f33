"""Points, boxes and cubic Bézier curves of pictures, in points with y downwards."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Points along a curve, `(points, 2)`."""
HEAD_LENGTH, HEAD_WIDTH = 8.0, 8.0
"""The size of an arrow head."""
_ARC = 0.5523  # of the radius: the control points of a quarter of an ellipse
_NARROW, _SLIM, _WIDE = frozenset("iljtfr.,:;|'!()[] "), frozenset("cksvxyz"), frozenset("mwMW")


class Point(NamedTuple):
    """A point."""

    x: float
    y: float


Curve = tuple[Point, ...]
"""The control points of cubic Bézier curves, one after the other: 1 + 3n points."""


class Box(NamedTuple):
    """An upright rectangle, by its left upper corner."""

    x: float
    y: float
    width: float
    height: float

    @classmethod
    def around(cls, centre: Point, width: float, height: float) -> Box:
        """Return the box with this centre."""
        return cls(centre.x - width / 2, centre.y - height / 2, width, height)

    @classmethod
    def holding(cls, boxes: Iterable[Box]) -> Box:
        """Return the smallest box that holds all of `boxes`."""
        lefts, tops, rights, bottoms = zip(*((box.x, box.y, box.right, box.bottom) for box in boxes), strict=True)
        return cls(min(lefts), min(tops), max(rights) - min(lefts), max(bottoms) - min(tops))

    @property
    def right(self) -> float:
        """Return the x of the right side."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Return the y of the lower side."""
        return self.y + self.height

    @property
    def centre(self) -> Point:
        """Return the centre."""
        return Point(self.x + self.width / 2, self.y + self.height / 2)

    def grown(self, margin: float) -> Box:
        """Return the box with a margin on every side."""
        return Box(self.x - margin, self.y - margin, self.width + 2 * margin, self.height + 2 * margin)

    def overlaps(self, other: Box) -> bool:
        """Return True where both share more than a border."""
        across = self.x < other.right and other.x < self.right
        return across and self.y < other.bottom and other.y < self.bottom


def any_meets(boxes: Sequence[Box], points: Points) -> bool:
    """Return True where one of `points` lies in one of `boxes`."""
    x, y, width, height = np.array(boxes).reshape(-1, 4).T[:, :, None]
    across, down = points.T[:, None, :]
    return bool(((x < across) & (across < x + width) & (y < down) & (down < y + height)).any())


class Stroke(NamedTuple):
    """A line and the corners of the head at its end, the tip first."""

    curve: Curve
    head: tuple[Point, Point, Point]


def sampled(curve: Curve) -> Points:
    """Return points along a curve, at distances of 4 points or less where it is no longer than some 500."""
    pieces = [curve[start : start + 4] for start in range(0, len(curve) - 1, 3)]
    return np.concatenate([_weights(_steps(piece)) @ np.array(piece) for piece in pieces])


def _steps(piece: Curve) -> int:
    """Return the steps that a piece of a curve is sampled in: more for a longer one."""
    length = sum(math.hypot(end.x - start.x, end.y - start.y) for start, end in pairwise(piece))
    return next(steps for steps in (8, 16, 32, 64, 128) if 4 * steps >= length or steps == 128)


@lru_cache(maxsize=8)
def _weights(steps: int) -> NDArray[np.float64]:
    """Return the weights of four control points at equal steps, `(steps + 1, 4)`."""
    t = np.linspace(0, 1, steps + 1)
    return np.stack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3], axis=1)


def line(start: Point, end: Point) -> Curve:
    """Return a straight line as a curve."""
    across, down = (end.x - start.x) / 3, (end.y - start.y) / 3
    return start, Point(start.x + across, start.y + down), Point(end.x - across, end.y - down), end


def bend(start: Point, end: Point) -> Curve:
    """Return a curve that leaves `start` and reaches `end` level, such as the stem of an S."""
    middle = (start.x + end.x) / 2
    return start, Point(middle, start.y), Point(middle, end.y), end


def quarter(start: Point, end: Point) -> Curve:
    """Return a quarter of an ellipse that leaves `start` upright and reaches `end` level."""
    return (
        start,
        Point(start.x, start.y + _ARC * (end.y - start.y)),
        Point(end.x - _ARC * (end.x - start.x), end.y),
        end,
    )


def joined(*curves: Curve) -> Curve:
    """Return curves, each of which begins where the one before ends, as one."""
    first, *others = curves
    return first + tuple(point for curve in others for point in curve[1:])


def arrow_head(tip: Point, direction: Point) -> tuple[Point, Point, Point]:
    """Return the corners of an arrow head that points with its `tip` in a `direction` of length 1."""
    base = Point(tip.x - HEAD_LENGTH * direction.x, tip.y - HEAD_LENGTH * direction.y)
    side = Point(-direction.y * HEAD_WIDTH / 2, direction.x * HEAD_WIDTH / 2)
    return tip, Point(base.x + side.x, base.y + side.y), Point(base.x - side.x, base.y - side.y)


def text_width(text: str, size: float) -> float:
    """Return about the width of a text in Helvetica; a letter of the alphabet beyond ASCII is taken for a wide one."""
    return size * sum(map(_letter_width, text))


def _letter_width(letter: str) -> float:
    if "₀" <= letter <= "ₜ":
        return 0.45
    if letter in _NARROW:
        return 0.28
    if letter in _WIDE or letter > "ͯ":
        return 0.85
    if letter in _SLIM:
        return 0.5
    return 0.66 if letter.isupper() else 0.556
