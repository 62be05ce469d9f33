"""The atlas on its page: the scatter, the architecture that is chosen in it, ways to choose without a mouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import streamlit as st

from dashboard.atlas import charts
from dashboard.atlas.charts import Mark, Picture
from dashboard.atlas.controls import Axes, Question, keep_in_link
from dashboard.atlas.marks import marks, row_of
from dashboard.atlas.quantities import Mask, Quantity, Rank, Rows, best_first, rank
from dashboard.parts import downloads
from dashboard.parts.cell import genotype_picture
from dashboard.parts.links import genotype_text
from dashboard.parts.text import plain
from engine import parse_genotype
from engine.genotypes.genotype import MAX_TEXT, Genotype
from engine.genotypes.population import Population
from engine.searches.result import SearchResult

CHART = "atlas chart"
_TOP = 20
_VIEWER = "dashboard/pages/viewer.py"


@dataclass
class Looking:
    """What a session looks at in one population: the chosen row, the pinned rows, and how the picture was last drawn.

    `offered` is the row that the page chose by itself, which stays out of the address bar.
    A click chooses in the browser, which then shows it; the picture is drawn again (and loses its zoom) only where a
    row was chosen otherwise, or something else in it changed.
    """

    chosen: int | None = None
    offered: int | None = None
    pins: list[int] = field(default_factory=list)
    drawings: int = 0
    drawn: tuple[object, int | None] | None = None

    def choose(self, row: int) -> None:
        """Choose a row, and have it drawn as chosen."""
        self.adopt(row)
        self.redraw()

    def adopt(self, row: int) -> None:
        """Choose a row that the browser shows as chosen."""
        self.chosen, self.offered = row, None

    def redraw(self) -> None:
        """Have the picture drawn afresh."""
        self.drawings += 1

    def pin(self, row: int) -> None:
        """Pin a row, or let go of it."""
        self.pins = [each for each in self.pins if each != row] if row in self.pins else [*self.pins, row]

    def as_drawn(self, content: object) -> int | None:
        """The row to draw as chosen in a picture of `content`: that of the last drawing while it still stands."""
        content = (content, self.drawings)
        if self.drawn is None or self.drawn[0] != content or CHART not in st.session_state:
            self.drawn = (content, self.chosen)
        return self.drawn[1]


def looking(question: Question, size: int) -> Looking:
    """What this session looks at in the population of `question`, at first what its link says."""
    kept: dict[object, Looking] = st.session_state.setdefault("atlas looking", {})
    if question.population not in kept:
        first = not kept
        kept[question.population] = Looking(
            chosen=next(iter(_rows_in_link("row", size) if first else []), None),
            pins=_rows_in_link("pin", size) if first else [],
        )
    found = kept[question.population]
    found.pins = [row for row in found.pins if row < size]
    found.chosen = found.chosen if found.chosen is None or found.chosen < size else None
    return found


def _rows_in_link(name: str, size: int) -> list[int]:
    texts = st.query_params.get_all(name)
    rows = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 8]
    return list(dict.fromkeys(row for row in rows if row < size))


@st.fragment
def atlas_view(
    question: Question,
    population: Population,
    there: Mapping[str, Quantity],
    axes: Axes,
    passing: Mask,
    results: Sequence[SearchResult],
) -> None:
    """The scatter beside the chosen architecture; a fragment, so that a click runs nothing else."""
    state = looking(question, len(population))
    marked = marks(population, there, results, state.pins)
    if state.chosen is None and marked:
        drawn = passing & axes.x.there & axes.y.there
        state.offered = next((mark.row for mark in marked if drawn[mark.row]), marked[0].row)
        state.chosen = state.offered
    keep_in_link("row", [] if state.chosen == state.offered else [str(state.chosen)])
    keep_in_link("pin", [str(row) for row in state.pins])
    order = best_first(axes.y, passing)
    beside = len(population.space.cell_types) == 1
    left, right = st.columns([3, 2], gap="medium")
    with left:
        picture = _scatter(population.space.cell_noun, axes, passing, marked, state)
    with right:
        _pick(population, axes.y, order, marked, state)
        if state.chosen is not None:
            _chosen(question, population, there, picture, state, beside)
    if state.chosen is not None and not beside:
        genotype_picture(population.genotype(state.chosen))
    _top(population, there, axes.y, order)


def _scatter(cell: str, axes: Axes, passing: Mask, marked: tuple[Mark, ...], state: Looking) -> Picture:
    x, y, colour, with_front = axes
    arrays = tuple(hash(array.tobytes()) for array in (x.values, y.values, colour.values, passing))
    content = (x.name, y.name, colour.name, with_front, marked, arrays)
    picture = Picture(x, y, colour, passing, marked, with_front, state.as_drawn(content), state.drawings)
    st.plotly_chart(
        charts.scatter(picture),
        key=CHART,
        on_select=lambda: _adopt_click(state),
        selection_mode="points",
        config={"modeBarButtonsToRemove": ["pan2d", "autoScale2d", "toImage"]},
        alt=charts.alt(picture),
    )
    st.caption(
        " ".join(
            [
                f"Click a point to see its {cell}; drag to zoom, double-click to see all again.",
                *([charts.front_words(picture)] if axes.with_front else []),
                charts.missing_words(picture),
            ]
        )
    )
    return picture


def _adopt_click(state: Looking) -> None:
    """Choose the point that was clicked; where the browser let go of it, draw it as chosen again."""
    points = st.session_state[CHART].selection.points
    if points and "customdata" in points[0]:
        state.adopt(int(_first(points[0]["customdata"])))
    else:
        state.redraw()


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) else value


def _pick(population: Population, y: Quantity, order: Rows, marked: Sequence[Mark], state: Looking) -> None:
    """Choose by place, by mark or by notation."""
    place = np.flatnonzero(order == state.chosen) + 1
    st.session_state["atlas place"] = int(place[0]) if len(place) else None
    st.session_state["atlas mark"] = next((mark.label for mark in marked if mark.row == state.chosen), None)
    rows = {mark.label: mark.row for mark in marked}

    def adopt_place() -> None:
        place = st.session_state["atlas place"]
        if place and place <= len(order):
            state.choose(int(order[place - 1]))

    def adopt_mark() -> None:
        if st.session_state["atlas mark"] in rows:
            state.choose(rows[st.session_state["atlas mark"]])

    with st.container(horizontal=True, vertical_alignment="bottom"):
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
        st.selectbox("Marked", list(rows), None, key="atlas mark", on_change=adopt_mark, placeholder="choose a mark")
    st.text_input(
        "Notation",
        key="atlas notation",
        max_chars=MAX_TEXT,
        placeholder="or paste an architecture",
        label_visibility="collapsed",
        on_change=lambda: _adopt_notation(population, state),
    )
    if complaint := st.session_state.get("atlas complaint"):
        st.error(plain(complaint), icon=":material/error:")


def _adopt_notation(population: Population, state: Looking) -> None:
    """Choose the architecture that was written, or keep a sentence on why not."""
    text, described = st.session_state["atlas notation"], population.space
    st.session_state["atlas complaint"] = ""
    if not text.strip():
        return
    try:
        row = row_of(population, parse_genotype(text, described))
        if row is None:
            raise ValueError(f"the sample does not hold this {described.title} architecture; the viewer shows any")
        state.choose(row)
    except ValueError as error:
        st.session_state["atlas complaint"] = f"Not found: {error}"


def _chosen(
    question: Question,
    population: Population,
    there: Mapping[str, Quantity],
    picture: Picture,
    state: Looking,
    drawn_here: bool,
) -> None:
    """The chosen architecture: its numbers and ranks, what can be done with it, its picture if there is room."""
    row = state.chosen
    assert row is not None
    genotype = population.genotype(row)
    st.code(genotype.notation, language=None, wrap_lines=True)
    st.markdown(_numbers(there, row))
    st.caption(
        f"{_place_words(picture, row)} Rank 1 is the least of a cost, the most of all else; a range of ranks is shared."
    )
    with st.container(horizontal=True):
        pinned = row in state.pins
        if st.button("Open in the viewer", icon=":material/account_tree:", key="atlas open"):
            st.switch_page(_VIEWER, query_params={"genotype": genotype_text(genotype)})
        st.button(
            "Unpin" if pinned else "Pin",
            icon=":material/keep_off:" if pinned else ":material/keep:",
            key="atlas pin",
            on_click=state.pin,
            args=[row],
            help="A pinned architecture stays marked, and stands in the link.",
        )
        _export(genotype, f"freenas-{genotype.space_name}-{row}")
    if drawn_here:
        genotype_picture(genotype)


def _place_words(picture: Picture, row: int) -> str:
    """Where the chosen architecture is in the picture."""
    if not picture.passing[row]:
        return ":material/filter_alt: The filters leave this one out."
    if not picture.drawn[row]:
        return ":material/visibility_off: It has no place in the picture."
    together = picture.drawn & (picture.x.values == picture.x.values[row]) & (picture.y.values == picture.y.values[row])
    others = int(together.sum()) - 1
    return f"{others:,} other{'s' if others > 1 else ''} at the same point." if others else ""


def _export(genotype: Genotype, name: str) -> None:
    export = st.popover("Export", icon=":material/download:", key="atlas export", on_change="rerun")
    if export.open:
        with export:
            downloads.genotype_buttons(genotype, name)


def _numbers(there: Mapping[str, Quantity], row: int) -> str:
    """A table in Markdown: every number of an architecture, and its rank."""
    lines = ["| | value | rank |", "| --- | ---: | ---: |"]
    for quantity in there.values():
        place = rank(quantity, row)
        value = "none" if place is None else f"{quantity.values[row]:.5g}".replace("-inf", "−∞")
        lines.append(f"| {quantity.label} | {value} | {_rank_words(place)} |")
    return "\n".join(lines)


def _rank_words(place: Rank | None) -> str:
    if place is None:
        return ""
    shared = f"–{place.place + place.equal:,}" if place.equal else ""
    return f"{place.place:,}{shared} of {place.of:,}"


def _top(population: Population, there: Mapping[str, Quantity], y: Quantity, order: Rows) -> None:
    title = f"The first {min(_TOP, len(order))} by {y.title}"
    with st.expander(title, icon=":material/table:", on_change="rerun", key="atlas top") as table:
        if table.open:
            st.dataframe(
                [
                    {"place": place, "architecture": population.genotype(int(row)).notation}
                    | {each.label: float(each.values[row]) for each in there.values()}
                    for place, row in enumerate(order[:_TOP], start=1)
                ],
                hide_index=True,
                column_config={each.label: st.column_config.NumberColumn(format="%.5g") for each in there.values()},
                alt=f"The first architectures by {y.title}, of those shown",
            )
