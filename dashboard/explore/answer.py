"""The answer on the page Explore: a fragment of its own, so that the end of a preview draws nothing else anew."""

from __future__ import annotations

import time
from functools import partial

import streamlit as st

from dashboard.explore.controls import Question
from dashboard.explore.opened import opened_run
from dashboard.explore.result import result_view
from dashboard.explore.shown import awaited_preview, begin_preview, shown_result
from dashboard.explore.state import ExploreState
from dashboard.parts.progress import show_progress
from dashboard.parts.tick import tick
from dashboard.server import session
from dashboard.server.jobs import STOPPED
from dashboard.server.state import state
from engine.searches.search import SearchTask

_KEY = "answer"
_MOMENT = 0.1
"""Seconds of one look at a preview."""
_POLL, _LONGEST_POLL = 0.1, 0.5
"""Seconds between two looks, at first and when it takes long."""


@st.fragment(key=_KEY)
def answer_view(question: Question) -> None:
    """Draw the best answer there is to a question, and wait for its preview."""
    config = question.config
    awaited = awaited_preview(config) if config is not None else None
    shown = shown_result(config)
    wait = None if awaited is None else partial(_await_preview, awaited)
    result_view(shown, question, opened_run(config), wait)


@st.fragment
def _await_preview(task: SearchTask) -> None:
    """Begin a preview once it is due, and look at it until it ends, or is stopped; then the answer is drawn."""
    if session.was_stopped(session.PREVIEWING, task):
        return
    job, waited = begin_preview(task), time.monotonic() - state(ExploreState).preview_due
    if job is not None and job.active:
        show_progress(session.PREVIEWING, job)
    tick(-waited if waited < 0 else min(_POLL + waited / 8, _LONGEST_POLL), lambda: _look_at_preview(task))


def _look_at_preview(task: SearchTask) -> None:
    """Have the answer drawn where the preview has ended, most of which do within a moment."""
    job, until = begin_preview(task), time.monotonic() + _MOMENT
    while job is not None and job.active and time.monotonic() < until:
        time.sleep(_MOMENT / 10)
    if job is None or job.active or job.state == STOPPED:
        return
    session.mark_seen(session.PREVIEWING, job)
    st.rerun(_KEY)
