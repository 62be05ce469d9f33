"""Progress that moves: a fragment that looks at a job until it ends."""

from __future__ import annotations

import streamlit as st

from dashboard.parts.text import plain
from dashboard.server import session
from dashboard.server.jobs import QUEUED, Job

_POLL = 0.12
"""Seconds between two looks."""
_WIDTH = 240
"""Pixels of a bar of progress and its text."""
_PATROL = 2.0
"""Seconds between two looks for jobs that have lost their page."""


def watch_all() -> None:
    """Show the progress of every job of this session, a preview's aside, and of those that lose their page."""
    for role, job in session.unwatched_jobs().items():
        if role != session.PREVIEWING:  # its page looks at it
            _watch(role, job)
    if session.may_adopt():
        _look_for_orphans()


@st.fragment(run_every=_PATROL)
def _look_for_orphans() -> None:
    """Take over the jobs of a page whose connection was not known to be lost when this one was opened."""
    if session.adopt_orphans():
        st.rerun()


@st.fragment(run_every=_POLL)
def _watch(role: str, job: Job) -> None:
    """Show the progress of `job`; when it ends, the page runs again."""
    if not job.active:
        st.caption(plain(f"{job.task.title}: {job.state}."))  # until the page has run
        session.mark_seen(role, job)
        st.rerun()
    show_progress(role, job)


def show_progress(role: str, job: Job) -> None:
    """Draw how far a job is, which is a look at it, and the button that ends it."""
    session.look_at(job)
    with st.container(
        horizontal=True, vertical_alignment="center", width="content", gap="xxsmall", key=f"progress of {role}"
    ):
        st.progress(_fraction(job), text=plain(_text(role, job)), width=_WIDTH)
        key = f"stop {role}"
        st.button("Stop", icon=":material/close:", key=key, type="tertiary", on_click=session.stop, args=[role])


def _fraction(job: Job) -> float:
    return job.progress.fraction if job.progress is not None else 0.0


def _text(role: str, job: Job) -> str:
    name, progress = job.task.title, job.progress
    if job.state == QUEUED:
        ahead, seconds = session.queue_position(role, job)
        place = f" for {ahead} other{'s' if ahead > 1 else ''}" if ahead else ""
        return f"{name}: waiting{place}" + (f", about {max(seconds, 1):.0f} s" if seconds is not None else "")
    if progress is None or not progress.done:
        return f"{name}: {'begins' if session.worker_is_warm(role, job) else 'the worker starts (once)'}"
    left = f", {max(progress.left, 1):.0f} s left" if progress.left else ""
    return f"{name}: {job.task.unit} {progress.done} of {progress.total}{left}"
