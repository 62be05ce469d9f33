"""Which worker a task goes to, and that pages look at what is under way."""

from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.server import session
from dashboard.server.installation import PACKAGE
from dashboard.server.jobs import RUNNING, STOPPED, Job, JobQueue
from engine import SearchConfig
from engine.searches.search import SearchTask
from engine.studies.atlas import AtlasTask
from engine.tables.task import TableTask
from tests.dashboard.conftest import job_of
from tests.waiting import PATIENCE


@pytest.mark.parametrize(
    ("role", "device", "worker"),
    [
        (session.SEARCHING, "auto", (True, None)),
        (session.SEARCHING, "cuda", (True, None)),
        (session.SEARCHING, "cuda:0", (True, None)),
        (session.SEARCHING, "cuda:1", (True, "cuda:1")),
        (session.SEARCHING, "cpu", (True, "cpu")),
        (session.PREVIEWING, "cpu", (False, "cpu")),
        (session.SEARCHING, "cuda:7", (True, None)),
    ],
)
def test_every_device_has_a_worker_of_its_own(monkeypatch, role, device, worker):
    monkeypatch.setattr(
        session,
        "job_queue",
        lambda long, own=None: SimpleNamespace(name=(long, own), devices={"cuda:0": "A", "cuda:1": "B", "cpu": "C"}),
    )
    assert session._queue_for(role, SearchTask(config=SearchConfig(device=device))).name == worker
    atlas = AtlasTask(space="darts", count=1, measures=("flow",), device=device)
    assert session._queue_for(role, atlas).name == worker
    assert session._queue_for(role, TableTask(path="a.csv", stamp=0)).name == (worker[0], None)


def _searching():
    from dashboard.server import session
    from engine import SearchConfig

    session.start(session.search_task(SearchConfig(seed=3)))


def test_a_search_that_lost_its_page_is_not_asked_for_twice(monkeypatch):
    orphan = Job(1, session.search_task(SearchConfig(seed=3)), state=RUNNING)
    monkeypatch.setattr(JobQueue, "orphan", lambda self, task: orphan)
    monkeypatch.setattr(JobQueue, "submit", None)
    assert job_of(AppTest.from_function(_searching, default_timeout=PATIENCE).run(), session.SEARCHING) is orphan


@pytest.mark.parametrize("page", sorted((PACKAGE / "pages").glob("*.py")), ids=lambda page: page.stem)
def test_a_job_is_watched_and_can_be_stopped_on_every_page(app, page):
    """One that no page looks at would be ended after a while."""
    at = app(space="darts")
    at.session_state["SessionJobs"].last["search"] = job = Job(
        1, SearchTask(config=SearchConfig(space="darts")), state=RUNNING
    )
    job.seen -= 1000
    at.switch_page(str(page)).run()
    assert not at.exception
    assert not job.abandoned
    at.button(key="stop search").click().run()
    assert job.state == STOPPED
