"""Which worker a task goes to, that pages look at what is under way, and that a page that is loaded again finds it."""

from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.server import jobs as jobs_module
from dashboard.server import session
from dashboard.server.installation import PACKAGE
from dashboard.server.jobs import DONE, FAILED, QUEUED, RUNNING, STOPPED, Job, JobQueue
from engine import SearchConfig
from engine.searches.search import SearchTask
from engine.studies.atlas import AtlasTask
from engine.tables.task import TableTask
from tests.dashboard.conftest import job_of, texts, wait_for
from tests.waiting import PATIENCE


@pytest.mark.parametrize(
    ("role", "device", "worker"),
    [
        (session.SEARCHING, "auto", (session.LONG, None)),
        (session.SEARCHING, "cuda", (session.LONG, None)),
        (session.SEARCHING, "cuda:0", (session.LONG, None)),
        (session.SEARCHING, "cuda:1", (session.LONG, "cuda:1")),
        (session.SEARCHING, "cpu", (session.LONG, "cpu")),
        (session.PREVIEWING, "cpu", (session.QUICK, "cpu")),
        (session.SEARCHING, "cuda:7", (session.LONG, None)),
    ],
)
def test_every_device_has_a_worker_of_its_own(monkeypatch, role, device, worker):
    monkeypatch.setattr(
        session,
        "job_queue",
        lambda kind, own=None: SimpleNamespace(name=(kind, own), devices={"cuda:0": "A", "cuda:1": "B", "cpu": "C"}),
    )
    assert session._queue_for(role, SearchTask(config=SearchConfig(device=device))).name == worker
    atlas = AtlasTask(space="darts", count=1, measures=("flow",), device=device)
    assert session._queue_for(role, atlas).name == worker
    assert session._queue_for(session.READING, TableTask(path="a.csv", stamp=0)).name == (session.FILES, None)


TASK = SearchTask(config=SearchConfig(seed=3))
LASTING = sorted(set(session._WORKERS) - {session.PREVIEWING})


def _page():
    from dashboard.parts.progress import watch_all
    from dashboard.server import session

    session.adopt_orphans()
    watch_all()


def _page_of_before():
    from dashboard.parts.progress import watch_all

    watch_all()


def opened(page=_page) -> AppTest:
    at = AppTest.from_function(page, default_timeout=PATIENCE).run()
    assert not at.exception
    return at


@pytest.fixture
def pages(monkeypatch):
    """The pages of one browser that are open; the next one that a test opens is `new`."""
    names = {"old", "new"}
    jobs = session.JobsOfPages()
    monkeypatch.setattr(session, "jobs_of_pages", lambda: jobs)
    monkeypatch.setattr(session, "browser", lambda: "one browser")
    monkeypatch.setattr(session, "page", lambda: "new")
    for module in (session, jobs_module):
        monkeypatch.setattr(module, "is_open", lambda page: page in names)
    return names


def job_of_old_page(role: str, **parts: object) -> Job:
    job = Job(**{"number": 1, "task": TASK, "owner": "one browser", "state": RUNNING, "page": "old", **parts})
    session.jobs_of_pages().add(role, job)
    return job


@pytest.mark.parametrize("role", LASTING)
def test_a_page_that_is_loaded_again_has_its_progress_and_can_stop_it(pages, role):
    job = job_of_old_page(role)
    pages.remove("old")
    at = opened()
    assert job_of(at, role) is job
    assert job.page == "new"
    assert TASK.title in at.get("progress")[0].proto.text.replace("\\", "")
    at.button(key=f"stop {role}").click().run()
    assert job.state == STOPPED
    assert job_of(opened(), role) is None


@pytest.mark.parametrize("role", LASTING)
def test_a_job_whose_page_is_open_stays_there_until_it_closes(pages, role):
    job = job_of_old_page(role)
    at = opened()
    assert job_of(at, role) is None
    pages.remove("old")
    at.run()
    assert job_of(at, role) is job


def test_a_page_goes_on_looking_for_jobs_of_a_connection_that_broke_off(pages):
    """The server had not noticed yet when the page was drawn first."""
    job = job_of_old_page(session.SEARCHING)
    pages.remove("old")
    assert job_of(opened(_page_of_before), session.SEARCHING) is job


@pytest.mark.parametrize("parts", [{"owner": "another browser"}, {"seen": -1000.0}])
def test_a_page_takes_nothing_that_is_not_its_own(pages, parts):
    job_of_old_page(session.SEARCHING, **parts)
    pages.remove("old")
    assert job_of(opened(), session.SEARCHING) is None


def test_previews_are_asked_for_anew(pages):
    job_of_old_page(session.PREVIEWING)
    pages.remove("old")
    assert job_of(opened(), session.PREVIEWING) is None


@pytest.mark.parametrize("state", [RUNNING, DONE, FAILED, STOPPED])
def test_a_page_keeps_the_job_that_it_has(pages, state):
    at = opened()
    job_of_old_page(session.SEARCHING)
    at.session_state["SessionJobs"].last[session.SEARCHING] = own = Job(2, TASK, state=state)
    pages.remove("old")
    at.run()
    assert job_of(at, session.SEARCHING) is own


def test_a_job_does_not_wait_behind_itself(pages):
    """It was asked for by the page that was loaded again, before the server knew that the old one is gone."""
    at = opened()
    job = job_of_old_page(session.CHARTING)
    at.session_state["SessionJobs"].last[session.CHARTING] = own = Job(2, TASK, state=QUEUED)
    pages.remove("old")
    at.run()
    assert job_of(at, session.CHARTING) is job
    assert own.state == STOPPED


def test_the_end_that_no_page_saw_is_seen_once(pages):
    job = job_of_old_page(session.IMPORTING, state=FAILED, error="no such file")
    pages.remove("old")
    assert job_of(opened(), session.IMPORTING) is job
    pages.remove("new")
    assert job_of(opened(), session.IMPORTING) is None


def test_a_search_is_found_again_though_its_preview_is_known(app, pages):
    wait_for(app(seed="3"), session.PREVIEWING)
    job = job_of_old_page(session.SEARCHING)
    pages.remove("old")
    at = app(seed="3")
    assert job_of(at, session.SEARCHING) is job
    assert any(text.startswith("Quick estimate") for text in texts(at))
    assert [button.key for button in at.button if button.key in ("search", "stop")] == ["stop"]


def _stopping():
    import streamlit as st

    from dashboard.parts.progress import watch_all
    from dashboard.server import session

    st.session_state.runs = st.session_state.get("runs", 0) + 1
    st.button("Stop", key="stop", on_click=session.stop)
    watch_all()


def test_a_page_that_stops_a_job_runs_once(pages):
    at = opened(_stopping)
    at.session_state["SessionJobs"].last[session.SEARCHING] = job = Job(2, TASK, state=RUNNING)
    at.run()
    runs = at.session_state["runs"]
    at.button(key="stop").click().run()
    assert job.state == STOPPED
    assert at.session_state["runs"] == runs + 1
    assert not at.get("progress")


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
