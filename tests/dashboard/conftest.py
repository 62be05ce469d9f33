"""Results made by the engine at a small size, and the app under AppTest."""

import time
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from engine import SearchConfig, SearchResult, search

ROOT = Path(__file__).resolve().parents[2]
SMALL = {"channels": 4, "image_size": 8}


@pytest.fixture(scope="session")
def nas_bench_201() -> SearchResult:
    return search(SearchConfig(space="nas-bench-201", cells=1, **SMALL))


@pytest.fixture(scope="session")
def darts() -> SearchResult:
    return search(SearchConfig(space="darts", cells=3, **SMALL))


@pytest.fixture(scope="module", autouse=True)
def _close_worker(_own_cache):
    yield
    from dashboard.state import jobs

    for searching in (True, False):
        jobs(searching).close()
    st.cache_resource.clear()


@pytest.fixture(scope="session")
def app():
    """The app on its start page; `app(page, **query)` opens another."""

    def start(page: str | None = None, **query: str) -> AppTest:
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        for name, value in query.items():
            at.query_params[name] = value
        if page is not None:
            at.switch_page(page)
        at.run()
        assert not at.exception
        return at

    return start


def wait_for(at: AppTest, role: str = "search", seconds: float = 120) -> AppTest:
    """Run the page, as its progress does, when this session's job in a role has ended."""
    deadline = time.monotonic() + seconds
    while at.session_state[f"{role} job"].active:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    at.run()
    assert not at.exception
    return at
