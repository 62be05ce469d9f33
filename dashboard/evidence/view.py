"""The evidence on a page: the leaderboard, the selected score in words and pictures, and files to take away."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from dashboard.evidence import charts
from dashboard.evidence.leaderboard import board_columns, board_rows, ranked
from dashboard.evidence.state import EvidenceState
from dashboard.evidence.words import evidence_provenance, is_cost, score_name, score_paragraphs
from dashboard.parts import accuracy_table, space_picker
from dashboard.parts.chart import chart
from dashboard.parts.downloads import export_menu, file_button, file_stem
from dashboard.parts.table import TextColumn, text_table
from dashboard.parts.text import plain
from dashboard.server import limits
from dashboard.server.navigation import PAGES
from dashboard.server.state import state
from engine.studies.evidence import Evidence, Score
from engine.studies.found_cells import RecipeCells
from engine.studies.report import report_text
from engine.tables import MAX_TABLE_BYTES
from engine.tables.numbers import amount, figure

_EXAMPLE = """arch,cifar10_test_accuracy_200ep
|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|,93.76
|skip_connect~0|+|none~0|nor_conv_1x1~1|+|avg_pool_3x3~0|none~1|nor_conv_3x3~2|,91.05
"""
_FILES = (("All numbers, CSV", "csv", "csv"), ("Markdown", "markdown", "md"), ("LaTeX", "latex", "tex"))


def empty_view() -> None:
    """Say what a table would add, and in what form it is brought."""
    st.markdown(
        "**Bring a table** of accuracies, at the top of the page, and every score is weighed on it: how well flow, "
        "parameters, MACs and other proxies order the architectures, what choosing by them is worth beside random "
        "search, and how good the architectures are that searches find. No table ships with the project; below is what "
        "we measured on two."
    )
    with st.expander("The form of a table", icon=":material/table_chart:"):
        st.markdown(
            "A header, a column of genotypes in any notation, and columns of numbers. Accuracies, or errors, may be "
            "per cents or fractions. Their dataset, split and epochs are read from the names of column and file, and "
            "marked where those do not state them. Such as (numbers made up):"
        )
        st.code(_EXAMPLE, language=None, wrap_lines=True)
        most = limits.upload_megabytes(MAX_TABLE_BYTES // 10**6)
        st.caption(
            plain(f"Readable are {accuracy_table.readable_kinds()}; at most {most} MB as an upload.")
            + " The server offers the tables in the folder that `FREENAS_TABLES` names, and those after "
            "`streamlit run app.py -- --table FILE`."
        )


def leaderboard_view(evidence: Evidence, pending: Sequence[str]) -> None:
    """Draw the leaderboard, and the selected score below it; `pending` are the titles of scores to come."""
    scores, memory = ranked(evidence.scores), state(EvidenceState)
    score = selected_score(evidence, memory.selected)

    def select(place: int) -> None:
        memory.selected = (scores[place] if place < len(scores) else score).name

    text_table(
        "Scores, the best ranking first",
        board_columns(evidence),
        board_rows(evidence, pending),
        "leaderboard",
        scores.index(score),
        select,
    )
    _score_view(score, evidence)
    with st.expander("How this was measured", icon=":material/science:"):
        st.markdown(evidence_provenance(evidence))
        st.markdown(plain(f"Reading the table: {' '.join(evidence.notes)}"))
        for other in evidence.scores:
            st.markdown(f"- **{score_name(other)}**: {plain(f'{other.summary}; {other.source}.')}")


def selected_score(evidence: Evidence, name: str) -> Score:
    """Return the score of this name; else the first that is no baseline, or the first of all."""
    named = (score for score in evidence.scores if score.name == name)
    others = (score for score in evidence.scores if not is_cost(score))
    return next(named, next(others, evidence.scores[0]))


def _score_view(score: Score, evidence: Evidence) -> None:
    """Draw what is to be said of one score, beside the picture of choosing by it."""
    words, picture = st.columns([2, 3], gap="medium")
    with words:
        st.markdown(f"**{score_name(score)}**")
        for paragraph in score_paragraphs(score, evidence):
            st.markdown(paragraph)
        st.page_link(
            PAGES["atlas"].script,
            label="Every architecture on the Atlas",
            icon=":material/scatter_plot:",
            query_params={"space": space_picker.space_label(evidence.space)} | accuracy_table.table_query(),
        )
    with picture:
        st.markdown(f"**Choice: best {evidence.quantity} among the first k**")
        chart(charts.curve_figure(evidence, score.name), "evidence curves", charts.curve_alt(evidence))
        text_table(
            f"{score.title} beside random search, at the same number of trainings",
            [
                TextColumn("Trained"),
                *(TextColumn(title, number=True) for title in ("Best by score", "Best at random", "Gain")),
                TextColumn("Random trainings for as much", number=True),
            ],
            gain_rows(score, evidence),
            "gains",
        )


def gain_rows(score: Score, evidence: Evidence) -> list[list[str]]:
    """Return what training the first few by a score is worth beside as many random trainings."""
    return [
        [
            "the first" if pick.k == 1 else f"the first {pick.k:,}",
            amount(pick.best, evidence.unit),
            amount(evidence.at_random(pick), evidence.unit),
            f"{'-' if pick.gain < 0 else '+'}{figure(abs(pick.gain), evidence.unit)}",
            f"{pick.random_trainings:,.0f}",
        ]
        for pick in score.picks
    ]


def evidence_exports(evidence: Evidence, cells: RecipeCells) -> None:
    """Draw the menu of everything as files."""

    def draw() -> None:
        stem = file_stem("evidence", evidence.search_space.name, f"seed{evidence.seed}")
        for label, form, suffix in _FILES:
            file_button(label, partial(report_text, evidence, cells, form), f"{stem}.{suffix}")
        file_button("Evidence JSON", evidence.to_json, f"{stem}.json")

    export_menu("evidence_export", draw)


def paste_view(evidence: Evidence, cells: RecipeCells) -> None:
    """Draw the tables as text to copy."""
    with st.expander(
        "Tables to paste", icon=":material/content_copy:", on_change="rerun", key="evidence_text"
    ) as section:
        if section.open:
            form = st.segmented_control(
                "Form", ["markdown", "latex", "text"], default="markdown", required=True, key="evidence_form"
            )
            st.code(report_text(evidence, cells, form), language=None, wrap_lines=True)
