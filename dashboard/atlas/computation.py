"""The atlases that answer a request: those that are known, and the next one asked for."""

from __future__ import annotations

import streamlit as st

from dashboard.atlas.request import AtlasRequest
from dashboard.parts.refusal import show_refusal
from dashboard.parts.text import plain
from dashboard.server import session
from dashboard.server.jobs import DONE
from engine.measures import MEASURES
from engine.studies.atlas import Atlas, AtlasTask


def known_atlases(request: AtlasRequest) -> list[Atlas]:
    """Return the atlases of a request that are known, the fast measures first; ask for the first that is missing, once.

    What failed or was stopped is said, and asked for again by a button.
    """
    answers = [session.known_answer(task) for task in request.tasks]
    missing = next((task for task, answer in zip(request.tasks, answers, strict=True) if answer is None), None)
    if missing is not None and not show_refusal(missing):
        last = session.job(session.CHARTING)
        if last is None or last.task != missing:
            session.start(missing, session.CHARTING)
        elif not last.active and last.state != DONE:
            _ended_view(missing)
    return [answer for answer in answers if isinstance(answer, Atlas)] if answers[0] is not None else []


def _ended_view(task: AtlasTask) -> None:
    names = ", ".join(MEASURES[name].title for name in task.measures)
    failure = session.failure(session.CHARTING, task)
    with st.container(horizontal=True, vertical_alignment="center"):
        if failure:
            st.error(plain(f"{names}: ended without a result: {failure}"), icon=":material/error:", width="stretch")
        else:
            st.info(f"{names}: stopped.", icon=":material/stop_circle:", width="stretch")
        if st.button("Compute", icon=":material/refresh:", key="atlas again"):
            session.start(task, session.CHARTING)
            st.rerun()
