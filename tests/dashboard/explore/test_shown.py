"""Which questions have a quick preview and when it is begun."""

import math

import pytest

from dashboard.explore import shown
from dashboard.explore.shown import has_preview
from dashboard.explore.state import ExploreState
from dashboard.server import session
from dashboard.server.jobs import DONE, FAILED, QUEUED, RUNNING, STOPPED, Job
from engine import SearchConfig
from tests.dashboard.conftest import job_of, texts, wait_for

TASK, OTHER = (session.preview_task(SearchConfig(seed=seed)) for seed in (5, 6))
BEGUN = Job(2, TASK)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({}, True),
        ({"recipe": "released"}, False),
        ({"space": "darts"}, True),
        ({"channels": 64, "cells": 20}, False),
        ({"proxy": "snip"}, False),
    ],
)
def test_a_preview_needs_a_closed_form_and_is_quick(parts, expected):
    assert has_preview(SearchConfig(**parts)) is expected


def test_no_preview_is_begun_for_a_question_that_the_next_one_follows_at_once(app, monkeypatch):
    monkeypatch.setattr(shown, "QUIET", 3600)
    at, begun = app(), []
    monkeypatch.setattr(session, "start", lambda task, role: begun.append((role, task.config.seed)))
    for seed in range(7001, 7011):
        at.number_input(key="seed").set_value(seed).run()
    assert begun == []
    at.session_state["ExploreState"].preview_due = 0
    at.run()
    assert begun == [(session.PREVIEWING, 7010)]


@pytest.fixture
def begin(monkeypatch):
    """The job that the page waits for after `last`, due by now or later, and those that were begun and let go."""

    def waited_for(last: Job | None, due: bool = True) -> tuple[Job | None, list[object]]:
        done = []
        monkeypatch.setattr(shown, "state", lambda kind: ExploreState(preview_due=0 if due else math.inf))
        monkeypatch.setattr(session, "unwatched_jobs", lambda: {session.PREVIEWING: last} if last else {})
        monkeypatch.setattr(session, "mark_seen", lambda role, job: done.append(job))
        monkeypatch.setattr(session, "start", lambda task, role: done.append(task))
        monkeypatch.setattr(session, "job", lambda role: BEGUN)
        return shown.begin_preview(TASK), done

    return waited_for


@pytest.mark.parametrize("state", [QUEUED, RUNNING, DONE, FAILED])
@pytest.mark.parametrize("due", [True, False])
def test_a_preview_that_was_begun_is_not_begun_again(begin, state, due):
    last = Job(1, TASK, state=state)
    assert begin(last, due) == (last, [])


def test_one_that_was_stopped_and_one_of_another_question_are_let_go(begin):
    for last in (Job(1, TASK, state=STOPPED), Job(1, OTHER, state=RUNNING), Job(1, OTHER, state=DONE)):
        assert begin(last) == (BEGUN, [last, TASK])
        assert begin(last, due=False) == (None, [])
    assert begin(None) == (BEGUN, [TASK])


def test_one_that_its_button_stopped_is_begun_again_by_another_question_alone(app):
    at = app(space="darts", channels="40", seed="7012")
    at.button(key="stop preview").click().run()
    for _ in range(2):
        assert not at.exception
        assert (stopped := job_of(at, session.PREVIEWING)).state == STOPPED
        at.run()
    assert job_of(at, session.PREVIEWING) is stopped
    at.number_input(key="seed").set_value(7013).run()
    assert job_of(at, session.PREVIEWING).task.config.seed == 7013
    session.job_queue(session.QUICK).stop(job_of(at, session.PREVIEWING))


def test_the_first_question_of_a_session_is_previewed_at_once(app, monkeypatch):
    monkeypatch.setattr(shown, "QUIET", 3600)
    at = wait_for(app(seed="7011"), session.PREVIEWING)
    assert any(text.startswith("Quick estimate") for text in texts(at))
