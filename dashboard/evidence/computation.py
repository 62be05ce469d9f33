"""The evidence that answers a request: the parts that are known, and the next one asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from dashboard.evidence.request import EvidenceRequest
from dashboard.evidence.state import EvidenceState
from dashboard.parts.refusal import show_refusal
from dashboard.parts.text import plain
from dashboard.server import session
from dashboard.server.jobs import FAILED, STOPPED
from dashboard.server.state import state
from engine.measures import get_measure
from engine.studies.evidence import Evidence, EvidenceTask


def known_evidence(request: EvidenceRequest) -> Evidence | None:
    """Return what is known of the evidence of a request; ask for the first part that is missing.

    What failed or was stopped is said, and asked for again by a button.
    """
    answers = [(task, session.known_answer(task)) for task in request.tasks]
    missing = [task for task, answer in answers if answer is None]
    ended = _ended_parts(missing)
    still_to_ask = [task for task in missing if task not in ended]
    last = session.job(session.WEIGHING)
    busy = last is not None and last.active and last.task in missing
    if still_to_ask and not busy and not show_refusal(still_to_ask[0]):
        session.start(still_to_ask[0], session.WEIGHING)
    _ended_view([task for task in missing if task in ended], ended)
    return joined_evidence([answer for _, answer in answers if isinstance(answer, Evidence)])


def joined_evidence(parts: Sequence[Evidence]) -> Evidence | None:
    """Join the scores of several parts of one evidence, which share table, column, seed and resamples."""
    if not parts:
        return None
    return replace(parts[0], scores=tuple(score for part in parts for score in part.scores))


def _ended_parts(missing: Sequence[EvidenceTask]) -> dict[EvidenceTask, str]:
    """Return the tasks that ended without an answer and are not asked for again by themselves, and the reasons.

    Whoever stops one of the `missing` tasks stops all.
    """
    ended = state(EvidenceState).ended
    last = session.job(session.WEIGHING)
    if last is not None and isinstance(last.task, EvidenceTask) and last.task in missing:
        if last.state == FAILED:
            ended[last.task] = last.error
        elif last.state == STOPPED:
            ended.update({task: "" for task in missing if task not in ended})
    return ended


def _ended_view(tasks: Sequence[EvidenceTask], ended: dict[EvidenceTask, str]) -> None:
    if not tasks:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        for task in tasks:
            _ended_sentence(task, ended[task])
        if st.button("Compute", icon=":material/refresh:", key="evidence_again"):
            for task in tasks:
                del ended[task]
            session.start(tasks[0], session.WEIGHING)
            st.rerun()


def _ended_sentence(task: EvidenceTask, reason: str) -> None:
    measures = [get_measure(name).title for name in task.question.measures or ()]
    names = ", ".join([*measures, *task.question.columns])
    if reason:
        st.error(plain(f"{names}: ended without a result: {reason}"), icon=":material/error:", width="stretch")
    else:
        st.info(plain(f"{names}: stopped."), icon=":material/stop_circle:", width="stretch")
