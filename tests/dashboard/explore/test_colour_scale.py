"""Colours stand for numbers: those of the bar are the numbers themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.explore.colour_scale import coloured


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
