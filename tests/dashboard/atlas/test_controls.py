"""The controls of an atlas, drawn by themselves, and what a link may ask of them."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.atlas import controls as atlas_controls
from dashboard.atlas.controls import ATLAS_RULES, DEFAULT, FEWEST, MOST, atlas_complaints
from dashboard.atlas.request import AtlasRequest
from tests.dashboard.conftest import texts
from tests.waiting import PATIENCE


def test_a_good_link_is_not_complained_about():
    parameters = {"space": ["darts"], "sample": ["1000"], "x": ["flow"], "only_flow": ["1", "2"], "row": ["3"]}
    assert parameters.keys() <= ATLAS_RULES.keys()
    assert atlas_complaints(parameters) == {}


def test_rows_of_a_space_that_is_not_there_are_nothing():
    complaints = atlas_complaints({"space": ["nowhere"], "row": ["3"], "mark": ["4"], "seed": ["-1"]})
    assert {*complaints} == {"space", "row", "mark", "seed"}
    assert complaints["row"] == "row stands for an architecture of that space"


def requests():
    import streamlit as st

    from dashboard.atlas.controls import request_controls

    st.session_state["answer"] = request_controls(st.container())


def controls(**query):
    at = AppTest.from_function(requests, default_timeout=PATIENCE)
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, AtlasRequest("nas-bench-201", None, 0, 0)),
        ({"space": "darts"}, AtlasRequest("darts", DEFAULT, 0, 0)),
        ({"space": "darts", "sample": "2000", "sample_seed": "5", "seed": "6"}, AtlasRequest("darts", 2000, 5, 6)),
        ({"measures": "Latency"}, AtlasRequest("nas-bench-201", None, 0, 0, more=("latency",))),
    ],
)
def test_a_link_asks_for_an_atlas(query, expected):
    at = controls(**query)
    assert at.session_state["answer"] == expected
    assert not at.warning


@pytest.mark.parametrize("sample", [FEWEST - 1, MOST + 1])
def test_a_link_to_a_sample_of_another_size_is_told(sample):
    at = controls(space="darts", sample=str(sample))
    assert at.session_state["answer"].count == DEFAULT
    assert any("is not a whole number from 1,000 to 100,000" in text for text in texts(at))


def test_an_empty_field_asks_for_nothing(monkeypatch):
    monkeypatch.setattr(atlas_controls.st, "number_input", lambda *_, **__: None)
    at = controls()
    assert at.session_state["answer"] is None
    assert at.error[0].value.startswith("Seeds go from 0 to 4,294,967,295")


def axes(quantities):
    import streamlit as st

    from dashboard.atlas.controls import axis_controls

    chosen, _ = axis_controls(quantities)
    st.session_state["answer"] = (chosen.x.name, chosen.y.name, chosen.colour.name, chosen.with_front)


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ((), ("flow", "accuracy", "params", False)),
        (("accuracy",), ("macs", "flow", "params", True)),
        (("flow", "accuracy"), ("macs", "params", "params", True)),
    ],
)
def test_the_first_axes_are_the_most_telling_numbers_there_are(quantities, missing, expected):
    quantities["params"] = replace(quantities["macs"], name="params", title="Parameters")
    some = {name: quantity for name, quantity in quantities.items() if name not in missing}
    at = AppTest.from_function(axes, kwargs={"quantities": some}, default_timeout=PATIENCE).run()
    assert not at.exception
    assert at.session_state["answer"] == expected


def arrivals(quantities):
    import streamlit as st

    from dashboard.atlas.controls import axis_controls, put_accuracy_up

    put_accuracy_up(("mine.csv", "acc") if st.session_state.get("there") else None)
    some = {name: each for name, each in quantities.items() if name != "accuracy" or st.session_state.get("there")}
    chosen, _ = axis_controls(some)
    st.session_state["answer"] = (chosen.x.name, chosen.y.name)


@pytest.mark.parametrize(
    ("query", "first", "then"),
    [({}, ("macs", "flow"), ("flow", "accuracy")), ({"y": "Parameters"}, ("macs", "params"), ("macs", "params"))],
)
def test_a_table_that_comes_puts_accuracy_over_flow_unless_a_link_chose(quantities, query, first, then):
    quantities["params"] = replace(quantities["macs"], name="params", title="Parameters")
    at = AppTest.from_function(arrivals, kwargs={"quantities": quantities}, default_timeout=PATIENCE)
    at.query_params.update(query)
    at.run()
    assert at.session_state["answer"] == first
    at.session_state["there"] = True
    at.run()
    assert at.session_state["answer"] == then
    at.selectbox(key="y").select("params").run()
    assert at.session_state["answer"][1] == "params"
    at.session_state["there"] = False
    at.run()
    at.session_state["there"] = True
    at.run()
    assert at.session_state["answer"] == ("flow", "accuracy")
