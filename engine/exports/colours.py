"""Numbers as colours: Viridis, by their logarithm or in proportion from 0, and the ink that is read on a colour."""

from __future__ import annotations

import math
from collections.abc import Iterable

VIRIDIS = (
    *("#440154", "#482878", "#3E4989", "#31688E", "#26828E"),
    *("#1F9E89", "#35B779", "#6ECE58", "#B5DE2B", "#FDE725"),
)
"""Viridis (Smith & van der Walt, SciPy 2015) at equal distances."""
_DARK_START = 0.15
BLACK, WHITE = "#000000", "#FFFFFF"


def positive_limits(values: Iterable[float]) -> tuple[float, float]:
    """Return the least and the largest positive finite number, 1 and 1 where there is none."""
    positive = [value for value in values if 0 < value < math.inf]
    return (min(positive), max(positive)) if positive else (1.0, 1.0)


def scale_position(value: float, low: float, high: float, log: bool = True) -> float:
    """Return the place of a positive number on the scale, 0 to 1: by its logarithm from `low`, or in proportion from 0.

    Numbers beyond the limits stand at the ends; where `low` is `high`, they stand at 1.
    """
    if not log:
        return min(max(value / high, 0.0), 1.0)
    if value >= high:
        return 1.0
    return max(math.log(value / low) / math.log(high / low), 0.0) if value > low else 0.0


def viridis(position: float, dark: bool = False) -> str:
    """Return the colour at a `position` of 0 to 1 as `#RRGGBB`, between those of `VIRIDIS` in proportion.

    On a `dark` ground, on which the first colours are not told apart, it begins at `_DARK_START`.
    """
    start = _DARK_START if dark else 0.0
    place = (start + (1 - start) * min(max(position, 0.0), 1.0)) * (len(VIRIDIS) - 1)
    left = min(int(place), len(VIRIDIS) - 2)
    return mixed(VIRIDIS[left], VIRIDIS[left + 1], place - left)


def mixed(one: str, other: str, part: float) -> str:
    """Return the mixture of two colours that holds this `part`, 0 to 1, of the `other`."""
    ends = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02X}" for a, b in ends)


def colour_of(value: float, low: float, high: float, log: bool = True) -> str:
    """Return the colour of a positive number between the limits."""
    return viridis(scale_position(value, low, high, log))


def ink_on(colour: str) -> str:
    """Return black or white, the one with the higher contrast to `colour`: always 4.5:1 at least."""
    return max((BLACK, WHITE), key=lambda ink: contrast(ink, colour))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2 defines it, 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour.removeprefix("#")))


def _luminance(colour: str) -> float:
    parts = [channel / 255 for channel in _channels(colour)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
