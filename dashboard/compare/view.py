"""Answers side by side: heatmaps and cells of one scale, costs, agreement edge by edge, the difference of two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import streamlit as st

from dashboard.compare.answers import DASH, agreement_rows, difference, shared_edges
from dashboard.parts import heatmap
from dashboard.parts.accuracy_table import TableColumn
from dashboard.parts.cell import selected_arrows, still_picture
from dashboard.parts.notices import explained_notice
from dashboard.parts.text import plain
from dashboard.parts.view import View, importances
from engine import SearchResult
from engine.exports.drawing import cell_title
from engine.genotypes.population import Population
from engine.searches.diagnostics import TIE
from engine.spaces import SearchSpace

_SIDE_BY_SIDE = 2


class _Look(NamedTuple):
    """The cell type, importance and scale of colours that all heatmaps show."""

    kind: str
    importance: str
    log: bool


def comparison_view(answers: Mapping[str, SearchResult], table: TableColumn | None) -> None:
    """Draw answers, of one space and by their labels, side by side, with the accuracies of the user's table."""
    space = next(iter(answers.values())).space
    if len(answers) > 1:
        _draw_headline(answers, space)
    look = _look_controls(space)
    _draw_heatmaps(answers, look)
    _draw_costs(answers, table)
    _draw_agreement(answers, look.kind)
    if len(answers) > 1:
        _draw_difference(answers, space)


def _draw_headline(answers: Mapping[str, SearchResult], space: SearchSpace) -> None:
    agreed, total = shared_edges([*answers.values()])
    st.markdown(
        f"**{len(answers)} answers agree on {agreed} of the {total} {space.edge_noun}s"
        + (" that any of them keeps.**" if space.kept_edges is not None else ".**")
    )


def _look_controls(space: SearchSpace) -> _Look:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = space.cell_types[0]
        if len(space.cell_types) > 1:
            kind = st.segmented_control(
                "Cell", space.cell_types, default=kind, required=True, key="compare_kind", format_func=cell_title
            )
        options = importances(space)
        importance = st.segmented_control(
            "Importance",
            [*options],
            default="edge",
            required=True,
            key="compare_measure",
            format_func=lambda key: options[key].title,
            help=f"Numbers of different proxies compare only as shares of their {space.edge_noun}.",
        )
        return _Look(kind, importance, st.toggle("Log colour", value=True, key="compare_log"))


def _draw_heatmaps(answers: Mapping[str, SearchResult], look: _Look) -> None:
    views = {label: View(result, *look) for label, result in answers.items()}
    power = max(view.exponent for view in views.values())
    views = {label: replace(view, power=power) for label, view in views.items()}
    ends = heatmap.value_range([*views.values()])
    pairs = [*views.items()]
    for row in range(0, len(pairs), _SIDE_BY_SIDE):
        places = range(row, min(row + _SIDE_BY_SIDE, len(pairs)))
        for column, place in zip(st.columns(_SIDE_BY_SIDE, gap="medium"), places, strict=False):
            with column:
                label, view = pairs[place]
                _draw_answer(label, replace(view, limits=ends), place)


def _draw_answer(label: str, view: View, place: int) -> None:
    st.markdown(f"**{plain(label)}**")
    for notice in view.result.notices:
        if notice.code != TIE:
            st.warning(explained_notice(notice), icon=":material/warning:")
    st.plotly_chart(
        heatmap.heatmap(view),
        key=f"compare heatmap {place}",
        config={"displayModeBar": False},
        alt=heatmap.heatmap_alt(view),
    )
    arrows = selected_arrows(view, everything=False)
    still_picture(view.result.space, view.kind, arrows, f"compare cell {place}")


def _draw_costs(answers: Mapping[str, SearchResult], table: TableColumn | None) -> None:
    st.markdown("##### Cost" + (f" and {table.column.quantity}" if table is not None else ""))
    sources = "Parameters and MACs at the evaluation size; seconds where each was computed."
    if table is not None:
        sources += f" {table.title}: {table.description}; empty where the table has none."
    st.caption(plain(sources))
    st.dataframe(cost_rows(answers, table), hide_index=True, alt="Cost of every answer")


def cost_rows(answers: Mapping[str, SearchResult], table: TableColumn | None) -> list[dict[str, Any]]:
    """Return a row for every answer: its costs, and its accuracy, or what else the table holds."""
    rows = [_cost_row(label, result) for label, result in answers.items()]
    if table is None:
        return rows
    space = next(iter(answers.values())).space
    accuracies = table.values(Population.of(space, [result.genotype for result in answers.values()]))
    return [row | {table.column.quantity: accuracy} for row, accuracy in zip(rows, accuracies, strict=True)]


def _cost_row(label: str, result: SearchResult) -> dict[str, Any]:
    return {
        "question": label,
        "parameters [M]": result.cost["params"] / 1e6,
        "MACs [M]": result.cost["macs"] / 1e6,
        "passes": len(result.passes),
        "seconds": result.timing["total"],
        "device": result.environment["device"],
        "warnings": ", ".join(dict.fromkeys(notice.code for notice in result.notices)) or "none",
    }


def _draw_agreement(answers: Mapping[str, SearchResult], kind: str) -> None:
    results = [*answers.values()]
    space = results[0].space
    st.markdown(f"##### {cell_title(kind)}: {space.edge_noun} by {space.edge_noun}")
    st.dataframe(
        agreement_rows(results, [*answers], kind),
        hide_index=True,
        alt=f"The operation on every {space.edge_noun}, for each answer",
    )
    if space.kept_edges is not None:
        st.caption(f"{DASH} stands for an edge that a genotype does not keep.")


def _draw_difference(answers: Mapping[str, SearchResult], space: SearchSpace) -> None:
    labels = [*answers]
    st.markdown("##### Difference of two")
    with st.container(horizontal=True):
        first = st.selectbox("First", labels, 0, key="compare_first")
        second = st.selectbox("Second", labels, 1, key="compare_second")
    for column, kind in zip(st.columns(len(space.cell_types)), space.cell_types, strict=True):
        with column:
            st.markdown(f"**{cell_title(kind)}**")
            still_picture(space, kind, difference(answers[first], answers[second], kind), f"differ {kind}")
    dashed = "; dashed: only the second keeps the edge" if space.kept_edges is not None else ""
    st.caption(f"Grey: both have it. Red: first | second{dashed}.")
