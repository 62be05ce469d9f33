"""The architecture that is chosen in an atlas, on four cells."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.atlas.architecture import _number_table, _place_sentence
from dashboard.atlas.charts import Picture
from dashboard.atlas.state import Viewpoint
from tests.dashboard.atlas.conftest import MIXED
from tests.dashboard.conftest import texts
from tests.waiting import PATIENCE


@pytest.fixture
def picture(quantities):
    passing = np.array([True, True, False, True])
    return Picture(quantities["macs"], quantities["accuracy"], quantities["flow"], passing)


def test_every_number_stands_with_its_rank_and_equals_share_one(quantities):
    assert _number_table(quantities, 3).splitlines()[2:] == [
        "| Accuracy (%) | 10 | 3 of 3 |",
        "| log-flow (log R) | −∞ | 4 of 4 |",
        "| MACs (M) | 7.8 | 1–2 of 4 |",
    ]
    assert _number_table(quantities, 2).splitlines()[2] == "| Accuracy (%) | none |  |"


def test_the_place_in_the_picture_is_said(quantities, picture):
    assert "filters leave this one out" in _place_sentence(picture, 2)
    assert _place_sentence(picture, 0) == ""
    same = Picture(quantities["macs"], quantities["macs"], quantities["flow"], np.ones(4, dtype=bool))
    assert _place_sentence(same, 3) == "1 other at the same point."
    unknown = Picture(quantities["macs"], quantities["accuracy"], quantities["flow"], np.ones(4, dtype=bool))
    assert "It has no place in the picture" in _place_sentence(unknown, 2)


def page(population, quantities, picture, view):
    import numpy as np

    from dashboard.atlas.architecture import architecture_view, top_view

    architecture_view(population.genotype(2), 2, quantities, picture, view)
    top_view(population, quantities, quantities["macs"], np.array([1, 3, 2, 0]))


@pytest.fixture
def at(population, quantities, picture):
    fields = {"population": population, "quantities": quantities, "picture": picture, "view": Viewpoint()}
    return AppTest.from_function(page, kwargs=fields, default_timeout=PATIENCE).run()


def test_an_architecture_is_pinned_and_let_go(at):
    assert not at.exception
    assert at.code[0].value == MIXED
    assert any("Rank 1 is the least of a cost or an error" in text for text in texts(at))
    for label in ("Pin", "Unpin", "Pin"):
        assert at.button(key="atlas pin").label == label
        at.button(key="atlas pin").click().run()


def test_the_first_ones_are_listed_in_their_order_when_asked_for(at):
    assert not at.dataframe
    at.session_state["atlas top"] = True
    at.run()
    table = at.dataframe[0].value
    assert table["place"].tolist() == [1, 2, 3, 4]
    assert table["MACs (M)"].tolist() == [7.8, 7.8, 100.0, 220.1]
    assert table["architecture"].iloc[2] == MIXED
