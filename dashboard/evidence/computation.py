"""The evidence that answers a request: the parts that are known, and the next one asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from dashboard.evidence.request import SAMPLES, EvidenceRequest
from dashboard.evidence.state import EvidenceState
from dashboard.parts.refusal import show_refusal
from dashboard.parts.text import plain
from dashboard.server import session
from dashboard.server.jobs import FAILED, STOPPED
from dashboard.server.state import set_widgets, state
from engine.common.tasks import Task
from engine.measures import get_measure
from engine.studies.durations import Durations, networks_run
from engine.studies.evidence import Evidence, EvidenceTask
from engine.studies.report import time_text

_AT_ONCE = 20.0
"""The seconds up to which networks are run without a choice of the sample."""


def known_evidence(request: EvidenceRequest) -> Evidence | None:
    """Return what is known of the evidence of a request; ask for the first part that is missing.

    What failed or was stopped is said, and asked for again by a button. Networks that take long wait for the choice of
    a sample.
    """
    answers = {task: session.known_answer(task) for task in request.tasks}
    held = _held_tasks(request)
    missing: list[Task] = [task for task, answer in answers.items() if answer is None and task not in held]
    if held and request.trial is not None and session.known_answer(request.trial) is None:
        missing.append(request.trial)
    _ask(missing)
    return joined_evidence([answer for answer in answers.values() if isinstance(answer, Evidence)])


def pending_titles(request: EvidenceRequest) -> list[str]:
    """Return the titles of the scores that are asked for and not known yet."""
    return [_subject(task) for task in request.tasks if session.known_answer(task) is None]


def _ask(missing: Sequence[Task]) -> None:
    """Put the first of the missing tasks to a worker that did not end without an answer before."""
    ended = _ended_parts(missing)
    still_to_ask = [task for task in missing if task not in ended]
    last = session.job(session.WEIGHING)
    busy = last is not None and last.active and last.task in missing
    if still_to_ask and not busy and not show_refusal(still_to_ask[0]):
        session.start(still_to_ask[0], session.WEIGHING)
    _ended_view([task for task in missing if task in ended], ended)


def _held_tasks(request: EvidenceRequest) -> list[EvidenceTask]:
    """Return the tasks that wait: for a trial of their networks, or for the choice of a sample, which is drawn here."""
    if request.trial is None:
        return []
    durations = session.known_answer(request.trial)
    if isinstance(durations, Durations):
        if durations.seconds(request.measures, request.architectures) <= _AT_ONCE:
            return []
        _sample_choice(request, durations)
    return [task for task in request.tasks if networks_run(task.question.measures or ())]


def _sample_choice(request: EvidenceRequest, durations: Durations) -> None:
    """Draw a button for every sample, with the time that it takes."""
    names = [get_measure(name).title for name in networks_run(request.measures)]
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="sample_choice"):
        st.markdown(
            f"**How many architectures?** {plain(', '.join(names))} run{'s' * (len(names) == 1)} a network of each.",
            width="content",
        )
        for name, sample in SAMPLES.items():
            count = request.architectures if sample is None else sample
            if count < request.architectures or sample is None:
                duration = time_text(durations.seconds(request.measures, count))
                label = f"all {count:,}" if sample is None else name
                st.button(
                    f"{label} (about {duration})",
                    key=f"sample {name}",
                    on_click=set_widgets,
                    args=[{"sample": name}],
                )


def joined_evidence(parts: Sequence[Evidence]) -> Evidence | None:
    """Join the scores of several parts of one evidence, which share table, column, seed and resamples."""
    if not parts:
        return None
    return replace(parts[0], scores=tuple(score for part in parts for score in part.scores))


def _ended_parts(missing: Sequence[Task]) -> dict[Task, str]:
    """Return the tasks that ended without an answer and are not asked for again by themselves, and the reasons.

    Whoever stops one of the `missing` tasks stops all.
    """
    ended = state(EvidenceState).ended
    last = session.job(session.WEIGHING)
    if last is not None and last.task in missing:
        if last.state == FAILED:
            ended[last.task] = last.error
        elif last.state == STOPPED:
            ended.update({task: "" for task in missing if task not in ended})
    return ended


def _ended_view(tasks: Sequence[Task], ended: dict[Task, str]) -> None:
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


def _ended_sentence(task: Task, reason: str) -> None:
    if reason:
        text = f"{_subject(task)}: ended without a result: {reason}"
        st.error(plain(text), icon=":material/error:", width="stretch")
    else:
        st.info(plain(f"{_subject(task)}: stopped."), icon=":material/stop_circle:", width="stretch")


def _subject(task: Task) -> str:
    """Name the scores of a task."""
    if not isinstance(task, EvidenceTask):
        return task.title
    return ", ".join([*(get_measure(name).title for name in task.question.measures or ()), *task.question.columns])
