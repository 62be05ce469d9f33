"""The searches that answer the questions of Compare, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st

from dashboard.parts.refusal import show_refusal
from dashboard.parts.text import plain
from dashboard.server import session
from dashboard.server.jobs import STOPPED
from dashboard.server.results import PREVIEW, best_result
from dashboard.server.state import state
from engine import SearchConfig, SearchResult
from engine.searches.search import SearchTask


@dataclass
class CompareState:
    """The state of the page Compare: True while the missing searches are run, and the errors of those that failed."""

    searching: bool = False
    failures: dict[SearchTask, str] = field(default_factory=dict)


def searched_result(config: SearchConfig) -> SearchResult | None:
    """Return the search that answers `config`, if it is known; a preview is none."""
    best = best_result(config)
    return best.result if best is not None and best.origin != PREVIEW else None


def search_missing(configs: Sequence[SearchConfig], labels: Sequence[str]) -> None:
    """Draw the button that has the questions without a result searched, go on with that, and tell of failures."""
    missing = [config for config in configs if searched_result(config) is None]
    if missing:
        _draw_button(missing, len(configs))
    _search_next(missing)
    if (last := session.job(session.COMPARING)) is not None and last.warning:
        st.warning(plain(f"A run was not kept: {last.warning}."), icon=":material/warning:")
    for task, error in state(CompareState).failures.items():
        if task.config in missing:
            st.error(plain(f"{labels[configs.index(task.config)]}: {error}"), icon=":material/error:")


def _draw_button(missing: Sequence[SearchConfig], count: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(f"Not searched yet: {len(missing)} of {count}.", width="stretch")
        disabled = session.COMPARING in session.active_jobs() or show_refusal(session.search_task(missing[0]))
        if st.button("Search them", icon=":material/search:", key="compare", disabled=disabled):
            compare = state(CompareState)
            compare.searching, compare.failures = True, {}
            session.start(session.search_task(missing[0]), session.COMPARING)
            st.rerun()


def _search_next(missing: Sequence[SearchConfig]) -> None:
    """Have the next question searched, where the button was pressed, here or on the page before, and nothing runs."""
    compare, current = state(CompareState), session.job(session.COMPARING)
    if current is not None and isinstance(current.task, SearchTask):
        compare.searching = current.active or (compare.searching and current.state != STOPPED)
        if current.error:
            compare.failures[current.task] = current.error
    left = [task for config in missing if (task := session.search_task(config)) not in compare.failures]
    if not left:
        compare.searching = False
    if compare.searching and session.COMPARING not in session.active_jobs():
        session.start(left[0], session.COMPARING)
