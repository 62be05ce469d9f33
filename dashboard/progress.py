"""Progress that moves: a fragment that looks at a job until it ends."""

from __future__ import annotations

import streamlit as st

from dashboard import state
from dashboard.jobs import QUEUED, Job

_POLL = 0.25
"""Seconds between two looks."""


@st.fragment(run_every=_POLL)
def watch(job: Job) -> None:
    """Show how far `job` is; when it ends, the page runs again."""
    if not job.active:
        st.rerun()
    st.progress(_fraction(job), text=_text(job))


def _what(job: Job) -> str:
    if job.question.seeds:
        return "seed"
    return "preview: pass" if job is state.job(state.PREVIEWING) else "pass"


def _fraction(job: Job) -> float:
    return job.progress.done / job.progress.total if job.progress is not None else 0.0


def _text(job: Job) -> str:
    if job.state == QUEUED:
        ahead = state.jobs().position(job)
        return f"waiting for {ahead} other search{'es' if ahead > 1 else ''}" if ahead else "waiting for the worker"
    if job.progress is None or not job.progress.done:
        return "building the supernet" if state.jobs().warm.is_set() else "starting the worker (once)"
    left = job.progress.left
    return f"{_what(job)} {job.progress.done} of {job.progress.total}" + (
        f", {left:.0f} s left" if left is not None else ""
    )
