"""The end of a preview draws the answer alone."""

import pytest

from dashboard.explore import answer
from dashboard.server import session
from dashboard.server.jobs import DONE, FAILED, QUEUED, RUNNING, STOPPED, Job
from engine import SearchConfig
from tests.dashboard.conftest import texts, wait_for

TASK = session.preview_task(SearchConfig(seed=5))


@pytest.fixture
def look(monkeypatch):
    """A look at a preview whose job is `job`: what is drawn anew, nothing for the wait alone."""

    def after(job: Job | None) -> str:
        drawn, seen = [], []
        monkeypatch.setattr(answer.st, "rerun", lambda scope: drawn.append(scope))
        monkeypatch.setattr(answer, "begin_preview", lambda task: job)
        monkeypatch.setattr(session, "mark_seen", lambda role, ended: seen.append(ended))
        answer._look_at_preview(TASK)
        assert seen == [job] * len(drawn)
        return "".join(drawn)

    return after


@pytest.mark.parametrize("ended", [DONE, FAILED])
def test_a_preview_that_ended_has_the_answer_drawn(look, ended):
    assert look(Job(1, TASK, state=ended)) == "answer"


@pytest.mark.parametrize("state", [QUEUED, RUNNING, STOPPED])
def test_one_that_has_not_is_waited_for(look, state):
    assert look(Job(1, TASK, state=state)) == ""


def test_one_that_is_not_due_is_waited_for(look):
    assert look(None) == ""


def test_a_page_waits_with_a_clock_until_the_answer_is_there(app, monkeypatch):
    at = app(seed="6001")
    assert [element.proto.component_name for element in at.get("bidi_component")].count("freenas_tick") == 1
    wait_for(at, session.PREVIEWING)
    assert "freenas_tick" not in [element.proto.component_name for element in at.get("bidi_component")]
    assert any(text.startswith("Quick estimate") for text in texts(at))
