"""The atlas on its page: the scatter, and the ways to choose an architecture in it, with and without a mouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import streamlit as st

from dashboard.atlas.architecture import architecture_view
from dashboard.atlas.charts import (
    Mark,
    Picture,
    beyond_sentence,
    front_sentence,
    missing_sentence,
    scatter,
    scatter_alt,
)
from dashboard.atlas.controls import Axes, axis_controls
from dashboard.atlas.files import rows_csv, rows_parquet
from dashboard.atlas.lasso import lasso_rows, lasso_view, point_row
from dashboard.atlas.marks import atlas_marks, row_of
from dashboard.atlas.quantities import ACCURACY, Quantity, RowIndices, RowMask, best_first
from dashboard.atlas.request import AtlasRequest
from dashboard.atlas.state import CHART, AtlasState, Viewpoint, viewpoint
from dashboard.atlas.thumbnails import Thumbnail, thumbnails
from dashboard.parts.chart import chart
from dashboard.parts.downloads import export_menu, file_button, file_stem
from dashboard.parts.links import keep_in_link
from dashboard.parts.text import plain
from dashboard.server.state import set_widgets, state, widget_value
from engine import parse_genotype
from engine.common.jsontext import MAX_TEXT
from engine.genotypes.population import Population
from engine.searches.result import SearchResult
from engine.tables.numbers import figure

_TOP = 20
"""The most architectures that stand as small pictures."""


@st.fragment
def atlas_view(
    request: AtlasRequest,
    population: Population,
    quantities: Mapping[str, Quantity],
    passing: RowMask,
    results: Sequence[SearchResult],
) -> None:
    """Draw the scatter beside the chosen architecture; a fragment, so that a click runs nothing else."""
    view = viewpoint(request, len(population))
    marks = atlas_marks(population, quantities, results, view.marked)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        axes, place = axis_controls(quantities)
        if view.chosen in (None, view.offered):
            first = best_first(quantities.get("flow", axes.y), passing & axes.x.finite & axes.y.finite)
            view.offer(int(first[0]) if len(first) else view.offered or 0)
        with place:
            picture = _scatter(axes, passing, marks, view)
        lasso_view(population, quantities, axes.y, view)
        st.caption(_picture_words(population.space.cell_noun, picture))
    keep_in_link("row", [] if view.chosen == view.offered else [str(view.chosen)])
    keep_in_link("mark", [str(row) for row in view.marked])
    order = best_first(axes.y, passing)
    with right:
        if view.chosen is not None:
            architecture_view(population.genotype(view.chosen), view.chosen, quantities, picture, view)
        _choice_controls(population, axes.y, order, marks, view)
    _first_view(population, axes.y, order, view)


def _scatter(axes: Axes, passing: RowMask, marks: tuple[Mark, ...], view: Viewpoint) -> Picture:
    x, y, colour, with_front = axes
    arrays = tuple(hash(array.tobytes()) for array in (x.values, y.values, colour.values, passing))
    content = (x.name, y.name, colour.name, with_front, marks, arrays)
    chosen = view.row_drawn_as_chosen(content)
    picture = Picture(x, y, colour, passing, marks, with_front, chosen, view.drawings)
    chart(
        scatter(picture),
        CHART,
        scatter_alt(picture),
        tools=("zoom2d", "lasso2d", "resetScale2d"),
        on_select=lambda: _adopt_selection(view),
        selection_mode=("points", "lasso"),
    )
    return picture


def _picture_words(cell: str, picture: Picture) -> str:
    drawn, total = int(picture.drawn.sum()), len(picture.passing)
    sentences = [
        f"{drawn:,} of {total:,} shown.",
        f"Click a point to see its {cell}; drag to zoom, double-click to see all; the lasso takes several.",
        front_sentence(picture),
        missing_sentence(picture),
        beyond_sentence(picture),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _adopt_selection(view: Viewpoint) -> None:
    """Choose the point that was clicked, or several; where the browser let go of one, draw it as chosen again."""
    selection = widget_value(CHART).selection
    points = selection.points
    if (rows := lasso_rows(selection)) is not None:
        view.encircle(rows)
    elif points and (row := point_row(points[0])) is not None:
        view.adopt(row)
    else:
        view.encircle([])


def _first_view(population: Population, y: Quantity, order: RowIndices, view: Viewpoint) -> None:
    """Draw the first architectures in `order`, which is by `y`, as small pictures."""
    first = [int(row) for row in order[:_TOP]]
    if not first:
        return
    st.markdown(f"##### The first {len(first)} by {plain(y.title)}")
    items = [
        Thumbnail(row, f"{place} · {_number_text(y, row)}", population.genotype(row))
        for place, row in enumerate(first, start=1)
    ]
    thumbnails(f"The first {len(first)} by {y.title}", items, view.chosen, view.choose)


def _number_text(quantity: Quantity, row: int) -> str:
    value = float(quantity.values[row])
    return figure(value, quantity.unit) if quantity.name == ACCURACY else f"{value:.5g}"


def rows_export(population: Population, quantities: Mapping[str, Quantity], passing: RowMask) -> None:
    """Draw the menu of all rows that pass the filters as files."""

    def draw() -> None:
        rows, stem = np.flatnonzero(passing), file_stem(population.space.name, "atlas")
        st.caption(f"{len(rows):,} of {len(passing):,} rows pass the filters." if len(rows) < len(passing) else "")
        file_button("All rows, CSV", partial(rows_csv, population, quantities, rows), f"{stem}.csv")
        file_button("All rows, Parquet", partial(rows_parquet, population, quantities, rows), f"{stem}.parquet")

    export_menu("rows export", draw)


def _choice_controls(
    population: Population, y: Quantity, order: RowIndices, marks: Sequence[Mark], view: Viewpoint
) -> None:
    """Draw the ways to choose by place, by mark and by notation."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _place_control(y, order, view)
        _mark_control(marks, view)
    st.text_input(
        "Notation",
        key="atlas notation",
        max_chars=MAX_TEXT,
        placeholder="or paste an architecture",
        label_visibility="collapsed",
        on_change=lambda: _adopt_notation(population, view),
    )
    if complaint := state(AtlasState).complaint:
        st.error(plain(complaint), icon=":material/error:")


def _place_control(y: Quantity, order: RowIndices, view: Viewpoint) -> None:
    places = np.flatnonzero(order == view.chosen) + 1
    set_widgets({"atlas place": int(places[0]) if len(places) else None})

    def adopt_place() -> None:
        place = widget_value("atlas place")
        if place and place <= len(order):
            view.choose(int(order[place - 1]))

    st.number_input(
        f"Place by {y.title}",
        1,
        max(1, len(order)),
        None,
        1,
        key="atlas place",
        on_change=adopt_place,
        width=150,
        help=f"1 is the best by {y.label} of those shown ({y.better} is better).",
    )


def _mark_control(marks: Sequence[Mark], view: Viewpoint) -> None:
    rows = {mark.label: mark.row for mark in marks}
    set_widgets({"atlas mark": next((label for label, row in rows.items() if row == view.chosen), None)})

    def adopt_mark() -> None:
        if (label := widget_value("atlas mark")) in rows:
            view.choose(rows[label])

    st.selectbox("Marked", list(rows), None, key="atlas mark", on_change=adopt_mark, placeholder="choose a mark")


def _adopt_notation(population: Population, view: Viewpoint) -> None:
    """Choose the architecture that was written, or keep a sentence on why not."""
    memory, text, space = state(AtlasState), widget_value("atlas notation"), population.space
    memory.complaint = ""
    if not text.strip():
        return
    try:
        row = row_of(population, parse_genotype(text, space))
        if row is None:
            raise ValueError(f"the sample does not hold this {space.title} architecture; the viewer shows any")
        view.choose(row)
    except ValueError as error:
        memory.complaint = f"Not found: {error}"
