"""The filters of runs, drawn by themselves."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.runs.controls import proxy_title, space_title
from engine.runs import ORDERS, Filter
from tests.waiting import PATIENCE

VALUES = {
    "spaces": ["darts", "nas-bench-201"],
    "proxies": ["freeflow"],
    "recipes": ["plain", "synaptic"],
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
    assert [element.key for element in controls().multiselect] == ["runs_spaces", "runs_tags", "runs_recipes"]


@pytest.mark.parametrize("space", ["darts", "DARTS"])
def test_a_link_asks_for_filters_and_an_order(space):
    at = controls(runs_spaces=space, runs_text="one two", runs_order="Seed", runs_rising="true")
    query = at.session_state["answer"]
    assert (query.filters.text, query.filters.spaces) == ("one two", ("darts",))
    assert (query.order, query.descending) == ("seed", False)
    assert not at.warning


def test_spaces_and_proxies_have_their_titles_and_own_spaces_their_names():
    assert [space_title(name) for name in ("nas-bench-201", "my-cells")] == ["NAS-Bench-201", "my-cells"]
    assert [proxy_title(name) for name in ("freeflow", "another")] == ["FreeFlow", "another"]
    assert controls().multiselect(key="runs_spaces").options == ["DARTS", "NAS-Bench-201"]


def test_a_rare_list_stands_in_the_bar_while_it_asks_for_anything():
    def in_menu(at):
        return [[element.key for element in menu.multiselect] for menu in at.get("popover")]

    at = controls()
    assert in_menu(at) == [["runs_recipes"]]
    at.multiselect(key="runs_recipes").set_value(["plain"]).run()
    assert (in_menu(at), at.session_state["answer"].filters.recipes) == ([], ("plain",))
    assert in_menu(controls(runs_recipes="plain")) == []
    at.multiselect(key="runs_recipes").set_value([]).run()
    assert in_menu(at) == [["runs_recipes"]]


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
