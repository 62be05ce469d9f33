"""What was searched already, and that one search follows the other."""

import pytest

from dashboard.compare import searches
from dashboard.compare.searches import CompareState, searched_result
from dashboard.server import session
from dashboard.server.jobs import DONE, FAILED, RUNNING, STOPPED, AnswerCache, Job
from engine import SearchConfig
from tests.dashboard.conftest import SMALL, small

QUESTIONS = [SearchConfig(seed=seed, cells=1, **SMALL) for seed in (81, 82)]


def test_a_preview_is_no_answer(monkeypatch):
    cache = AnswerCache()
    monkeypatch.setattr(session, "answer_cache", lambda: cache)
    question = QUESTIONS[0]
    cache.put(session.preview_task(question), small(81))
    assert searched_result(question) is None
    result = small(81, field="full")
    cache.put(session.search_task(question), result)
    assert searched_result(question) is result
    assert searched_result(SearchConfig()).config == SearchConfig()


@pytest.fixture
def page(monkeypatch):
    """The state of a page, the tasks that it started, and its job."""
    state, started, jobs = CompareState(searching=True), [], {}
    monkeypatch.setattr(searches, "state", lambda kind: state)
    monkeypatch.setattr(session, "start", lambda task, role: started.append((task, role)))
    monkeypatch.setattr(session, "job", lambda role: jobs.get(role))
    monkeypatch.setattr(session, "active_jobs", lambda: {role: job for role, job in jobs.items() if job.active})
    return state, started, jobs


def test_one_search_is_started_at_a_time(page):
    _, started, jobs = page
    searches._search_next(QUESTIONS)
    assert started == [(session.search_task(QUESTIONS[0]), session.COMPARING)]
    jobs[session.COMPARING] = Job(1, session.search_task(QUESTIONS[0]), state=RUNNING)
    searches._search_next(QUESTIONS)
    assert len(started) == 1


def test_what_failed_is_left_and_the_next_one_follows(page):
    state, started, jobs = page
    jobs[session.COMPARING] = Job(1, session.search_task(QUESTIONS[0]), state=FAILED, error="it broke")
    searches._search_next(QUESTIONS)
    assert state.failures == {session.search_task(QUESTIONS[0]): "it broke"}
    assert started == [(session.search_task(QUESTIONS[1]), session.COMPARING)]
    searches._search_next(QUESTIONS[:1])
    assert not state.searching
    assert len(started) == 1


def test_a_stop_ends_all_and_a_page_that_is_loaded_again_goes_on(page):
    state, started, jobs = page
    jobs[session.COMPARING] = Job(1, session.search_task(QUESTIONS[0]), state=STOPPED)
    searches._search_next(QUESTIONS)
    assert not state.searching
    jobs[session.COMPARING].state = RUNNING
    searches._search_next(QUESTIONS)
    assert started == []
    jobs[session.COMPARING].state = DONE
    searches._search_next(QUESTIONS[1:])
    assert started == [(session.search_task(QUESTIONS[1]), session.COMPARING)]
