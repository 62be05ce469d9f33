"""A result on the page Explore: what was found, its pictures, what it is worth and costs, and what to do next.

Every part has a place of its own, so that nothing moves between a preview, a search, its answer and its failure.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.explore.controls import Question
from dashboard.explore.details import details_view
from dashboard.explore.instrument import instrument
from dashboard.explore.picture import PictureLook
from dashboard.explore.prospects import cost_view, next_view, share_and_export, worth_view
from dashboard.explore.ranking import table_worth
from dashboard.explore.requests import explore_events
from dashboard.explore.state import OpenedRun
from dashboard.explore.status import overlay, status_view, unanswered
from dashboard.parts.genotype_finding import genotype_finding
from dashboard.parts.importance import importances
from dashboard.parts.text import plain
from dashboard.server.results import ShownResult
from dashboard.server.state import widget_value
from engine import SearchResult
from engine.proxies import get_proxy
from engine.studies.worth import Worth
from engine.studies.worth import worth as score_worth


def result_view(
    shown: ShownResult, question: Question, opened: OpenedRun | None, wait: Callable[[], None] | None = None
) -> None:
    """Draw everything about a result; `wait`, where a preview of the question is under way, draws how far it is."""
    result, worth = shown.result, _worth(shown, question)
    with st.container(horizontal=True, key="answer"):
        with st.container(key="found", gap="xsmall"):
            _title_line(shown, question, worth, wait is not None)
            status_view(shown, question, opened, wait)
            look, over = PictureLook(result, *_look()), overlay(shown, question, wait is not None)
            instrument(look, question.config, over, explore_events(look, question))
            _look_controls(result)
            details_view(shown, look)
        with st.container(key="rail", width=232, gap="small"):
            worth_view(worth, shown.answers)
            if shown.answers:
                cost_view(result)
            next_view(shown, question.config, worth)


def _worth(shown: ShownResult, question: Question) -> Worth:
    """Return the worth of an answer, or of the score that was asked for where there is none."""
    result, config = shown.result, question.config
    if not shown.answers and config is not None:
        return score_worth(config.space, config.proxy, config.data)
    return table_worth(result)


def _title_line(shown: ShownResult, question: Question, worth: Worth, estimating: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="title"):
        st.title(
            plain(genotype_finding(shown.result.genotype) if shown.answers else unanswered(question, estimating)),
            anchor=False,
        )
        if worth.weak:
            st.badge(worth.headline, icon=":material/warning:", color="orange")
        share_and_export(shown, question.config, worth)


def _look() -> tuple[str, bool]:
    """Return the number that the heatmap shows, and True where colours go by logarithms, as the controls below say."""
    return str(widget_value("measure") or "edge"), widget_value("scale") != "linear"


def _look_controls(result: SearchResult) -> None:
    options = importances(result.space, get_proxy(result.config.proxy).unit)
    with st.container(horizontal=True, vertical_alignment="center", key="look"):
        st.segmented_control(
            "Number in the fields",
            list(options),
            default="edge",
            required=True,
            key="measure",
            format_func=lambda key: options[key].title,
            label_visibility="collapsed",
            help="\n".join(f"- **{title}**: {unit}" for title, unit in options.values()),
        )
        st.segmented_control(
            "Colours", ["log", "linear"], default="log", required=True, key="scale", label_visibility="collapsed"
        )
