"""The atlas as a picture: arrays in, a Plotly figure out."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dashboard.atlas.quantities import ACCURACY, Quantity, QuantityValues, RowIndices, RowMask
from engine.exports.colours import VIRIDIS, viridis
from engine.studies.atlas import pareto_front
from engine.studies.statistics import spearman

_HEIGHT = 470
"""The height of the picture, in pixels."""
_STOPS = [place / (len(VIRIDIS) - 1) for place in range(len(VIRIDIS))]
_PALETTE = [[place, viridis(place, dark=True)] for place in _STOPS]
"""The colours of points, all of which are seen on a light and on a dark page."""
_TAIL = 5
"""Per cent of the accuracies, the worst ones, that lie beyond the end of their axis."""
_FEWEST = 40
"""The least number of accuracies of which some lie beyond the end."""
_CHOSEN = "#FF4D6D"
_FRONT = "#E8590C"
_PLAIN = "#8B95A1"
_EDGE = "#0B0E13"
_LINE = 46
"""The most characters on a line of the legend."""


@dataclass(frozen=True)
class Mark:
    """An architecture that stands out: its row, its label, and its look."""

    row: int
    label: str
    symbol: str
    colour: str


@dataclass(frozen=True, eq=False)
class Picture:
    """The content of a scatter: two axes and a colour, the architectures that pass the filters, marks and front.

    `chosen` is the row drawn as selected, if any; a new number of `drawings` makes the same picture a new one.
    """

    x: Quantity
    y: Quantity
    colour: Quantity
    passing: RowMask
    marks: tuple[Mark, ...] = ()
    with_front: bool = False
    chosen: int | None = None
    drawings: int = 0

    @cached_property
    def drawn(self) -> RowMask:
        """Return the mask of the architectures that have a place in the picture."""
        return self.passing & self.x.finite & self.y.finite

    @cached_property
    def front(self) -> RowIndices:
        """Return the rows of the architectures drawn that no other dominates, by rising x."""
        rows = np.flatnonzero(self.drawn)
        x, y = self.x, self.y
        return rows[pareto_front(x.values[rows], y.values[rows], less_x=x.less, less_y=y.less)]

    @cached_property
    def correlation(self) -> float:
        """Return Spearman's rank correlation of both axes over all that pass and have both, nan where there is none.

        What nothing flows through ranks last by flow, as everywhere, though it has no place in the picture.
        """
        return math.nan if self.x.name == self.y.name else _correlation(self.x, self.y, self.passing.tobytes())

    @property
    def drawn_marks(self) -> list[Mark]:
        """Return the marks that have a place in the picture."""
        return [mark for mark in self.marks if self.drawn[mark.row]]


@lru_cache(maxsize=16)
def _correlation(x: Quantity, y: Quantity, passing: bytes) -> float:
    rows = np.frombuffer(passing, dtype=bool)
    return spearman(x.values[rows], y.values[rows], resamples=1).value


def axis_ends(quantity: Quantity, drawn: RowMask) -> tuple[float, float] | None:
    """Return the ends of an axis of accuracies, which leaves out the worst few; None for an axis of all else."""
    values = quantity.values[drawn]
    if quantity.name != ACCURACY or len(values) < _FEWEST:
        return None
    low, high = values.min(), values.max()
    cut = float(np.percentile(values, 100 - _TAIL if quantity.less else _TAIL))
    low, high = (low, cut) if quantity.less else (cut, high)
    return (float(low), float(high)) if low < high else None


def scatter(picture: Picture) -> go.Figure:
    """Draw the architectures as points, coloured, with the front and the marks on top.

    Every point carries its row as `customdata`. Numbers travel as float32.
    """
    figure = go.Figure()
    rows = np.flatnonzero(picture.drawn)
    coloured = picture.colour.finite[rows]
    if not coloured.all():
        figure.add_trace(_points(picture, rows[~coloured], coloured=False))
    figure.add_trace(_points(picture, rows[coloured], coloured=True))
    if picture.with_front:
        figure.add_trace(_front(picture))
    for mark in picture.drawn_marks:
        figure.add_traces(_mark(picture, mark))
    figure.update_layout(
        height=_HEIGHT,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={
            "orientation": "h",
            "yanchor": "bottom",
            "y": 1.01,
            "xanchor": "left",
            "x": 0,
            "itemclick": False,
            "title": {"text": "What stands out", "side": "top"},  # beside the toolbar, which would cover the first mark
        },
        hovermode="closest",
        dragmode="zoom",
        clickmode="event+select",
        meta=picture.drawings,
    )
    figure.update_xaxes(title={"text": picture.x.label, "standoff": 8}, showgrid=True, **_axis(picture.x, picture))
    figure.update_yaxes(title={"text": picture.y.label, "standoff": 8}, **_axis(picture.y, picture))
    if not math.isnan(picture.correlation):
        figure.add_annotation(_corner(picture.correlation))
    return figure


def _axis(quantity: Quantity, picture: Picture) -> dict[str, Any]:
    """Return the look of an axis, a little longer than its ends where it has some."""
    if (ends := axis_ends(quantity, picture.drawn)) is None:
        return {"zeroline": False}
    low, high = ends
    margin = 0.04 * (high - low)
    return {"zeroline": False, "range": [low - margin, high + margin]}


def _corner(correlation: float) -> dict[str, Any]:
    """Return Spearman's correlation as a text in the corner that it leaves empty."""
    side = "right" if correlation >= 0 else "left"
    return {
        "text": f"<b>Spearman {correlation:.2f}</b>".replace("-", "−"),
        "xref": "paper",
        "yref": "paper",
        "x": 0.99 if side == "right" else 0.01,
        "y": 0.02,
        "xanchor": side,
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 15},
        "bgcolor": "rgba(128,128,128,0.18)",
        "borderpad": 4,
    }


def _points(picture: Picture, rows: RowIndices, *, coloured: bool) -> go.Scattergl:
    colour: dict[str, Any] = {"color": _PLAIN}
    if coloured:
        bar = {"title": {"text": picture.colour.label, "side": "right"}, "thickness": 10, "len": 1.0, "xpad": 4}
        colour = {"color": _packed(picture.colour.values, rows), "colorscale": _PALETTE, "colorbar": bar}
        colour["reversescale"] = picture.colour.lower_is_better
        if ends := axis_ends(picture.colour, picture.drawn):
            colour |= {"cmin": ends[0], "cmax": ends[1]}
    opacity = 0.75 if len(rows) < 30_000 else 0.5
    return go.Scattergl(
        x=_packed(picture.x.values, rows),
        y=_packed(picture.y.values, rows),
        customdata=rows.astype(np.int32),
        mode="markers",
        marker={"size": 5, "opacity": opacity, **colour},
        selectedpoints=np.flatnonzero(rows == picture.chosen).tolist() or None,
        selected={"marker": {"color": _CHOSEN, "size": 10, "opacity": 1}},
        unselected={"marker": {"opacity": opacity}},
        hovertemplate=_hover(picture, coloured),
        name="" if coloured else f"no {picture.colour.title}",
        showlegend=not coloured,
    )


def _packed(values: QuantityValues, rows: RowIndices) -> NDArray[np.float32]:
    return values[rows].astype(np.float32)


def _hover(picture: Picture, coloured: bool) -> str:
    places = {"x": picture.x, "y": picture.y}
    if coloured:
        places["marker.color"] = picture.colour
    lines = {quantity.name: f"{quantity.title} %{{{place}:.5~g}} {quantity.unit}" for place, quantity in places.items()}
    return "<br>".join(lines.values()) + "<extra></extra>"


def _front(picture: Picture) -> go.Scatter:
    rows = picture.front
    return go.Scatter(
        x=_packed(picture.x.values, rows),
        y=_packed(picture.y.values, rows),
        mode="lines",
        line={"color": _FRONT, "width": 2},
        hoverinfo="skip",
        name=f"Pareto front ({len(rows)})",
    )


def _mark(picture: Picture, mark: Mark) -> tuple[go.Scatter, go.Scattergl]:
    """Draw a mark that can be clicked, and its image: the points of WebGL cover everything else."""
    rows, label = np.array([mark.row]), "<br>".join(textwrap.wrap(mark.label, _LINE))
    outline = {"color": _EDGE, "width": 1}
    look = {
        "x": _packed(picture.x.values, rows),
        "y": _packed(picture.y.values, rows),
        "mode": "markers",
        "marker": {"symbol": mark.symbol, "size": 13, "color": mark.colour, "line": outline, "opacity": 1},
        "unselected": {"marker": {"opacity": 1}},
        "name": label,
    }
    clickable = go.Scatter(
        **look,
        customdata=rows.astype(np.int32),
        selected={"marker": {"color": _CHOSEN, "size": 22, "opacity": 1}},
        hovertemplate=f"<b>{label}</b><br>{_hover(picture, coloured=False)}",
    )
    return clickable, go.Scattergl(**look, hoverinfo="skip", showlegend=False)


def front_sentence(picture: Picture) -> str:
    """Describe the front and the better direction on each axis; "" where none is drawn."""
    x, y = picture.x, picture.y
    if not picture.with_front:
        return ""
    return (
        f"Pareto front: of the points shown, the {len(picture.front):,} that no other beats in both "
        f"({x.better} {x.title} and {y.better} {y.title} is better)."
    )


def missing_sentence(picture: Picture) -> str:
    """Count the architectures that pass the filters but have no place in the picture, and say why; "" if all have."""
    groups = []
    for quantity in dict.fromkeys((picture.x, picture.y)):
        empty = picture.passing & ~quantity.finite
        no_flow = empty & np.isneginf(quantity.values)
        for rows, why in ((no_flow, "is −∞ (nothing flows)"), (empty & ~no_flow, "is not known")):
            if count := int(rows.sum()):
                groups.append(f"{count:,} whose {quantity.title} {why}")
    return f"Not drawn: {'; '.join(groups)}." if groups else ""


def beyond_sentence(picture: Picture) -> str:
    """Count the architectures that lie beyond the ends of the axes; "" where none does."""
    parts = []
    for quantity in dict.fromkeys((picture.x, picture.y)):
        if (ends := axis_ends(quantity, picture.drawn)) is not None:
            values = quantity.values[picture.drawn]
            count = int(((values < ends[0]) | (values > ends[1])).sum())
            word, end = ("above", ends[1]) if quantity.less else ("below", ends[0])
            parts.append(f"{count:,} with {quantity.title.lower()} {word} {end:.4g} {quantity.unit}".rstrip())
    return f"Beyond the axis: {', '.join(parts)}; double-click to see all." if parts else ""


def scatter_alt(picture: Picture) -> str:
    """Describe the picture in a sentence or two, as its alternative text."""
    drawn = picture.drawn
    if not drawn.any():
        return "An empty scatter: no architecture has a place in it."
    across, up = (
        f"{axis.title} {axis.values[drawn].min():.4g} to {axis.values[drawn].max():.4g} {axis.unit}".strip()
        for axis in (picture.x, picture.y)
    )
    marked = ", ".join(mark.label for mark in picture.drawn_marks)
    rank = "" if math.isnan(picture.correlation) else f" Spearman {picture.correlation:.2f}."
    return (
        f"Scatter of {int(drawn.sum()):,} architectures: {across} across, {up} up, coloured by "
        f"{picture.colour.title}.{rank}{f' Marked: {marked}.' if marked else ''}"
    )
