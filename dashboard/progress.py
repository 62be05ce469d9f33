"""Progress that moves: a fragment that looks at a job until it ends."""

from __future__ import annotations

import time

import streamlit as st

from dashboard import state
from dashboard.jobs import QUEUED, Job

_POLL = 0.25
"""Seconds between two looks."""


@st.fragment(run_every=_POLL)
def watch(role: str, job: Job) -> None:
    """Show how far `job` is; when it ends, the page runs again."""
    job.seen = time.monotonic()
    if not job.active:
        state.see_end(role, job)
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.progress(_fraction(job), text=_text(role, job))
        if st.button("Stop", icon=":material/stop_circle:", key=f"stop {role}"):
            state.stop(role)
            st.rerun()


def _fraction(job: Job) -> float:
    return job.progress.done / job.progress.total if job.progress is not None else 0.0


def _text(role: str, job: Job) -> str:
    config, seeds = job.question
    name = f"{role}, {seeds} seeds" if seeds else f"{role}, seed {config.seed}"
    if job.state == QUEUED:
        ahead = state.waiting(role, job)
        return f"{name}: waiting for {ahead} other{'s' if ahead > 1 else ''}" if ahead else f"{name}: waiting"
    if job.progress is None or not job.progress.done:
        return f"{name}: building the supernet" if state.warm(role) else f"{name}: the worker starts (once)"
    what, left = ("seed" if seeds else "pass"), job.progress.left
    return f"{name}: {what} {job.progress.done} of {job.progress.total}" + (f", {left:.0f} s left" if left else "")
