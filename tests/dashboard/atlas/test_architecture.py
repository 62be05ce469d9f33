"""The architecture that is chosen in an atlas, on four cells."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.atlas.architecture import _place_sentence
from dashboard.atlas.charts import Picture
from dashboard.atlas.quantities import Quantity
from dashboard.atlas.state import Viewpoint
from tests.dashboard.atlas.conftest import MIXED
from tests.dashboard.conftest import texts
from tests.waiting import PATIENCE


@pytest.fixture
def picture(quantities):
    passing = np.array([True, True, False, True])
    return Picture(quantities["macs"], quantities["accuracy"], quantities["flow"], passing)


def test_the_place_in_the_picture_is_said(quantities, picture):
    assert "filters leave this one out" in _place_sentence(picture, 2)
    assert _place_sentence(picture, 0) == ""
    same = Picture(quantities["macs"], quantities["macs"], quantities["flow"], np.ones(4, dtype=bool))
    assert _place_sentence(same, 3) == "1 other at the same point."
    unknown = Picture(quantities["macs"], quantities["accuracy"], quantities["flow"], np.ones(4, dtype=bool))
    assert "It has no place in the picture" in _place_sentence(unknown, 2)
    accuracy = Quantity("accuracy", "Accuracy", "%", np.arange(100.0))
    beyond = Picture(Quantity("macs", "MACs", "M", np.arange(100.0)), accuracy, accuracy, np.ones(100, dtype=bool))
    assert "It lies beyond the axis" in _place_sentence(beyond, 2)
    assert _place_sentence(beyond, 50) == ""


def page(population, quantities, picture, view):
    from dashboard.atlas.architecture import architecture_view

    architecture_view(population.genotype(2), 2, quantities, picture, view)


def test_an_architecture_is_marked_and_let_go(population, quantities, picture):
    fields = {"population": population, "quantities": quantities, "picture": picture, "view": Viewpoint()}
    at = AppTest.from_function(page, kwargs=fields, default_timeout=PATIENCE).run()
    assert not at.exception
    assert at.code[0].value == MIXED
    assert any("Rank 1 = cheapest or best." in text for text in texts(at))
    for label in ("Mark", "Unmark", "Mark"):
        assert at.button(key="mark").label == label
        at.button(key="mark").click().run()
    at.button(key="atlas compare").click().run()
    assert at.button(key="atlas compare opens").label == "Compare 1"
