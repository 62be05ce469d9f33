"""The searches that answer the questions of Compare, one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def search_missing(missing: Mapping[str, SearchConfig], count: int) -> None:
    """Draw the button that has questions without a result searched, go on with that, and tell of failures.

    `missing` holds these by their labels; they are among `count` answers.
    """
    if missing:
        _draw_button(missing, count)
    _search_next([*missing.values()])
    if (last := session.job(session.COMPARING)) is not None and last.warning:
        st.warning(plain(f"A run was not kept: {last.warning}."), icon=":material/warning:")
    failures = state(CompareState).failures
    for label, config in missing.items():
        if error := failures.get(session.search_task(config)):
            st.error(plain(f"{label}: {error}"), icon=":material/error:")


def _draw_button(missing: Mapping[str, SearchConfig], count: int) -> None:
    first = session.search_task(next(iter(missing.values())))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(plain(f"Not searched yet: {len(missing)} of {count} ({'; '.join(missing)})."), width="stretch")
        disabled = session.COMPARING in session.active_jobs() or show_refusal(first)
        if st.button("Search them", icon=":material/search:", key="compare", disabled=disabled):
            compare = state(CompareState)
            compare.searching, compare.failures = True, {}
            session.start(first, session.COMPARING)
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
