"""The choice of measures, and of images for those that look at some."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.parts.measure_picker import option_titles
from engine.data.images import DATA, NOISE
from engine.measures import MEASURES
from tests.waiting import PATIENCE


def test_titles_are_those_of_the_measures():
    titles = option_titles("measures", "x")
    assert titles["measures"] == titles["x"] == {name: measure.title for name, measure in MEASURES.items()}
    assert set(titles["data"]) == set(DATA)


def _page(names):
    import streamlit as st

    from dashboard.parts.measure_picker import choose_images, choose_measures

    st.caption(" ".join(choose_measures("Measures", names, "measures", "More.")))
    st.caption(choose_images(names))


@pytest.mark.parametrize("name", MEASURES)
def test_images_are_asked_for_where_a_measure_looks_at_them(name):
    at = AppTest.from_function(_page, args=([name],), default_timeout=PATIENCE).run()
    assert not at.exception
    measure, boxes = MEASURES[name], [box.key for box in at.selectbox]
    assert boxes == (["data"] if measure.needs_data else [])
    if measure.needs_data:
        assert len(at.selectbox(key="data").options) == len(DATA) - len(NOISE) * measure.needs_labels
    assert at.caption[1].value == ("digits" if measure.needs_data and measure.needs_labels else DATA[0])
    assert measure.summary in at.multiselect(key="measures").help
    at.multiselect(key="measures").set_value([name]).run()
    assert at.caption[0].value == name
