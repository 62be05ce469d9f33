from streamlit.testing.v1 import AppTest

from dashboard.runs.state import RunsState
from tests.waiting import PATIENCE


def test_unpicking_lets_go_of_every_run_and_draws_the_table_anew():
    memory = RunsState(picked={"a": "a run"}, drawings=3)
    memory.unpick()
    assert (memory.picked, memory.drawings) == ({}, 4)


def test_sessions_share_nothing():
    first, second = RunsState(), RunsState()
    first.picked["a"] = "a run"
    assert second == RunsState()


def page():
    import streamlit as st

    from dashboard.runs.state import take_messages, take_run_to_open

    st.text("|".join([*take_messages(), take_run_to_open()]))


def test_messages_and_the_run_to_open_are_taken_once():
    at = AppTest.from_function(page, default_timeout=PATIENCE)
    at.session_state["RunsState"] = RunsState(message="done", complaint="failed", run_to_open="0a")
    assert at.run().text[0].value == "done|failed|0a"
    assert at.run().text[0].value == "||"
