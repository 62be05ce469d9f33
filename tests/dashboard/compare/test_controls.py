"""The questions that Compare asks, and the choice between these and what was put aside."""

import json

from streamlit.testing.v1 import AppTest

from dashboard.compare.answers import asked_parts
from dashboard.compare.controls import surplus_sentence
from dashboard.parts.comparison import MOST_COMPARED, ComparisonState
from engine import SearchConfig
from tests.dashboard.conftest import texts
from tests.hostile.corpus import text_of
from tests.waiting import PATIENCE


def _questions():
    import streamlit as st

    from dashboard.compare.controls import comparison_controls

    for config in comparison_controls(st.container()):
        st.code(f"{config.space} {config.proxy} {config.recipe} {config.seed}")


def test_a_link_asks_every_combination():
    at = AppTest.from_function(_questions, default_timeout=PATIENCE)
    at.query_params.update(
        compare_space="darts", recipes=["released"], proxies=["freeflow", "snip"], compare_seeds=["0", "4"]
    )
    at.run()
    assert not at.exception
    assert not at.warning
    assert [code.value for code in at.code] == [
        "darts freeflow released 0", "darts freeflow released 4", "darts snip plain 0", "darts snip plain 4"
    ]  # fmt: skip


def test_what_a_link_may_not_ask_is_left_out():
    at = AppTest.from_function(_questions, default_timeout=PATIENCE)
    at.query_params.update(recipes=["magic", "synaptic"], compare_seeds=["0", "100"])
    at.run()
    assert "not understood in full: unknown recipes 'magic'" in texts(at)[-1]
    assert [code.value for code in at.code] == ["nas-bench-201 freeflow synaptic 0"]


def test_questions_that_are_too_many_are_named():
    parts = asked_parts("darts", ["synaptic"], ["freeflow"], range(MOST_COMPARED + 6))
    told = surplus_sentence(parts)
    assert told.startswith("18 questions; 12 stand side by side, the first ones. Left out: FreeFlow synaptic seed 12;")
    assert told.endswith("seed 15, and 2 more.")
    assert surplus_sentence(parts[:MOST_COMPARED]) == ""


def _choice(linked=False):
    import streamlit as st

    from dashboard.compare.controls import chosen_controls, chosen_or_asked

    st.session_state["chosen"] = chosen_or_asked(linked)
    if st.session_state["chosen"]:
        st.session_state["items"] = chosen_controls()


def test_one_space_is_shown_at_a_time_and_cleared():
    at = AppTest.from_function(_choice, default_timeout=PATIENCE).run()
    assert not at.session_state["chosen"]
    items = [SearchConfig(), SearchConfig(space="darts"), SearchConfig(seed=1)]
    at.session_state["ComparisonState"] = ComparisonState(items)
    at.run()
    assert at.session_state["items"] == [items[0], items[2]]
    at.segmented_control(key="chosen_space").set_value("darts").run()
    assert at.session_state["items"] == [items[1]]
    at.button(key="clear comparison").click().run()
    assert at.session_state["items"] == [items[0], items[2]]
    at.segmented_control(key="compare_what").set_value("asked").run()
    assert not at.session_state["chosen"]


def test_spaces_of_one_name_are_chosen_apart():
    mine = json.loads(text_of({"valid": "space"}))
    items = [SearchConfig(space=mine), SearchConfig(space=mine | {"title": "another"})]
    at = AppTest.from_function(_choice, default_timeout=PATIENCE)
    at.session_state["ComparisonState"] = ComparisonState(items)
    at.run()
    assert at.session_state["items"] == items[:1]
    at.segmented_control(key="chosen_space").set_value(f"{mine['name']} (yours)′").run()
    assert at.session_state["items"] == items[1:]
