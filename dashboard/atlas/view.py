"""The atlas on its page: the scatter, and the ways to choose an architecture in it, with and without a mouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from dashboard.atlas.architecture import architecture_view, top_view
from dashboard.atlas.charts import Mark, Picture, front_sentence, missing_sentence, scatter, scatter_alt
from dashboard.atlas.controls import Axes
from dashboard.atlas.marks import atlas_marks, row_of
from dashboard.atlas.quantities import Quantity, RowIndices, RowMask, best_first
from dashboard.atlas.request import AtlasRequest
from dashboard.atlas.state import CHART, AtlasState, Viewpoint, keep_in_link, viewpoint
from dashboard.parts.cell import genotype_picture
from dashboard.parts.text import plain
from dashboard.server.state import set_widgets, state, widget_value
from engine import parse_genotype
from engine.common.jsontext import MAX_TEXT
from engine.genotypes.population import Population
from engine.searches.result import SearchResult


@st.fragment
def atlas_view(
    request: AtlasRequest,
    population: Population,
    quantities: Mapping[str, Quantity],
    axes: Axes,
    passing: RowMask,
    results: Sequence[SearchResult],
) -> None:
    """Draw the scatter beside the chosen architecture; a fragment, so that a click runs nothing else."""
    view = viewpoint(request, len(population))
    marks = atlas_marks(population, quantities, results, view.pins)
    if view.chosen is None and marks:
        drawn = passing & axes.x.finite & axes.y.finite
        view.offer(next((mark.row for mark in marks if drawn[mark.row]), marks[0].row))
    keep_in_link("row", [] if view.chosen == view.offered else [str(view.chosen)])
    keep_in_link("pin", [str(row) for row in view.pins])
    order = best_first(axes.y, passing)
    has_one_cell = len(population.space.cell_types) == 1
    left, right = st.columns([3, 2], gap="medium")
    with left:
        picture = _scatter(population.space.cell_noun, axes, passing, marks, view)
    with right:
        _choice_controls(population, axes.y, order, marks, view)
        if view.chosen is not None:
            architecture_view(population.genotype(view.chosen), view.chosen, quantities, picture, view)
            if has_one_cell:
                genotype_picture(population.genotype(view.chosen))
    if view.chosen is not None and not has_one_cell:
        genotype_picture(population.genotype(view.chosen))
    top_view(population, quantities, axes.y, order)


def _scatter(cell: str, axes: Axes, passing: RowMask, marks: tuple[Mark, ...], view: Viewpoint) -> Picture:
    x, y, colour, with_front = axes
    arrays = tuple(hash(array.tobytes()) for array in (x.values, y.values, colour.values, passing))
    content = (x.name, y.name, colour.name, with_front, marks, arrays)
    chosen = view.row_drawn_as_chosen(content)
    picture = Picture(x, y, colour, passing, marks, with_front, chosen, view.drawings)
    st.plotly_chart(
        scatter(picture),
        key=CHART,
        on_select=lambda: _adopt_click(view),
        selection_mode="points",
        config={"modeBarButtonsToRemove": ["pan2d", "autoScale2d", "toImage"]},
        alt=scatter_alt(picture),
    )
    st.caption(
        " ".join(
            [
                f"Click a point to see its {cell}; drag to zoom, double-click to see all again.",
                *([front_sentence(picture)] if axes.with_front else []),
                missing_sentence(picture),
            ]
        )
    )
    return picture


def _adopt_click(view: Viewpoint) -> None:
    """Choose the point that was clicked; where the browser let go of it, draw it as chosen again."""
    points = widget_value(CHART).selection.points
    if points and "customdata" in points[0]:
        view.adopt(int(_first(points[0]["customdata"])))
    else:
        view.redraw()


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) else value


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
