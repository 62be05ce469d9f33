"""The answer on the page Explore: a fragment of its own, so that the end of a preview draws nothing else anew."""

from __future__ import annotations

import time

import streamlit as st

from dashboard.explore.opened import opened_view
from dashboard.explore.result import result_view
from dashboard.explore.shown import awaited_preview, begin_preview, shown_result
from dashboard.explore.state import ExploreState
from dashboard.parts.accuracy_table import TableColumn
from dashboard.parts.progress import show_progress
from dashboard.parts.text import plain
from dashboard.parts.tick import tick
from dashboard.server import session
from dashboard.server.jobs import DONE, FAILED
from dashboard.server.state import state
from engine import SearchConfig
from engine.searches.search import SearchTask

_KEY = "answer"
_POLL = 0.15
"""Seconds between two looks at a preview."""


@st.fragment(key=_KEY)
def answer_view(config: SearchConfig | None, table: TableColumn | None) -> None:
    """Draw the best answer there is to a question, None if it is not valid, and wait for its preview."""
    if config is not None:
        _tell_failures(config)
    awaited = awaited_preview(config) if config is not None else None
    shown = shown_result(config)
    if awaited is not None:
        _await_preview(awaited)
    opened_view(config)
    result_view(shown, config, table)


def _tell_failures(config: SearchConfig) -> None:
    tasks = {session.SEARCHING: session.search_task(config), session.PREVIEWING: session.preview_task(config)}
    for role, task in tasks.items():
        if failure := session.failure(role, task):
            st.error(plain(f"The {role} ended without a result: {failure}"), icon=":material/error:")
    if warning := session.warning(session.SEARCHING, tasks[session.SEARCHING]):
        st.warning(plain(f"This run was not kept: {warning}."), icon=":material/warning:")


@st.fragment
def _await_preview(task: SearchTask) -> None:
    """Begin a preview once it is due, and look at it until it ends; then the answer is drawn."""
    if (job := begin_preview(task)) is not None and job.active:
        show_progress(session.PREVIEWING, job)
    due = state(ExploreState).preview_due
    tick(_POLL if job is not None else max(due - time.monotonic(), 0), lambda: _look_at_preview(task))


def _look_at_preview(task: SearchTask) -> None:
    job = session.job(session.PREVIEWING)
    if job is None or job.task != task or job.state not in (DONE, FAILED):
        return
    session.mark_seen(session.PREVIEWING, job)
    playing = state(ExploreState).playing  # by a clock that only a run of the page ends
    st.rerun("app" if playing else _KEY)
