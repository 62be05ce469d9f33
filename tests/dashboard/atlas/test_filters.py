"""The filters of an atlas, drawn by themselves over four cells."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.atlas.request import AtlasRequest
from tests.waiting import PATIENCE


def page(population, quantities, request):
    import streamlit as st

    from dashboard.atlas.filters import filters

    st.session_state["mask"] = filters(request, quantities, population, st.container())


@pytest.fixture
def at(population, quantities, request):
    fields = {"population": population, "quantities": quantities}
    fields["request"] = AtlasRequest("nas-bench-201", 4, sample_seed=abs(hash(request.node.name)) % 10**6, seed=0)
    return AppTest.from_function(page, kwargs=fields, default_timeout=PATIENCE)


def passing(at):
    assert not at.exception
    return np.flatnonzero(at.session_state["mask"]).tolist()


def test_sliders_span_what_there_is_and_leave_nothing_out(at):
    assert passing(at.run()) == [0, 1, 2, 3]
    assert at.slider(key="only_flow").value == (20.5, 112.9)
    assert {slider.key for slider in at.slider if slider.key.startswith("count_")} == {
        f"count_{name}" for name in ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
    }
    assert at.slider(key="count_nor_conv_3x3").max == 6
    assert at.slider(key="count_nor_conv_1x1").max == 1


def test_filters_are_met_together(at):
    at.run()
    at.slider(key="only_flow").set_value((50.0, 112.9)).run()
    assert passing(at) == [0, 2]
    at.slider(key="count_nor_conv_3x3").set_value((0, 2)).run()
    assert passing(at) == [2]
    assert at.query_params["only_flow"] == ["50", "112.9"]


def test_a_link_sets_a_filter_and_the_whole_range_leaves_the_link(at):
    at.query_params["count_skip_connect"] = ["1", "6"]
    assert passing(at.run()) == [1, 2]
    at.slider(key="count_skip_connect").set_value((0, 6)).run()
    assert passing(at) == [0, 1, 2, 3]
    assert "count_skip_connect" not in at.query_params


@pytest.mark.parametrize("ends", [["6", "1"], ["1"], ["a", "b"]])
def test_a_range_that_is_none_is_not_followed(at, ends):
    at.query_params["count_skip_connect"] = ends
    assert passing(at.run()) == [0, 1, 2, 3]


def test_what_is_left_out_is_a_chip_that_takes_the_filter_away(at):
    at.run()
    assert not at.button
    at.slider(key="only_flow").set_value((50.0, 112.9)).run()
    assert at.button(key="chip only_flow").label == r"log\-flow 50 to 112\.9 log R"
    at.button(key="chip only_flow").click().run()
    assert passing(at) == [0, 1, 2, 3]
    assert not at.button
