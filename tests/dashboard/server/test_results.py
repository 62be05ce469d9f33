"""Of what is known, the best stands on the page."""

import pytest

from dashboard.server import results, session
from dashboard.server.jobs import DONE, RUNNING, AnswerCache, Job
from dashboard.server.results import CACHED, COMPUTED, PREVIEW, SHIPPED, best_result
from engine import Progress, SearchConfig
from tests.dashboard.conftest import SMALL, small


@pytest.fixture
def cache(monkeypatch) -> AnswerCache:
    """What is known, of this test alone."""
    answers = AnswerCache()
    monkeypatch.setattr(session, "answer_cache", lambda: answers)
    return answers


def test_what_ships_needs_no_search(cache):
    shown = best_result(SearchConfig())
    assert (shown.origin, shown.result.config, shown.answers) == (SHIPPED, SearchConfig(), True)
    assert best_result(SearchConfig(seed=5)) is None


def test_a_search_comes_before_its_preview(cache, monkeypatch):
    preview, searched = small(3), small(3, field="full")
    question = SearchConfig(seed=3, cells=1, **SMALL)
    cache.put(session.preview_task(question), preview)
    assert best_result(question) == (preview, PREVIEW, True)
    cache.put(session.search_task(question), searched)
    assert best_result(question) == (searched, CACHED, True)
    job = Job(1, session.search_task(question), state=DONE, result=searched, progress=Progress(1, 1, 0.1))
    monkeypatch.setattr(results.session, "job", lambda: job)
    assert best_result(question) == (searched, COMPUTED, True)
    job.state = RUNNING
    assert best_result(question).origin == CACHED
