"""The words of a job under way."""

import math

import pytest

from dashboard.parts import progress
from dashboard.server.jobs import QUEUED, RUNNING, Job
from engine import Progress, SearchConfig
from engine.searches.search import SearchTask

TASK = SearchTask(config=SearchConfig())


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        ((0, None), "waiting"),
        ((1, None), "waiting for 1 other"),
        ((3, 41.6), "waiting for 3 others, about 42 s"),
        ((2, 0.2), "waiting for 2 others, about 1 s"),
    ],
)
def test_a_job_that_waits_tells_its_place_and_time(monkeypatch, ahead, words):
    monkeypatch.setattr(progress.session, "queue_position", lambda role, job: ahead)
    assert progress._text("search", Job(1, TASK, state=QUEUED)) == f"{TASK.title}: {words}"


@pytest.mark.parametrize(("warm", "words"), [(True, "begins"), (False, "the worker starts (once)")])
def test_a_job_that_has_no_progress_yet_begins(monkeypatch, warm, words):
    monkeypatch.setattr(progress.session, "worker_is_warm", lambda role, job: warm)
    job = Job(1, TASK, state=RUNNING)
    assert (progress._text("search", job), progress._fraction(job)) == (f"{TASK.title}: {words}", 0.0)


def test_a_job_that_runs_counts_its_steps():
    job = Job(1, TASK, state=RUNNING, progress=Progress(6, 24, 2.0))
    assert progress._fraction(job) == 0.25
    assert progress._text("search", job) == f"{TASK.title}: {TASK.unit} 6 of 24, {job.progress.left:.0f} s left"
    job.progress = Progress(6, 24, 2.0, 18.0)
    assert progress._fraction(job) == 0.1
    assert progress._text("search", job).endswith(" 6 of 24, 18 s left")
    job.progress = Progress(6, 24, 2.0, math.inf)
    assert progress._fraction(job) == 0.25
    assert progress._text("search", job).endswith(" 6 of 24")
