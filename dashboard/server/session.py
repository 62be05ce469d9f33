"""What a session holds: its jobs, the result on the page, what is selected in it.

The page shows the best answer there is to the question that the controls ask: the search itself if it was computed or
ships with the project, else a preview in the closed form, which is asked for by itself; until there is one, what was
shown before stays. A run that a link opened comes before all of them, as long as the question is its own.
"""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from dashboard.parts.heatmap import NOTHING, Choice
from dashboard.server import limits, run_store
from dashboard.server.browser import browser
from dashboard.server.examples import example_of, shipped
from dashboard.server.jobs import DONE, FAILED, Answers, Job, Jobs
from engine import SearchConfig, SearchResult
from engine.common.tasks import Answer, Task
from engine.searches.search import SearchTask
from engine.studies.seeds import SeedsTask, closed_form

SHIPPED, COMPUTED, CACHED, PREVIEW, KEPT = "shipped", "computed", "cached", "preview", "kept"
SEARCHING, PREVIEWING, STUDYING = "search", "preview", "study"
CHARTING, READING, WEIGHING, COMPARING = "atlas", "table", "evidence", "comparison"
_LONG = {SEARCHING, STUDYING, WEIGHING, COMPARING}
_ROLES = (SEARCHING, PREVIEWING, STUDYING, CHARTING, READING, WEIGHING, COMPARING)
"""The jobs that a session can have, one of each; those that take long have a worker of their own."""

_LARGEST_PREVIEW = 40**2 * 21
"""Square of the channels times the cells up to which a preview is made by itself: some seconds."""


class Shown(NamedTuple):
    """The result on the page, where it comes from, and whether it answers the question that the controls ask."""

    result: SearchResult
    origin: str
    answers: bool = True


@st.cache_resource(show_spinner=False)
def answers() -> Answers:
    """What was computed on this server."""
    return Answers()


@st.cache_resource(show_spinner=False)
def jobs(searching: bool = True, device: str | None = None) -> Jobs:
    """A worker: one for what takes its time, another for what answers at once, both warm from the first visit on.

    One that is asked for with a device is for the work on this device alone, beside the one that `auto` means.
    """
    return Jobs(answers(), run_store.keep if searching else None)


def _jobs_for(role: str, task: Task) -> Jobs:
    main = jobs(role in _LONG)
    config = getattr(task, "config", None)
    device = config.device if isinstance(config, SearchConfig) else getattr(task, "device", "auto")
    device = f"{device}:0" if device == "cuda" else device
    return jobs(role in _LONG, device) if device in main.devices[1:] else main


def job(role: str = SEARCHING) -> Job | None:
    """This session's last job in a role."""
    found: Job | None = st.session_state.get(f"{role} job")
    return found


def active() -> dict[str, Job]:
    """This session's jobs that are still to end, by role."""
    found = {role: job(role) for role in _ROLES}
    return {role: each for role, each in found.items() if each is not None and each.active}


def unwatched() -> dict[str, Job]:
    """This session's jobs whose end the page has not seen yet, by role; one may end while the page is drawn."""
    found = {role: job(role) for role in _ROLES}
    return {
        role: each
        for role, each in found.items()
        if each is not None and st.session_state.get(f"{role} seen to end") is not each
    }


def see_end(role: str, ended: Job) -> None:
    """Remember that the page has seen a job end."""
    _keep_known(role, ended)
    st.session_state[f"{role} seen to end"] = ended


def waiting(role: str, current: Job) -> tuple[int, float | None]:
    """How many jobs are before this one, and the seconds they will take, if that is known."""
    return _jobs_for(role, current.task).ahead(current)


def warm(role: str, current: Job) -> bool:
    """Whether the worker of a job has started."""
    return _jobs_for(role, current.task).warm.is_set()


def start(task: Task, role: str = SEARCHING) -> None:
    """Put a task to the worker of a role; the session's job in that role is ended."""
    stop(role)
    begun = _jobs_for(role, task).submit(task, browser())
    _keep_known(role, begun)
    if role == SEARCHING:
        run_store.close()
    st.session_state[f"{role} job"] = begun


def _keep_known(role: str, ended: Job) -> None:
    """Keep what was searched for and known already, from a preview, as a run; what is a run is left as it is."""
    if role in _LONG and ended.state == DONE and not ended.began:
        ended.warning = run_store.kept_or_why(ended.task, ended.result)


def stop(role: str = SEARCHING) -> None:
    """End this session's job in a role; what is on the page stays."""
    if (current := job(role)) is not None:
        _jobs_for(role, current.task).stop(current)


def search_of(config: SearchConfig) -> SearchTask:
    """The search that answers a question."""
    return SearchTask(config=config)


def preview_of(config: SearchConfig) -> SearchTask:
    """The preview of a question."""
    return SearchTask(config=closed_form(config))


def study_of(config: SearchConfig, seeds: int) -> SeedsTask:
    """The study of a question under the seeds 0 to `seeds` - 1."""
    return SeedsTask(config=closed_form(config).model_copy(update={"seed": 0}), seeds=seeds)


def failure(role: str, task: Task) -> str:
    """Why this session's last job in a role, if it was `task`, ended without an answer; else nothing."""
    current = job(role)
    return current.error if current is not None and current.state == FAILED and current.task == task else ""


def warning(role: str, task: Task) -> str:
    """What went wrong beside this session's last job in a role, if it was `task`; else nothing."""
    current = job(role)
    return current.warning if current is not None and current.task == task else ""


def shown(config: SearchConfig | None) -> Shown:
    """The run that is open, or the best answer there is to `config`; asks for a preview where there is none."""
    opened = run_store.opened(config)
    found = Shown(opened.result, KEPT) if opened is not None else None
    if found is None and config is not None:
        found = best(config)
    if found is None and config is not None:
        _adopt_orphan(config)
        _ask_for_preview(config)
        found = best(config)
    last: Shown | None = st.session_state.get("shown")
    if found is None:
        example = example_of(config.space if config is not None else "nas-bench-201")
        found = (last or Shown(example, SHIPPED))._replace(answers=False)
    if last is None or last.result is not found.result:
        _look_afresh(same_space=last is not None and last.result.space == found.result.space)
    st.session_state.shown = found
    return found


def known(task: Task) -> Answer | None:
    """The answer to a task, if it is known."""
    return answers().get(task)


def selected() -> Choice:
    """What is selected in the result on the page."""
    choice: Choice = st.session_state.get("selected", NOTHING)
    return choice


def select(choice: Choice) -> None:
    """Select `choice`; what is selected already is let go."""
    st.session_state.selected = NOTHING if choice == selected() else choice


def best(config: SearchConfig) -> Shown | None:
    """The best answer to `config` that is known: the search itself, or else its preview."""
    found = known(search_of(config))
    if isinstance(found, SearchResult):
        own = job()
        fresh = own is not None and own.state == DONE and own.result is found and own.progress is not None
        return Shown(found, COMPUTED if fresh else CACHED)
    if config in shipped():
        return Shown(shipped()[config], SHIPPED)
    preview = known(preview_of(config))
    return Shown(preview, PREVIEW) if isinstance(preview, SearchResult) else None


def previewable(config: SearchConfig) -> bool:
    """Whether the closed form of `config` is there, and quick."""
    size = config.channels**2 * len(config.search_space.plan(config.size).cells)
    return closed_form(config).field == "interior" and size <= _LARGEST_PREVIEW


def _ask_for_preview(config: SearchConfig) -> None:
    task, last = preview_of(config), job(PREVIEWING)
    asked = last is not None and last.task == task and (last.active or last.state == FAILED)
    if previewable(config) and not asked and not limits.check(task):
        start(task, PREVIEWING)


def _adopt_orphan(config: SearchConfig) -> None:
    """Take over a search for `config` whose page was loaded again."""
    task = search_of(config)
    if SEARCHING not in active() and (found := _jobs_for(SEARCHING, task).orphan(task)) is not None:
        st.session_state[f"{SEARCHING} job"] = found


def _look_afresh(same_space: bool) -> None:
    """Let go of the replay, which belongs to another result, and of the selection where there are other edges."""
    if not same_space:
        st.session_state.selected = NOTHING
    st.session_state.update(replay=False, playing=False, step=0)
