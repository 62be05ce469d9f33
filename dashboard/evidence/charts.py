"""The evidence as pictures: evidence in, a Plotly figure out, without Streamlit or a session."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dashboard.evidence.words import is_cost
from engine.measures import MEASURES
from engine.studies.evidence import Evidence, Score
from engine.studies.found_cells import CellGroup, RecipeCells
from engine.tables.numbers import figure

_GREY = "#8B95A1"
_COLOURS = (
    "#3B82F6",
    "#E8590C",
    "#2F9E44",
    "#D6409F",
    "#8E6CEF",
    "#0CA5B8",
    "#C08A00",
    "#E03131",
    "#8D6E63",
    "#5C8A00",
)
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star", "hexagon", "pentagon", "triangle-down")
_HEAD, _HEIGHT = 96, 380  # pixels: what stands around the rows of a picture, and the height of one without rows
_SINGLE = 300
"""The most cells of a group that is drawn cell by cell."""
_LABEL, _AXIS = 22, 42
"""The most characters on a line of a label, and of the title of an axis."""


class Look(NamedTuple):
    """The look of a score in every picture."""

    colour: str
    symbol: str
    dash: str


def score_looks(scores: Sequence[Score]) -> list[Look]:
    """Return the looks of scores: measures by their place in the registry, then columns of the table; costs dotted."""
    measures = list(MEASURES)
    columns = [score.name for score in scores if score.from_table]
    looks = []
    for score in scores:
        place = len(measures) + columns.index(score.name) if score.from_table else measures.index(score.name)
        dash = "dot" if is_cost(score) else "solid"
        looks.append(Look(_COLOURS[place % len(_COLOURS)], _SYMBOLS[place % len(_SYMBOLS)], dash))
    return looks


def wrapped_label(text: str, width: int = _LABEL) -> str:
    """Return a name as it may stand in a picture: nothing in it is markup, long ones take several lines."""
    lines = textwrap.wrap(text, width, max_lines=3, placeholder=" …", break_on_hyphens=False)
    return "<br>".join(html.escape(line, quote=False) for line in lines)


def _title(score: Score) -> str:
    return wrapped_label(score.title + (" (from the table)" if score.from_table else ""))


def curve_figure(evidence: Evidence, selected: str) -> go.Figure:
    """Draw the best accuracy among the first k by every score, over k, random search dashed; one score stands out."""
    figure = go.Figure()
    for score, look in zip(evidence.scores, score_looks(evidence.scores), strict=True):
        figure.add_trace(
            go.Scatter(
                x=evidence.ks[: len(score.curve)],
                y=score.curve,
                name=_title(score),
                mode="lines+markers",
                line={"color": look.colour, "width": 4 if score.name == selected else 1.5, "dash": look.dash},
                marker={"symbol": look.symbol, "size": 9 if score.name == selected else 6},
                hovertemplate=_number("y", evidence.unit),
            )
        )
    figure.add_trace(
        go.Scatter(
            x=evidence.ks,
            y=evidence.random,
            name="Random search",
            mode="lines",
            line={"color": _GREY, "width": 2, "dash": "dash"},
            hovertemplate=_number("y", evidence.unit),
        )
    )
    _arrange(figure, _HEIGHT)
    figure.update_layout(hovermode="x unified")
    figure.update_xaxes(title={"text": "k, the number of trainings"}, type="log", tickvals=evidence.ks, tickformat=",d")
    figure.update_yaxes(title={"text": wrapped_label(evidence.description, _AXIS)}, zeroline=False)
    return figure


def _number(axis: str, unit: str) -> str:
    """Return the template of a number on an axis, with its unit."""
    return f"%{{{axis}:.2f}} {unit}" if unit else f"%{{{axis}:.4~g}}"


def recipe_figure(cells: RecipeCells) -> go.Figure:
    """Draw the cells of recipes beside groups of the table: quartiles, least and most; small groups cell by cell."""
    groups = [group for group in cells.groups if group.summary.count > group.summary.missing]
    figure = go.Figure()
    for row, group in enumerate(groups):
        values = group.accuracies[~np.isnan(group.accuracies)]
        colour = _COLOURS[row % len(_COLOURS)] if group in cells.recipes else _GREY
        figure.add_trace(_box(values, row, colour, cells.unit))
        if len(values) <= _SINGLE:
            figure.add_trace(_strip(values, row, colour, cells.unit))
    _arrange(figure, _HEAD + 62 * len(groups))
    figure.update_layout(showlegend=False)
    title = wrapped_label(cells.description, _AXIS)
    figure.update_xaxes(title={"text": title}, range=list(recipe_window(cells)), zeroline=False)
    figure.update_yaxes(
        tickvals=list(range(len(groups))),
        ticktext=[wrapped_label(group.name) for group in groups],
        range=[len(groups) - 0.5, -0.5],
        automargin=True,
        showgrid=False,
        zeroline=False,
    )
    return figure


def recipe_window(cells: RecipeCells) -> tuple[float, float]:
    """Return the range of numbers in the picture: all that recipes found, the better three quarters of the others."""
    lows, highs = [], []
    for group in cells.groups:
        values = group.accuracies[~np.isnan(group.accuracies)]
        if len(values):
            cut = 0.0 if group in cells.recipes else 0.25
            low, high = (0.0, 1 - cut) if cells.lower_is_better else (cut, 1.0)
            lows.append(float(np.quantile(values, low)))
            highs.append(float(np.quantile(values, high)))
    margin = max(0.03 * (max(highs) - min(lows)), 0.05 if cells.unit else 1e-9)
    return min(lows) - margin, max(highs) + margin


def _box(values: NDArray[np.float64], row: int, colour: str, unit: str) -> go.Box:
    low, first, middle, third, high = np.quantile(values, [0, 0.25, 0.5, 0.75, 1]).tolist()
    return go.Box(
        orientation="h",
        y=[row],
        q1=[first],
        median=[middle],
        q3=[third],
        lowerfence=[low],
        upperfence=[high],
        mean=[float(values.mean())],
        width=0.5,
        line={"color": colour, "width": 1.5},
        fillcolor="rgba(139,149,161,0.18)",
        hoverinfo="x",
        xhoverformat=".2f" if unit else ".4~g",
    )


def _strip(values: NDArray[np.float64], row: int, colour: str, unit: str) -> go.Scatter:
    """Draw a group cell by cell, spread over the height of its row."""
    spread = (np.arange(len(values)) * 0.618034) % 1 - 0.5  # the golden ratio: even, and never in steps
    return go.Scatter(
        x=values.astype(np.float32),
        y=row + 0.42 * spread,
        mode="markers",
        marker={"size": 5, "color": colour, "opacity": 0.55},
        hovertemplate=f"{_number('x', unit)}<extra></extra>",
    )


def _arrange(figure: go.Figure, height: int) -> None:
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "xanchor": "left", "x": 0, "itemclick": False},
        dragmode=False,
    )
    figure.update_xaxes(fixedrange=True)
    figure.update_yaxes(fixedrange=True)


def curve_alt(evidence: Evidence) -> str:
    """Describe the picture of the choices by score, as its alternative text."""
    ends = "; ".join(
        f"{score.title} {figure(score.curve[0], evidence.unit)} to {figure(score.curve[-1], evidence.unit)}"
        for score in evidence.scores
        if score.curve
    )
    return (
        f"Best {evidence.quantity}{_in_words(evidence.unit)} among the top k, for k from 1 to {evidence.ks[-1]:,}. "
        f"{ends}; random search {figure(evidence.random[0], evidence.unit)} to "
        f"{figure(evidence.random[-1], evidence.unit)}."
    )


def recipe_alt(cells: RecipeCells) -> str:
    """Describe the picture of the cells of recipes, as its alternative text."""
    groups = "; ".join(_group_text(group, cells.unit) for group in cells.groups)
    return f"{cells.description}{_in_words(cells.unit)}: {groups}."


def _in_words(unit: str) -> str:
    return " in per cent" * (unit == "%")


def _group_text(group: CellGroup, unit: str) -> str:
    summary = group.summary
    if summary.count == summary.missing:
        return f"{group.name}, none in the table"
    worst, best, median = (figure(value, unit) for value in (summary.worst, summary.best, summary.median))
    return f"{group.name} {worst} to {best}, median {median}"
