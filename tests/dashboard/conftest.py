"""Results made by the engine at a small size, and the app under AppTest."""

import re
import time

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from dashboard.explore import shown
from dashboard.server import run_store, session
from dashboard.server.installation import PACKAGE, SCRIPT
from dashboard.server.jobs import Job, JobQueue
from engine import SearchConfig, SearchResult, search
from engine.runs.store import RunStore
from tests.waiting import PATIENCE, until

SMALL = {"channels": 4, "image_size": 8}
QUEUES: list[JobQueue] = []
"""Those that sessions have made."""


@pytest.fixture(scope="session")
def nas_bench_201() -> SearchResult:
    return search(SearchConfig(space="nas-bench-201", cells=1, **SMALL))


@pytest.fixture(scope="session")
def darts() -> SearchResult:
    return search(SearchConfig(space="darts", cells=3, **SMALL))


@pytest.fixture(scope="session", autouse=True)
def _no_component_installed():
    """Streamlit does not look through all that is installed for components, which it would for every AppTest."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", list)
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_clock():
    """A preview is due at once, since no browser draws the page again after a while."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shown, "QUIET", 0)
        yield


@pytest.fixture(scope="session", autouse=True)
def _workers(_own_cache):
    """Workers that are warm for all modules."""

    def make(*arguments: object) -> JobQueue:
        QUEUES.append(JobQueue(*arguments))
        return QUEUES[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "JobQueue", make)
        yield
    _end_workers()


@pytest.fixture(scope="module", autouse=True)
def _nothing_known(_workers):
    """No module knows the answers of another, or waits for its jobs."""
    yield
    if any(queue._running or queue._queue for queue in QUEUES):
        _end_workers()
    session.answer_cache()._answers.clear()


@pytest.fixture(scope="session")
def app():
    """The app on its start page; `app(page, **query)` opens another."""

    def start(page: str | None = None, **query: str) -> AppTest:
        at = AppTest.from_file(str(SCRIPT), default_timeout=PATIENCE)
        for name, value in query.items():
            at.query_params[name] = value
        if page is not None:
            at.switch_page(str(PACKAGE / page))
        at.run()
        assert not at.exception
        return at

    return start


def job_of(at: AppTest, role: str) -> Job | None:
    """This session's last job in a role."""
    return at.session_state["SessionJobs"].last.get(role) if "SessionJobs" in at.session_state else None


def headline(at: AppTest) -> str:
    """The one title of a page, as it is read."""
    (title,) = at.title
    return _as_read(title.value)


def texts(at: AppTest) -> list[str]:
    """All sentences on a page, without the backslashes that keep Markdown from reading signs."""
    groups = (at.caption, at.markdown, at.info, at.warning, at.error)
    return [_as_read(element.value) for group in groups for element in group]


def _as_read(markdown: str) -> str:
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown)


def wait_for(at: AppTest, role: str = "search") -> AppTest:
    """Run the page, as its progress does, when this session's job in a role has ended, if it has begun one."""
    if (job := job_of(at, role)) is not None:
        look_until_it_ends(job)
    at.run()
    assert not at.exception
    return at


def look_until_it_ends(job: Job) -> None:
    """Wait for the end of a job, with a look at it now and then: one that no page looks at is stopped."""

    def ended() -> bool:
        job.seen = time.monotonic()
        return not job.active

    until(ended)


@pytest.fixture
def fresh_worker():
    """Workers that begin with the environment of the test."""
    _end_workers()
    yield
    _end_workers()


def _end_workers() -> None:
    while QUEUES:
        QUEUES.pop().close()
    session.job_queue.clear()


@pytest.fixture
def store_url(tmp_path, monkeypatch):
    """The URL of a store of the test's own."""
    found = f"sqlite:///{tmp_path / 'runs.sqlite3'}"
    monkeypatch.setenv("FREENAS_STORE", found)
    yield found
    run_store.pending_runs().close()
    run_store.pending_runs.cache_clear()
    if run_store._opened.cache_info().currsize:
        run_store.store().close()
    run_store._opened.cache_clear()


@pytest.fixture
def store(store_url) -> RunStore:
    run_store._opened.cache_clear()
    return run_store.store()


@pytest.fixture
def broken_store(store_url, tmp_path, monkeypatch) -> str:
    """A store that cannot be opened."""
    monkeypatch.setenv("FREENAS_STORE", f"sqlite:///{tmp_path}/nowhere/runs.sqlite3")
    run_store._opened.cache_clear()
    return "cannot be opened"


def small(seed: int, **parts: object) -> SearchResult:
    return search(SearchConfig(seed=seed, **SMALL, **{"cells": 1, "field": "interior", **parts}))
