"""What a session holds: the job under way, the result on the page, what is selected in it."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from dashboard.charts import NOTHING, Choice
from dashboard.examples import example_of, shipped
from dashboard.jobs import DONE, FAILED, Job, Jobs
from engine import SearchConfig, SearchResult

SHIPPED, COMPUTED, CACHED = "shipped", "computed", "cached"


class Shown(NamedTuple):
    """The result on the page and where it comes from."""

    result: SearchResult
    origin: str


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The server's one worker, warm from the first visit on."""
    return Jobs()


def job() -> Job | None:
    """This session's last job."""
    found: Job | None = st.session_state.get("job")
    return found


def start(config: SearchConfig) -> None:
    """Ask for a search; a known answer is on the page at once."""
    st.session_state.job = jobs().submit(config)
    _collect()


def stop() -> None:
    """End this session's search; the last result stays on the page."""
    if (current := job()) is not None:
        jobs().stop(current)


def shown(config: SearchConfig | None) -> Shown:
    """The result for the page: this session's last one, else the known answer to its question, else an example."""
    _collect()
    if "shown" not in st.session_state:
        _show(_first(config))
    found: Shown = st.session_state.shown
    return found


def failure() -> str:
    """What went wrong with this session's last search, or nothing."""
    current = job()
    return current.error if current is not None and current.state == FAILED else ""


def selected() -> Choice:
    """What is selected in the result on the page."""
    choice: Choice = st.session_state.get("selected", NOTHING)
    return choice


def select(choice: Choice) -> None:
    """Select `choice`; what is selected already is let go."""
    st.session_state.selected = NOTHING if choice == selected() else choice


def _collect() -> None:
    """Put a job's result on the page once it is there."""
    current = job()
    if current is None or current.result is None or st.session_state.get("collected") == current.number:
        return
    if current.state == DONE:
        st.session_state.collected = current.number
        _show(Shown(current.result, CACHED if current.progress is None else COMPUTED))


def _first(config: SearchConfig | None) -> Shown:
    if config is not None:
        if (known := jobs().known(config)) is not None:
            return Shown(known, CACHED)
        if config in shipped():
            return Shown(shipped()[config], SHIPPED)
    return Shown(example_of(config.space if config is not None else "nas-bench-201"), SHIPPED)


def _show(found: Shown) -> None:
    st.session_state.shown = found
    st.session_state.selected = NOTHING
    for key in ("kind", "step", "playing", "replay"):
        st.session_state.pop(key, None)
