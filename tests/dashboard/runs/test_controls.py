"""The filters of runs, drawn by themselves."""

import pytest
from streamlit.testing.v1 import AppTest

from engine.runs import ORDERS, Filter
from tests.waiting import PATIENCE

VALUES = {
    "spaces": ["darts", "nas-bench-201"],
    "proxies": ["freeflow"],
    "recipes": [],
    "devices": ["cpu"],
    "tags": ["a"],
}


def page(values):
    import streamlit as st

    from dashboard.runs.controls import query_controls

    st.session_state["answer"] = query_controls(values)


def controls(**query):
    at = AppTest.from_function(page, kwargs={"values": VALUES}, default_timeout=PATIENCE)
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def test_without_a_word_every_run_passes_the_last_first():
    assert controls().session_state["answer"] == (Filter(""), ORDERS[0], True)


def test_a_list_of_one_value_is_no_filter_but_tags_are():
    assert [element.key for element in controls().multiselect] == ["runs_spaces", "runs_tags"]


def test_a_link_asks_for_filters_and_an_order():
    at = controls(runs_spaces="darts", runs_text="one two", runs_order="Seed", runs_rising="true")
    query = at.session_state["answer"]
    assert (query.filters.text, query.filters.spaces) == ("one two", ("darts",))
    assert (query.order, query.descending) == ("seed", False)
    assert not at.warning


@pytest.mark.parametrize("query", [{"runs_spaces": "nowhere"}, {"runs_order": "taste"}, {"runs_rising": "perhaps"}])
def test_a_link_that_asks_for_what_is_not_there_is_told_and_not_followed(query):
    at = controls(**query)
    assert len(at.warning) == 1
    assert at.session_state["answer"] == (Filter(""), ORDERS[0], True)


def test_another_filter_begins_with_the_first_page():
    at = controls()
    at.session_state["runs_page"] = 4
    at.text_input(key="runs_text").set_value("word").run()
    assert at.session_state["runs_page"] == 1
