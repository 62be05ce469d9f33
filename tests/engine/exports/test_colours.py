import math

import pytest

from engine.exports.colours import VIRIDIS, colour_of, contrast, ink_on, positive_limits, scale_position, viridis


def test_the_ends_and_the_stops_are_viridis():
    assert [viridis(index / 9) for index in range(10)] == list(VIRIDIS)
    assert viridis(0.5 / 9) == "#461466"  # half way from 44 01 54 to 48 28 78


def test_numbers_lie_by_their_logarithm_or_in_proportion_from_zero():
    assert scale_position(1, 0.01, 100) == pytest.approx(0.5)
    assert scale_position(25, 10, 100, log=False) == 0.25
    assert [scale_position(value, 1, 10) for value in (0, 0.5, 1, 10, 11, math.inf)] == [0, 0, 0, 1, 1, 1]
    assert scale_position(3, 3, 3) == 1


def test_on_a_dark_ground_the_scale_begins_later_and_ends_alike():
    assert viridis(0, dark=True) == viridis(0.15)
    assert viridis(1, dark=True) == colour_of(10, 1, 10) == VIRIDIS[-1]


def test_ink_is_read_on_every_colour():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert (ink_on(VIRIDIS[0]), ink_on(VIRIDIS[-1])) == ("#FFFFFF", "#000000")
    colours = [viridis(index / 255) for index in range(256)]
    assert min(contrast(ink_on(colour), colour) for colour in colours) >= 4.5


def test_limits_are_those_of_positive_finite_numbers():
    assert positive_limits([0, 3, math.nan, 0.5, math.inf]) == (0.5, 3)
    assert positive_limits([0, math.nan]) == (1, 1)
