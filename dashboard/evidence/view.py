"""The evidence on a page: sentences, pictures, tables, what others published, and files to take away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dashboard.evidence import charts
from dashboard.evidence.words import evidence_provenance, findings
from dashboard.parts import accuracy_table, space_picker
from dashboard.parts.downloads import file_stem
from dashboard.parts.text import plain
from dashboard.server import limits
from dashboard.server.navigation import PAGES
from engine.spaces import SearchSpace
from engine.studies.evidence import Evidence, RecipeCells, Score
from engine.studies.published import published
from engine.studies.report import report_text
from engine.tables import MAX_TABLE_BYTES

_EXAMPLE = """arch,cifar10_test_accuracy_200ep
|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|,93.76
|skip_connect~0|+|none~0|nor_conv_1x1~1|+|avg_pool_3x3~0|none~1|nor_conv_3x3~2|,91.05
"""
_FILES = (
    ("All numbers, CSV", "csv", "csv", "text/csv"),
    ("Markdown", "markdown", "md", "text/markdown"),
    ("LaTeX", "latex", "tex", "text/x-tex"),
)


def empty_view() -> None:
    """Say what to bring, and in what form, where there is no table."""
    st.markdown(
        "Bring a table of accuracies, and this page weighs every score against it: how well flow, parameters, MACs and "
        "other proxies order the architectures, what choosing by them is worth beside random search, and how good the "
        "architectures are that searches find. **No table ships with the project, so nothing is measured yet.**"
    )
    st.markdown(
        "Choose one of the server, or upload a file, under *Accuracy table* on the left: a header, a column of "
        "genotypes in any notation, and columns of numbers. Accuracies, or errors, may be per cents or fractions. "
        "Their dataset, split and epochs are read from the names of column and file, and asked for where those do not "
        "say. Such as (numbers made up):"
    )
    st.code(_EXAMPLE, language=None, wrap_lines=True)
    most = limits.upload_megabytes(MAX_TABLE_BYTES // 10**6)
    st.caption(
        plain(f"Readable are {accuracy_table.readable_kinds()}; at most {most} MB as an upload.")
        + " The server offers the tables in the folder that `FREENAS_TABLES` names, and those after "
        "`streamlit run app.py -- --table FILE`."
    )


def numbers_view(evidence: Evidence) -> None:
    """Draw sentences, pictures and tables of what was measured."""
    st.caption(evidence_provenance(evidence))
    st.caption(plain(f"Reading the table: {' '.join(evidence.notes)}"))
    for paragraph in findings(evidence):
        st.markdown(paragraph)
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(f"**{_order_title(evidence)}**")
        _chart(charts.correlation_figure(evidence), charts.correlation_alt(evidence), "agreement")
    with right:
        st.markdown(f"**Choice: best {evidence.quantity} among the top k**")
        _chart(charts.curve_figure(evidence), charts.curve_alt(evidence), "curves")
    digits = "%.2f" if evidence.unit else "%.4g"
    st.dataframe(
        [_correlation_row(score, evidence) for score in evidence.scores],
        hide_index=True,
        column_config=_number_columns("%.3f", "Spearman", "Kendall")
        | _number_columns(digits, _with_unit(f"{evidence.quantity} of its first", evidence), "regret")
        | _number_columns("localized", "scored"),
        alt="Rank correlations, first choice and rank of the best of every score",
    )
    st.markdown("##### Better than random search?")
    st.caption(
        "Train the first k by a score, or k random architectures of the table: the expected best of either, the gain, "
        "and how many random trainings are expected to do as well."
    )
    st.dataframe(
        [row for score in evidence.scores for row in _gain_rows(score, evidence)],
        hide_index=True,
        column_config=_number_columns(digits.replace("%", "%+"), "gain")
        | _number_columns(digits, *(_with_unit(name, evidence) for name in ("best by score", "best at random")))
        | _number_columns("localized", "trainings", "random trainings for as much"),
        alt="Gain over random search at the same number of trainings",
    )
    st.page_link(
        PAGES["atlas"].script,
        label=f"Every architecture as a point, score against {evidence.quantity}: Atlas",
        icon=":material/scatter_plot:",
        query_params={"space": space_picker.space_label(evidence.space)},
    )


def published_view(spaces: Sequence[str | SearchSpace]) -> None:
    """Draw the results of others in these spaces, if there are any, apart from what was measured here."""
    tables = [table for space in spaces for table in published(space).tables()]
    if not tables:
        return
    st.markdown("##### Published by others")
    st.caption(
        "Figures from papers, each with its source; times in rounded seconds. **None of them was measured here**: "
        "other training, other machines, other numbers of runs."
    )
    for table in tables:
        with st.container(border=True):
            st.markdown(f"**{plain(table.title)}**")
            st.dataframe(
                [dict(zip(table.headers, row, strict=True)) for row in table.rows],
                hide_index=True,
                height="content",
                column_config={
                    "Method": st.column_config.TextColumn(width=150),
                    "How": st.column_config.TextColumn(width=260),
                    "Source": st.column_config.TextColumn(width=260),
                },
                alt=table.title,
            )


def evidence_exports(evidence: Evidence, cells: RecipeCells) -> None:
    """Draw the menu of everything as files."""
    menu = st.popover("Export", icon=":material/download:", key="evidence_export", on_change="rerun")
    if not menu.open:
        return
    stem = file_stem("evidence", evidence.search_space.name, f"seed{evidence.seed}")
    with menu:
        for label, form, suffix, mime in _FILES:
            _button(label, report_text(evidence, cells, form), f"{stem}.{suffix}", mime)
        _button("Evidence JSON", evidence.to_json(), f"{stem}.json", "application/json")


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


def _chart(figure: go.Figure, alt: str, key: str) -> None:
    st.plotly_chart(figure, config={"displayModeBar": False}, alt=alt, key=f"evidence {key}")


def _button(label: str, data: str, file_name: str, mime: str) -> None:
    st.download_button(
        label, data, file_name, mime, key=f"download {file_name}", on_click="ignore", icon=":material/download:"
    )


def _with_unit(name: str, evidence: Evidence) -> str:
    return f"{name} ({evidence.unit})" if evidence.unit else name


def _order_title(evidence: Evidence) -> str:
    """Return the title of the correlations: positive where a score ranks the best first, which is the lowest error."""
    return f"Order: rank correlation with the {evidence.quantity}{', the lowest first' * evidence.lower_is_better}"


def _correlation_row(score: Score, evidence: Evidence) -> dict[str, Any]:
    rank = score.rank_of_best
    ranks = f"{rank.best:,.0f}" + (f" to {rank.worst:,.0f}" if rank.worst > rank.best else "")
    return {
        "score": score.title + (" (from the table)" if score.from_table else ""),
        "Spearman": score.spearman.value,
        "95 % interval": f"{score.spearman.low:.3f} to {score.spearman.high:.3f}",
        "Kendall": score.kendall.value,
        "95 % interval ": f"{score.kendall.low:.3f} to {score.kendall.high:.3f}",
        _with_unit(f"{evidence.quantity} of its first", evidence): score.accuracy,
        "regret": score.regret,
        "rank of the best": ranks,
        "scored": score.architectures,
        "source": score.source,
    }


def _gain_rows(score: Score, evidence: Evidence) -> list[dict[str, Any]]:
    return [
        {
            "score": score.title + (" (from the table)" if score.from_table else ""),
            "trainings": pick.k,
            _with_unit("best by score", evidence): pick.best,
            _with_unit("best at random", evidence): evidence.at_random(pick),
            "gain": pick.gain,
            "random trainings for as much": pick.random_trainings,
        }
        for pick in score.picks
    ]


def _number_columns(format: str, *names: str) -> dict[str, Any]:
    return {name: st.column_config.NumberColumn(format=format) for name in names}
