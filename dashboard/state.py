"""What a session holds: its jobs, the result on the page, what is selected in it.

The page shows the best answer there is to the question that the controls ask: the search itself if it was computed or
ships with the project, else a preview in the closed form, which is asked for by itself; until there is one, what was
shown before stays.
"""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from dashboard.charts import NOTHING, Choice
from dashboard.examples import example_of, shipped
from dashboard.jobs import DONE, FAILED, Job, Jobs, Question
from engine import SearchConfig, SearchResult
from engine.study import SeedStudy, closed_form

SHIPPED, COMPUTED, CACHED, PREVIEW = "shipped", "computed", "cached", "preview"
SEARCHING, PREVIEWING, STUDYING = "search", "preview", "study"
"""The jobs that a session can have, one of each."""


class Shown(NamedTuple):
    """The result on the page, where it comes from, and whether it answers the question that the controls ask."""

    result: SearchResult
    origin: str
    answers: bool = True


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The server's one worker, warm from the first visit on."""
    return Jobs()


def job(role: str = SEARCHING) -> Job | None:
    """This session's last job in a role."""
    found: Job | None = st.session_state.get(f"{role} job")
    return found


def active() -> list[Job]:
    """This session's jobs that are still to end."""
    found = (job(role) for role in (SEARCHING, PREVIEWING, STUDYING))
    return [each for each in found if each is not None and each.active]


def start(question: Question, role: str = SEARCHING) -> None:
    """Put a question to the worker; a preview makes room for it, and a job of the same role is ended."""
    for other in {role, PREVIEWING}:
        stop(other)
    st.session_state[f"{role} job"] = jobs().submit(question)


def stop(role: str = SEARCHING) -> None:
    """End this session's job in a role; what is on the page stays."""
    if (current := job(role)) is not None:
        jobs().stop(current)


def failure(role: str = SEARCHING) -> str:
    """What went wrong with this session's last job in a role, or nothing."""
    current = job(role)
    return current.error if current is not None and current.state == FAILED else ""


def shown(config: SearchConfig | None) -> Shown:
    """The best answer there is to `config`; asks for a preview where there is none."""
    found = _best(config) if config is not None else None
    if found is None and config is not None:
        _ask_for_preview(config)
        found = _best(config)
    last: Shown | None = st.session_state.get("shown")
    if found is None:
        example = example_of(config.space if config is not None else "nas-bench-201")
        found = (last or Shown(example, SHIPPED))._replace(answers=False)
    if last is None or last.result is not found.result:
        _look_afresh()
    st.session_state.shown = found
    return found


def study(config: SearchConfig, seeds: int) -> SeedStudy | None:
    """The study of this question's seeds, if it is known."""
    found = jobs().known(Question(_seedless(config), seeds))
    return found if isinstance(found, SeedStudy) else None


def start_study(config: SearchConfig, seeds: int) -> None:
    """Ask for a study of the seeds 0 to `seeds` - 1."""
    start(Question(_seedless(config), seeds), STUDYING)


def selected() -> Choice:
    """What is selected in the result on the page."""
    choice: Choice = st.session_state.get("selected", NOTHING)
    return choice


def select(choice: Choice) -> None:
    """Select `choice`; what is selected already is let go."""
    st.session_state.selected = NOTHING if choice == selected() else choice


def _best(config: SearchConfig) -> Shown | None:
    known = jobs().known(Question(config))
    if isinstance(known, SearchResult):
        own = job()
        fresh = own is not None and own.state == DONE and own.result is known and own.progress is not None
        return Shown(known, COMPUTED if fresh else CACHED)
    if config in shipped():
        return Shown(shipped()[config], SHIPPED)
    preview = jobs().known(Question(closed_form(config)))
    return Shown(preview, PREVIEW) if isinstance(preview, SearchResult) else None


def _ask_for_preview(config: SearchConfig) -> None:
    question = Question(closed_form(config))
    last = job(PREVIEWING)
    asked = last is not None and last.question == question
    if question.config != config and not asked and not any(each.question.config == config for each in active()):
        start(question, PREVIEWING)


def _seedless(config: SearchConfig) -> SearchConfig:
    return closed_form(config).model_copy(update={"seed": 0})


def _look_afresh() -> None:
    """Let go of the selection and the replay, which belong to another result."""
    st.session_state.selected = NOTHING
    for key in ("step", "playing", "replay"):
        st.session_state.pop(key, None)
