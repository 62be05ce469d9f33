"""The result on the page Explore.

It is the best answer there is to the question of the controls: the search itself if it was computed or ships with the
project, else a preview in the closed form, which is asked for by itself after a moment without another question; until
there is one, the last result stays. A run that a link opened comes before all of them, as long as the question is its
own.
"""

from __future__ import annotations

import time

from dashboard.explore.opened import close_run, opened_run
from dashboard.explore.state import ExploreState
from dashboard.server import limits, session
from dashboard.server.examples import example_of
from dashboard.server.jobs import STOPPED, Job
from dashboard.server.results import KEPT, SHIPPED, LastResult, ShownResult, best_result
from dashboard.server.state import state
from engine import SearchConfig
from engine.searches.search import SearchTask
from engine.studies.seeds import closed_form

_LARGEST_PREVIEW = 40**2 * 21
"""The `limits.supernet_size` up to which a preview is made by itself: some seconds."""
QUIET = 0.3
"""Seconds without another question after which a preview is asked for."""


def shown_result(config: SearchConfig | None) -> ShownResult:
    """Return the run that is open, or the best answer there is to `config`, or else the last result."""
    last, shown = state(LastResult).shown, _answer(config)
    if shown is None:
        example = example_of(config.space if config is not None else "nas-bench-201")
        shown = (last or ShownResult(example, SHIPPED))._replace(answers=False)
    state(LastResult).shown = shown
    return shown


def _answer(config: SearchConfig | None) -> ShownResult | None:
    opened = opened_run(config)
    if opened is not None:
        return ShownResult(opened.result, KEPT)
    return best_result(config) if config is not None else None


def start_search(config: SearchConfig) -> None:
    """Have a question searched; a run that is open is closed."""
    session.start(session.search_task(config))
    close_run()


def has_preview(config: SearchConfig) -> bool:
    """Return True where the closed form of `config` exists and is quick."""
    return closed_form(config).field == "interior" and limits.supernet_size(config) <= _LARGEST_PREVIEW


def awaited_preview(config: SearchConfig) -> SearchTask | None:
    """Return the preview that the page waits for, where `config` has one that was not stopped and nothing answers it.

    It is due at once in a session that has looked at nothing before, else after `QUIET` seconds.
    """
    explore, task = state(ExploreState), session.preview_task(config)
    refused = not has_preview(config) or limits.refusal(task) or session.failure(session.PREVIEWING, task)
    answered = opened_run(config) is not None or best_result(config) is not None
    if refused or answered or session.was_stopped(session.PREVIEWING, task):
        return None
    if explore.awaited != task:
        explore.awaited = task
        explore.preview_due = time.monotonic() + (0 if state(LastResult).shown is None else QUIET)
    return task


def begin_preview(task: SearchTask) -> Job | None:
    """Return the job of a preview that the page waits for, None while it is not due, and once the page stopped it."""
    last = session.unwatched_jobs().get(session.PREVIEWING)
    if last is not None and last.task == task and last.state != STOPPED:
        return last
    if time.monotonic() < state(ExploreState).preview_due or session.was_stopped(session.PREVIEWING, task):
        return None
    if last is not None:
        session.mark_seen(session.PREVIEWING, last)
    session.start(task, session.PREVIEWING)
    return session.job(session.PREVIEWING)
