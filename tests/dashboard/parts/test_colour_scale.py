"""Colours stand for numbers: those of the bar are the numbers themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.parts.colour_scale import coloured, positive_range


def test_the_range_is_that_of_the_positive_finite_numbers():
    tables = [np.array([[0.0, 2.0], [np.nan, 8.0]]), np.array([[-1.0, 0.5], [np.inf, 3.0]])]
    assert positive_range(tables) == (0.5, 8.0)
    assert positive_range([np.zeros((2, 2))]) == (1.0, 1.0)


def test_in_proportion_colours_begin_at_0():
    values = np.array([[1.0, 4.0]])
    arguments = coloured(values, (1.0, 4.0), "share", log=False)
    assert (arguments["zmin"], arguments["zmax"], arguments["colorbar"]["title"]["text"]) == (0, 4.0, "share")
    assert arguments["z"] is values


@given(st.floats(1e-9, 1e9), st.floats(1.0, 1e9))
def test_the_bar_of_logarithms_tells_numbers_within_the_limits(low, factor):
    arguments = coloured(np.array([[low]]), (low, low * factor), "share", log=True)
    ticks = np.array(arguments["colorbar"]["tickvals"])
    assert 10 ** arguments["z"][0, 0] == pytest.approx(low)
    assert 2 <= len(ticks) == len(arguments["colorbar"]["ticktext"])
    assert ((ticks >= arguments["zmin"] - 1e-9) & (ticks <= arguments["zmax"] + 1e-9)).all()
    assert arguments["zmin"] < arguments["zmax"]


def test_decades_are_written_as_powers():
    texts = coloured(np.array([[1e-6, 1e6]]), (1e-6, 1e6), "", log=True)["colorbar"]["ticktext"]
    assert texts == [f"10<sup>{power}</sup>" if power < -3 or power > 3 else f"{10.0**power:.2g}"
                     for power in range(-6, 7, 2)]  # fmt: skip


@given(st.integers(-500, 500), st.floats(1.0, 1e6))
def test_a_power_of_ten_is_in_the_labels_of_the_logarithms(power, factor):
    arguments = coloured(np.array([[1.0]]), (1.0, factor), "score", log=True, power=power)
    plain = coloured(np.array([[1.0]]), (1.0, factor), "score", log=True)
    assert arguments["colorbar"]["tickvals"] == plain["colorbar"]["tickvals"]
    for tick, text in zip(arguments["colorbar"]["tickvals"], arguments["colorbar"]["ticktext"], strict=True):
        number = text.removeprefix("10<sup>").removesuffix("</sup>")
        log = float(number) if number != text else np.log10(float(text))
        assert log == pytest.approx(tick + power, abs=0.06)
