"""The evidence that answers a request, with a server that knows some of it and computes nothing."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.evidence.computation import joined_evidence, pending_titles
from dashboard.evidence.request import EvidenceRequest
from dashboard.server import session
from dashboard.server.jobs import DONE, FAILED, RUNNING, STOPPED, Job
from engine.genotypes.population import Population
from engine.studies.durations import Durations
from engine.tables.table import AccuracyTable, Report
from tests.dashboard.conftest import texts
from tests.dashboard.evidence.test_words import made, score
from tests.waiting import PATIENCE


@pytest.fixture
def request_(table_column):
    request = EvidenceRequest(table_column, 77, ("naswot",), ("place",))
    yield request
    for task in request.tasks:
        session.answer_cache()._answers.pop(task, None)


@pytest.fixture
def started(monkeypatch):
    tasks = []
    monkeypatch.setattr(session, "start", lambda task, role: tasks.append((task, role)))
    return tasks


def page(request):
    import streamlit as st

    from dashboard.evidence.computation import known_evidence

    st.session_state["answer"] = known_evidence(request)


def ask(request, job=None):
    at = AppTest.from_function(page, kwargs={"request": request}, default_timeout=PATIENCE)
    if job is not None:
        at.session_state["SessionJobs"] = session.SessionJobs(last={session.WEIGHING: job})
    at.run()
    assert not at.exception
    return at


def test_nothing_joined_is_nothing():
    assert joined_evidence([]) is None


def test_parts_are_joined_in_their_order():
    first, second = made(score("flow"), score("params")), made(score("naswot"))
    joined = joined_evidence([first, second])
    assert [each.name for each in joined.scores] == ["flow", "params", "naswot"]
    assert joined_evidence([second]) == second


def test_the_first_part_that_is_missing_is_asked_for(request_, started):
    basic, place, naswot = request_.tasks
    assert ask(request_).session_state["answer"] is None
    session.answer_cache().put(basic, made(score("flow")))
    session.answer_cache().put(naswot, made(score("naswot")))
    assert [each.name for each in ask(request_).session_state["answer"].scores] == ["flow", "naswot"]
    assert started == [(basic, session.WEIGHING), (place, session.WEIGHING)]


def test_scores_to_come_are_named(request_):
    assert pending_titles(request_) == ["log-flow, Parameters, MACs", "place", "NASWOT"]
    session.answer_cache().put(request_.tasks[0], made(score("flow")))
    assert pending_titles(request_) == ["place", "NASWOT"]


@pytest.fixture
def long_request(table_column):
    """A request whose networks are many."""
    population = Population.sample("nas-bench-201", 2000, 3)
    values = np.tile(np.linspace(80, 90, len(population)), (3, 1))
    table = AccuracyTable("t.csv", population, table_column.table.columns, values, Report(2000))
    request = EvidenceRequest(table_column._replace(table=table), 78, ("naswot",))
    session.answer_cache().put(request.tasks[0], made(score("flow")))
    yield request
    for task in (*request.tasks, request.trial):
        session.answer_cache()._answers.pop(task, None)


def test_networks_that_take_long_wait_for_a_sample_whose_time_is_told(long_request, started):
    at = ask(long_request)
    assert started == [(long_request.trial, session.WEIGHING)]
    session.answer_cache().put(long_request.trial, Durations({"naswot": 0.4}, processes=1))
    at = ask(long_request)
    assert len(started) == 1
    assert "How many architectures? NASWOT runs a network of each." in [text.replace("*", "") for text in texts(at)]
    assert [button.label for button in at.button] == [
        "300 (about 2 min)",
        "1,000 (about 6.7 min)",
        "all 2,000 (about 13 min)",
    ]
    at.button(key="sample 1,000").click().run()
    assert at.session_state["sample"] == "1,000"


def test_networks_that_take_a_moment_are_run_at_once(long_request, started):
    session.answer_cache().put(long_request.trial, Durations({"naswot": 0.001}, processes=1))
    at = ask(long_request)
    assert started == [(long_request.tasks[1], session.WEIGHING)]
    assert not at.button


@pytest.mark.parametrize("state", [RUNNING, DONE])
def test_a_part_under_way_is_not_asked_for_again(request_, started, state):
    session.answer_cache().put(request_.tasks[0], made(score("flow")))
    at = ask(request_, Job(1, request_.tasks[1], state=state))
    assert started == ([] if state == RUNNING else [(request_.tasks[1], session.WEIGHING)])
    assert not at.button


def test_whoever_stops_one_part_stops_all(request_, started):
    at = ask(request_, Job(1, request_.tasks[0], state=STOPPED))
    assert not started
    assert [text for text in texts(at) if text.endswith(": stopped.")] == [
        "log-flow, Parameters, MACs: stopped.",
        "place: stopped.",
        "NASWOT: stopped.",
    ]
    at.button(key="evidence_again").click().run()
    assert started[0] == (request_.tasks[0], session.WEIGHING)


def test_a_part_that_failed_is_said_and_the_next_one_is_asked_for(request_, started):
    at = ask(request_, Job(1, request_.tasks[0], state=FAILED, error="the [device] is gone"))
    assert "log-flow, Parameters, MACs: ended without a result: the [device] is gone" in texts(at)
    assert started == [(request_.tasks[1], session.WEIGHING)]
    assert at.session_state["EvidenceState"].ended == {request_.tasks[0]: "the [device] is gone"}
