"""The controls of Compare: the questions to ask side by side, or the runs that a link names."""

from __future__ import annotations

import streamlit as st

from dashboard.compare.answers import compared_questions, run_labels
from dashboard.parts import links, space_picker
from dashboard.parts.comparison import MOST_COMPARED, comparison_complaint
from dashboard.parts.text import plain
from dashboard.server.run_store import RUN_PARAMETER, store
from engine import PROXIES, RECIPES, SearchConfig, SearchResult, explain
from engine.runs import StoreUnavailable
from engine.searches.config import default_questions

_SEEDS = range(100)
COMPARE_RULES = {
    "compare_space": space_picker.space_rule,
    "recipes": links.some_of(RECIPES),
    "proxies": links.some_of(PROXIES),
    "compare_seeds": links.some_of(map(str, _SEEDS)),
}
"""The rules of what a link may ask of this page."""


def comparison_controls() -> list[SearchConfig]:
    """Draw the controls and return the questions that they ask; none, with an error shown, if one is not valid."""
    links.mend_link("compare", links.checker(COMPARE_RULES), {"compare_space": space_picker.space_titles()})
    space = space_picker.choose_space("compare_space")
    taken = [question.recipe for question in default_questions(space)]
    recipes = st.multiselect("Recipes", taken, taken, key="recipes", bind="query-params")
    proxies = st.multiselect("Proxies", [*PROXIES], ["freeflow"], key="proxies", bind="query-params")
    seeds = st.multiselect("Seeds", _SEEDS, [0], key="compare_seeds", bind="query-params")
    st.caption(f"At most {MOST_COMPARED} questions; a proxy without the chosen recipes is asked by its own.")
    links.warn_of_link("compare", (space, recipes, proxies, seeds))
    try:
        return compared_questions(space, recipes, proxies, seeds)
    except ValueError as error:
        st.error(plain(explain(error)), icon=":material/error:")
        return []


def linked_run_ids() -> list[str]:
    """Return the ids of the runs that the link names, with a button that drops them for questions."""
    run_ids = st.query_params.get_all(RUN_PARAMETER)
    if run_ids and st.button("Ask questions instead", icon=":material/close:", key="compare questions"):
        del st.query_params[RUN_PARAMETER]
        st.rerun()
    return run_ids


def linked_results(run_ids: list[str]) -> dict[str, SearchResult]:
    """Return the results of these runs by their labels; none, with an error shown, if they cannot be compared."""
    try:
        runs = [store().get(run_id) for run_id in dict.fromkeys(run_ids)]
        if complaint := comparison_complaint(runs):
            raise ValueError(complaint.rstrip("."))
        results = [store().result(run.id) for run in runs]
        return dict(zip(run_labels(runs, results), results, strict=True))
    except (StoreUnavailable, ValueError) as error:
        st.error(plain(f"This link opens no runs: {error}."), icon=":material/link_off:")
        return {}
