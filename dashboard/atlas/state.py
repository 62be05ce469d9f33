"""The memory of a session for atlases: the last one shown, the viewpoint in each population, the filters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import streamlit as st

from dashboard.atlas.quantities import SliderSpan
from dashboard.atlas.request import AtlasRequest, PopulationKey
from dashboard.server.examples import example_of
from dashboard.server.results import LastResult
from dashboard.server.state import state, widget_value
from engine.searches.result import SearchResult
from engine.spaces import OwnSpace
from engine.studies.atlas import Atlas
from engine.tables.task import TableTask

CHART = "atlas chart"
"""The key of the scatter."""


@dataclass
class Viewpoint:
    """The view of one population: the chosen row, the marked rows, and how the picture was last drawn.

    `offered` is the row that the page chose by itself, which stays out of the address bar. `encircled` are the rows in
    the last lasso.
    A click chooses in the browser, which then shows it; the picture is drawn again (and loses its zoom) only where a
    row was chosen otherwise, or something else in it changed.
    """

    chosen: int | None = None
    offered: int | None = None
    marked: list[int] = field(default_factory=list)
    encircled: list[int] = field(default_factory=list)
    drawings: int = 0
    drawn: tuple[object, int | None] | None = None

    def choose(self, row: int) -> None:
        """Choose a row, and have it drawn as chosen."""
        self.adopt(row)
        self.redraw()

    def adopt(self, row: int) -> None:
        """Choose a row that the browser shows as chosen."""
        self.chosen, self.offered = row, None

    def offer(self, row: int) -> None:
        """Choose a row that nobody asked for."""
        self.chosen = self.offered = row

    def redraw(self) -> None:
        """Have the picture drawn afresh."""
        self.drawings += 1

    def mark(self, row: int) -> None:
        """Mark a row, or let go of it."""
        others = [other for other in self.marked if other != row]
        self.marked = others if row in self.marked else [*others, row]

    def encircle(self, rows: list[int]) -> None:
        """Keep the rows in a lasso, which the browser shows; or have the picture drawn without any."""
        self.encircled = rows
        if not rows:
            self.redraw()

    def row_drawn_as_chosen(self, content: object) -> int | None:
        """Return the row to draw as chosen in a picture of `content`: that of the last drawing while it stands."""
        content = (content, self.drawings)
        if self.drawn is None or self.drawn[0] != content or widget_value(CHART) is None:
            self.drawn = (content, self.chosen)
        return self.drawn[1]


class FilterRange(NamedTuple):
    """The last position of a slider: its space, its ends, the range chosen between them."""

    space: str | OwnSpace
    whole: SliderSpan
    chosen: tuple[float, float]


@dataclass
class AtlasState:
    """The memory of a session: the last atlas on the page, viewpoints, filters by key, and what was wrong with a text.

    `shown` holds a request and its atlases, of which there is at least one; `table` is the last one whose numbers were
    there, and `axes_linked` is True where a link chose axes, None before the first picture.
    """

    shown: tuple[AtlasRequest, list[Atlas]] | None = None
    viewpoints: dict[PopulationKey, Viewpoint] = field(default_factory=dict)
    ranges: dict[str, FilterRange] = field(default_factory=dict)
    complaint: str = ""
    table: tuple[TableTask, str] | None = None
    axes_linked: bool | None = None


def viewpoint(request: AtlasRequest, size: int) -> Viewpoint:
    """Return this session's viewpoint in the population of `request`, of this `size`; at first the one of the link."""
    viewpoints = state(AtlasState).viewpoints
    if request.population_key not in viewpoints:
        first = not viewpoints
        viewpoints[request.population_key] = Viewpoint(
            chosen=next(iter(_rows_in_link("row", size) if first else []), None),
            marked=_rows_in_link("mark", size) if first else [],
        )
    current = viewpoints[request.population_key]
    current.marked = [row for row in current.marked if row < size]
    current.encircled = [row for row in current.encircled if row < size]
    current.chosen = current.chosen if current.chosen is None or current.chosen < size else None
    return current


def _rows_in_link(name: str, size: int) -> list[int]:
    texts = st.query_params.get_all(name)
    rows = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 8]
    return list(dict.fromkeys(row for row in rows if row < size))


def results_in(space: str | OwnSpace) -> list[SearchResult]:
    """Return the shipped result and the last one on Explore, where they are of this space."""
    last = state(LastResult).shown
    candidates = [example_of(space), *([last.result] if last is not None else [])]
    return [result for result in candidates if result.config.space == space]
