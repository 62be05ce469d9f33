"""The rail beside the pictures: what an answer is worth, what it costs, and what to do with it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard.explore.question_link import link_query
from dashboard.explore.ranking import ranking_button
from dashboard.explore.seeds import seeds_sentence
from dashboard.parts import downloads
from dashboard.parts.accuracy_table import table_query
from dashboard.parts.comparison import compare_button
from dashboard.parts.cost import cost_lines
from dashboard.parts.text import plain
from dashboard.server import limits, session
from dashboard.server.navigation import FIRST, PAGES, page_url
from dashboard.server.results import ShownResult
from dashboard.server.state import set_widgets
from engine import SearchConfig, SearchResult
from engine.genotypes.population import listable
from engine.searches.snippets import command_line, file_note, python_snippet
from engine.studies.seeds import DEFAULT_SEEDS, SeedStudy
from engine.studies.worth import BAR, Worth

_COLOURS = {"supported": "green", "weak": "orange", "nothing known": "gray"}
_BEYOND_RANKING = ("rounding", "collapse")
"""Causes of a verdict that a good ranking does not mend, so that its bar is not drawn."""


def worth_view(worth: Worth, answers: bool) -> None:
    """Draw the verdict on an answer, or on the score where there is none yet, with the figures that it rests on."""
    with st.container(border=True, gap="xsmall", key="worth"):
        st.markdown("**Worth**")
        strength = None if worth.cause in _BEYOND_RANKING else worth.strength
        bar = "" if strength is None else "■" * strength + "□" * (BAR - strength) + " "
        st.markdown(f"{bar}:{_COLOURS[worth.verdict]}[**{plain(worth.headline)}**]")
        accuracy = worth.accuracy if answers else ""
        for strong, basis in ((accuracy, worth.accuracy_basis), (worth.spearman, worth.basis)):
            if strong:
                st.markdown(f"{plain(strong)}  \n:small[{plain(basis)}]")


def cost_view(result: SearchResult) -> None:
    """Draw the cost of the network that was found, and of its limit."""
    with st.container(border=True, gap="xsmall", key="cost"):
        cost_lines(result.space, result.cost)
        if result.budget is not None:
            st.caption(plain(budget_words(result)))


def budget_words(result: SearchResult) -> str:
    """Return what a limit cost, in words."""
    budget = result.budget
    if budget is None:
        return ""
    lost = 100 * (budget.free_log_flow - budget.log_flow) / abs(budget.free_log_flow)
    best = f"The best of the {budget.within:,} {result.space.cell_noun}s that fit; " if budget.within else ""
    return f"{best}{'the' if best else 'The'} limit costs {lost:.2g} % of log-flow."


def next_view(shown: ShownResult, config: SearchConfig | None, worth: Worth) -> None:
    """Draw the questions that an answer leads to."""
    space = shown.result.space if config is None else config.search_space
    with st.container(border=True, gap="xsmall", key="next"):
        st.markdown("**What next**")
        if config is not None:
            _seeds_button(config)
        if isinstance(space.reference, str):
            among = f"Among all {space.architectures():,}" if listable(space) else "Among many others"
            _link("atlas", among, ":material/scatter_plot:", {"space": space.name})
            _link("compare", "Other recipes and scores", ":material/compare:", {"compare_space": space.name})
        if config is not None:
            ranking_button(config)
            compare_button([config], "add to comparison", "Add to comparison", disabled=not shown.answers)
        _link("evidence", "How good is this score?", ":material/fact_check:", {})
        if shown.answers:
            note = worth.sentence if worth.weak else ""
            downloads.training_button(shown.result.genotype, downloads.result_stem(shown.result), note)


def _seeds_button(config: SearchConfig) -> None:
    """Draw the button that repeats the search with other seeds, or in its place what came of it."""
    task = session.seeds_task(config, DEFAULT_SEEDS)
    if isinstance(study := session.known_answer(task), SeedStudy):
        st.markdown(f":material/casino: {plain(seeds_sentence(study))}")
        return
    refused = bool(limits.refusal(task)) or session.STUDYING in session.active_jobs()
    words = f"Repeats the search with {DEFAULT_SEEDS} seeds; the whole answer stands below."
    icon = ":material/casino:"
    if st.button("Does the seed matter?", "ask seeds", words, icon=icon, type="tertiary", disabled=refused):
        set_widgets({"seeds": True})
        session.start(task, session.STUDYING)
        st.rerun()


def _link(page: str, label: str, icon: str, query: dict[str, str]) -> None:
    st.page_link(PAGES[page].script, label=label, icon=icon, query_params={**query, **table_query()})


def share_and_export(shown: ShownResult, question: SearchConfig | None, worth: Worth) -> None:
    """Draw the ways out: a link to the question of the controls, and the files of its answer."""
    with st.container(horizontal=True, width="content", key="ways out"):
        share = st.popover("Share", icon=":material/link:", key="share", on_change="rerun", disabled=question is None)
        if share.open and question is not None:
            with share:
                _share(question)
        note = worth.sentence if worth.weak else ""
        missing = "" if shown.answers else "The question has no answer yet."
        downloads.export_menu("export", partial(downloads.result_buttons, shown.result, note), missing)


def _share(question: SearchConfig) -> None:
    if isinstance(question.space, str):
        st.caption("This link holds the whole question, and opens on its answer where that is known.")
        st.code(page_url(FIRST, {**link_query(question), **table_query()}), language=None, wrap_lines=True)
    else:
        st.caption("A link cannot hold a space of your own; the full result under Export holds it.")
    st.caption("This search in Python")
    st.code(python_snippet(question), language="python", wrap_lines=True)
    st.caption("… and on the command line")
    st.code(command_line(question), language="bash", wrap_lines=True)
    if note := file_note(question):
        st.caption(plain(note))
