"""The line below the title: where an answer comes from, and why there is none."""

from dataclasses import replace

import pytest

from dashboard.explore import status
from dashboard.explore.controls import Question
from dashboard.server import session
from dashboard.server.jobs import STOPPED, Job
from dashboard.server.results import CACHED, COMPUTED, KEPT, PREVIEW, SHIPPED, ShownResult
from engine import Progress, SearchConfig


@pytest.fixture(autouse=True)
def _no_session(monkeypatch):
    """A session without jobs."""
    monkeypatch.setattr(session, "job", lambda role=session.SEARCHING: None)
    monkeypatch.setattr(session, "active_jobs", dict)
    monkeypatch.setattr(session, "typical_seconds", lambda role, task: 1.2)
    monkeypatch.setattr(status, "link_complaint", str)


def test_origins_are_told_apart(nas_bench_201):
    sentences = [
        status.status_sentence(ShownResult(nas_bench_201, origin), nas_bench_201.config)
        for origin in (SHIPPED, COMPUTED, CACHED, KEPT)
    ]
    assert len(set(sentences)) == 4
    assert all(
        " without training or data · exact search · NAS-Bench-201, seed 0, synaptic · " in one for one in sentences
    )


def test_a_preview_says_what_it_leaves_out_and_what_the_search_takes(nas_bench_201):
    words = status.status_sentence(ShownResult(nas_bench_201, PREVIEW), nas_bench_201.config)
    assert words.startswith("Quick estimate that ignores the image border (")
    assert words.endswith("Run the exact search (about 1 s); the chosen operations rarely change.")


def test_no_stale_answer_looks_current(nas_bench_201):
    asked = SearchConfig(seed=55, recipe="released")
    shown = ShownResult(nas_bench_201, CACHED, answers=False)
    assert status.status_sentence(shown, asked) == "Not computed yet. Below is still: NAS-Bench-201, seed 0, synaptic."
    over = status.overlay(shown, Question(asked), estimating=False)
    assert over == ("Not computed yet: NAS-Bench-201, seed 55, released", "Search ~1 s")
    assert status.unanswered(Question(asked), estimating=True).startswith("Estimating: ")
    assert status.overlay(shown, Question(None, "seed: -1"), estimating=False) == ("This question has no answer", "")
    assert status.overlay(replace_answers(shown), Question(asked), estimating=False) is None


def replace_answers(shown):
    return shown._replace(answers=True)


def test_a_stopped_search_says_how_far_it_came(nas_bench_201, monkeypatch):
    task = session.search_task(nas_bench_201.config)
    job = Job(1, task, state=STOPPED, progress=Progress(5, 169, 1.0))
    monkeypatch.setattr(session, "job", lambda role=session.SEARCHING: job)
    words = status.status_sentence(ShownResult(nas_bench_201, PREVIEW), nas_bench_201.config)
    assert words.startswith("Stopped at pass 5 of 169. ")
    assert status.stopped_words(SearchConfig(seed=9)) == ""


def test_a_failure_leaves_no_button_that_would_fail_again(nas_bench_201, monkeypatch):
    monkeypatch.setattr(session, "failure", lambda role, task: "it cannot be" if role == session.SEARCHING else "")
    shown = ShownResult(nas_bench_201, CACHED, answers=False)
    over = status.overlay(shown, Question(SearchConfig(seed=3)), estimating=False)
    assert over == ("No answer to: NAS-Bench-201, seed 3, synaptic", "")


def test_a_question_is_told_with_its_limits():
    config = SearchConfig(proxy="freeflow", max_params=900_000, max_macs=10**8, banned=["0-1:none"])
    assert status.question_words(config) == ("NAS-Bench-201, seed 0, synaptic, ≤ 0.9 M params, ≤ 100 M MACs, 1 banned")
    assert "SNIP" in status.question_words(SearchConfig(proxy="snip"))


def test_data_that_a_score_looks_at_is_told(nas_bench_201):
    other = replace(nas_bench_201, config=SearchConfig(proxy="snip"))
    assert " with images and labels · " in status.status_sentence(ShownResult(other, CACHED), other.config)
