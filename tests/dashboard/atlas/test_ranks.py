"""Numbers with their ranks as bars."""

import re

import numpy as np

from dashboard.atlas.quantities import Quantity
from dashboard.atlas.ranks import rank_table


def lines(text):
    """The texts of every line of the table, and the width of its bar."""
    rows = re.findall("<tr>(.*?)</tr>", text)[1:]
    return [(re.findall(r">([^<]+)<", row), re.findall(r"width:([0-9.]+)%\"></div>", row)) for row in rows]


def test_every_number_stands_with_its_rank_and_equals_share_one(quantities):
    assert lines(rank_table(quantities, 3)) == [
        (["Accuracy (%)", "10", "3 of 3"], ["0.0"]),
        (["log-flow (log R)", "−∞", "4 of 4"], ["0.0"]),
        (["MACs (M)", "7.8", "1–2 of 4"], ["100.0"]),
    ]
    assert lines(rank_table(quantities, 2))[0] == (["Accuracy (%)", "none"], [])


def test_the_name_of_a_number_of_a_table_is_no_html():
    text = rank_table({"accuracy": Quantity("accuracy", "<b>", "%", np.array([1.0]))}, 0)
    assert "<b>" not in text
    assert lines(text) == [(["&lt;b&gt; (%)", "1", "1 of 1"], ["100.0"])]
