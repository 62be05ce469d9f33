"""The button of the question bar: it searches, says that the answer is there, or how far a search is and stops it."""

from __future__ import annotations

import streamlit as st

from dashboard.explore.shown import start_search
from dashboard.server import limits, session
from dashboard.server.jobs import DONE, Job
from dashboard.server.results import PREVIEW, SHIPPED, best_result
from engine import SearchConfig

_POLL = 0.25
"""Seconds between two looks at a search."""
_COMPUTED, _KEEP = "Computed", "Keep as a run"
_ICONS = {"": ":material/search:", _COMPUTED: ":material/check:", _KEEP: ":material/bookmark_add:"}
_WHY_KEEP = "The answer was known here already; it becomes a run of yours."


def search_action(question: SearchConfig | None) -> None:
    """Draw the button that searches, or in its place the progress of the search."""
    current = session.job()
    if current is not None and current.active:
        searching(current)
        return
    state = _state(question)
    refusal = limits.refusal(session.search_task(question)) if question is not None else ""
    if st.button(
        state or search_label(question),
        type="primary",
        icon=_ICONS[state],
        disabled=question is None or state == _COMPUTED or bool(refusal),
        help=refusal or (_WHY_KEEP if state == _KEEP else None),
        key="search",
        width="stretch",
    ):
        if question is not None:
            start_search(question)
        st.rerun()


def _state(question: SearchConfig | None) -> str:
    """Return what the button says of an answer that is there: it is computed, or can be kept; nothing without one."""
    answer = best_result(question) if question is not None else None
    if question is None or answer is None or answer.origin == PREVIEW:
        return ""
    last = session.job()
    searched = last is not None and last.state == DONE and last.task == session.search_task(question)
    return _COMPUTED if searched or answer.origin == SHIPPED or limits.read_only() else _KEEP


def search_label(question: SearchConfig | None) -> str:
    """Return the label of a button that searches, with the time that it takes where that is known: `Search ~1 s`."""
    duration = search_duration(question)
    return f"Search ~{duration}" if duration else "Search"


def search_duration(question: SearchConfig | None) -> str:
    """Return the time that such a search takes here, such as `1 s`; nothing where none has been made."""
    task = session.search_task(question) if question is not None else None
    seconds = session.typical_seconds(session.SEARCHING, task) if task is not None else None
    if seconds is None:
        return ""
    return f"{seconds:.0f} s" if seconds >= 0.95 else f"{seconds:.1f} s"


@st.fragment(run_every=_POLL)
def searching(current: Job) -> None:
    """Draw how far a search is on the button that stops it; the header looks for its end."""
    progress = current.progress
    far = f" · {progress.done} of {progress.total}" if progress is not None and progress.done else ""
    st.button(
        f"Stop{far}",
        icon=":material/stop_circle:",
        key="stop",
        on_click=session.stop,
        disabled=not current.active,
        width="stretch",
    )
