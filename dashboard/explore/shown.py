"""The result on the page Explore.

It is the best answer there is to the question of the controls: the search itself if it was computed or ships with the
project, else a preview in the closed form, which is asked for by itself; until there is one, the last result stays. A
run that a link opened comes before all of them, as long as the question is its own.
"""

from __future__ import annotations

from dashboard.explore.opened import close_run, opened_run
from dashboard.explore.state import ExploreState
from dashboard.parts.view import NO_SELECTION, Selection
from dashboard.server import limits, session
from dashboard.server.examples import example_of
from dashboard.server.jobs import FAILED
from dashboard.server.results import KEPT, SHIPPED, LastResult, ShownResult, best_result
from dashboard.server.state import set_widgets, state
from engine import SearchConfig
from engine.studies.seeds import closed_form

_LARGEST_PREVIEW = 40**2 * 21
"""The `limits.supernet_size` up to which a preview is made by itself: some seconds."""


def shown_result(config: SearchConfig | None) -> ShownResult:
    """Return the run that is open, or the best answer there is to `config`; a preview is asked for if there is none."""
    last, shown = state(LastResult).shown, _answer(config)
    if shown is None:
        example = example_of(config.space if config is not None else "nas-bench-201")
        shown = (last or ShownResult(example, SHIPPED))._replace(answers=False)
    if last is None or last.result is not shown.result:
        _reset_view(same_space=last is not None and last.result.space == shown.result.space)
    state(LastResult).shown = shown
    return shown


def _answer(config: SearchConfig | None) -> ShownResult | None:
    opened = opened_run(config)
    if opened is not None:
        return ShownResult(opened.result, KEPT)
    if config is None:
        return None
    answer = best_result(config)
    if answer is None:
        _ask_for_preview(config)
        answer = best_result(config)
    return answer


def start_search(config: SearchConfig) -> None:
    """Have a question searched; a run that is open is closed."""
    session.start(session.search_task(config))
    close_run()


def has_preview(config: SearchConfig) -> bool:
    """Return True where the closed form of `config` exists and is quick."""
    return closed_form(config).field == "interior" and limits.supernet_size(config) <= _LARGEST_PREVIEW


def _ask_for_preview(config: SearchConfig) -> None:
    task, last = session.preview_task(config), session.job(session.PREVIEWING)
    begun = last is not None and last.task == task and (last.active or last.state == FAILED)
    if has_preview(config) and not begun and not limits.refusal(task):
        session.start(task, session.PREVIEWING)


def _reset_view(same_space: bool) -> None:
    """Let go of the replay, which belongs to another result, and of the selection where there are other edges."""
    if not same_space:
        state(ExploreState).selection = NO_SELECTION
    state(ExploreState).playing = False
    set_widgets({"replay": False, "step": 0})


def selected() -> Selection:
    """Return the selection in the result on the page."""
    return state(ExploreState).selection


def toggle_selection(selection: Selection) -> None:
    """Select an operation or an edge; what is selected already is let go."""
    state(ExploreState).selection = NO_SELECTION if selection == selected() else selection
