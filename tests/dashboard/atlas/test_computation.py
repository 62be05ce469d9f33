"""The atlases that answer a request, with a server that knows some of them and computes nothing."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.atlas.request import AtlasRequest
from dashboard.server import session
from dashboard.server.jobs import DONE, FAILED, RUNNING, STOPPED, Job
from engine.studies.atlas import Atlas
from tests.dashboard.conftest import texts
from tests.waiting import PATIENCE

REQUEST = AtlasRequest("nas-bench-201", 1000, 77, 5, more=("latency",))
FAST, LATENCY = REQUEST.tasks


def answer(name):
    return Atlas("nas-bench-201", 1000, 77, 5, {name: np.zeros(1000)}, 1.0, {})


@pytest.fixture
def started(monkeypatch):
    tasks = []
    monkeypatch.setattr(session, "start", lambda task, role: tasks.append((task, role)))
    return tasks


@pytest.fixture(autouse=True)
def _know_nothing():
    yield
    for task in REQUEST.tasks:
        session.answer_cache()._answers.pop(task, None)


def page(request):
    import streamlit as st

    from dashboard.atlas.computation import known_atlases

    st.session_state["answer"] = known_atlases(request)


def ask(job=None):
    at = AppTest.from_function(page, kwargs={"request": REQUEST}, default_timeout=PATIENCE)
    if job is not None:
        at.session_state["SessionJobs"] = session.SessionJobs(last={session.CHARTING: job})
    at.run()
    assert not at.exception
    return at


def test_the_fast_measures_are_asked_for_first(started):
    assert ask().session_state["answer"] == []
    assert started == [(FAST, session.CHARTING)]


def test_other_measures_alone_are_not_shown(started):
    session.answer_cache().put(LATENCY, answer("latency"))
    assert ask().session_state["answer"] == []


def test_what_is_known_is_shown_while_the_rest_is_asked_for(started):
    session.answer_cache().put(FAST, answer("flow"))
    assert [[*atlas.values] for atlas in ask().session_state["answer"]] == [["flow"]]
    assert started == [(LATENCY, session.CHARTING)]
    session.answer_cache().put(LATENCY, answer("latency"))
    assert [[*atlas.values] for atlas in ask().session_state["answer"]] == [["flow"], ["latency"]]
    assert len(started) == 1


@pytest.mark.parametrize("state", [RUNNING, DONE])
def test_what_runs_or_just_ended_is_not_asked_for_again(started, state):
    at = ask(Job(1, FAST, state=state))
    assert not started
    assert not at.button


@pytest.mark.parametrize(
    ("state", "sentence"),
    [(STOPPED, "log-flow, Parameters, MACs: stopped."), (FAILED, "log-flow, Parameters, MACs: ended without a result")],
)
def test_what_ended_is_said_and_asked_for_by_a_button_alone(started, state, sentence):
    at = ask(Job(1, FAST, state=state, error="the [device] is gone" if state == FAILED else ""))
    assert any(text.startswith(sentence) for text in texts(at))
    assert not started
    at.button(key="atlas again").click().run()
    assert started == [(FAST, session.CHARTING)]


def test_a_read_only_server_says_so(started, monkeypatch):
    monkeypatch.setenv("FREENAS_READ_ONLY", "1")
    assert any("This server is read-only" in text for text in texts(ask()))
    assert not started
