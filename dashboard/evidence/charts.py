"""The evidence as pictures: evidence in, a Plotly figure out. Nothing here knows of Streamlit or of a session."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dashboard.evidence.words import is_cost
from engine.measures import MEASURES
from engine.studies.evidence import Cells, Evidence, FoundCells, Score

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
_ROW, _HEAD, _LEAST = 46, 96, 420  # pixels: a row of a picture, what stands around its rows, the least height
_SINGLE = 300
"""Groups of at most this many cells are drawn cell by cell."""
_LABEL, _AXIS = 22, 42
"""Signs on a line of a label, and of the title of an axis."""


class Look(NamedTuple):
    """How a score is drawn, in every picture."""

    colour: str
    symbol: str
    dash: str


def looks(scores: Sequence[Score]) -> list[Look]:
    """How the scores are drawn: measures by their place in the registry, then columns of the table; costs dotted."""
    measures = list(MEASURES)
    columns = [score.name for score in scores if score.from_table]
    found = []
    for score in scores:
        place = len(measures) + columns.index(score.name) if score.from_table else measures.index(score.name)
        dash = "dot" if is_cost(score) else "solid"
        found.append(Look(_COLOURS[place % len(_COLOURS)], _SYMBOLS[place % len(_SYMBOLS)], dash))
    return found


def label(text: str, width: int = _LABEL) -> str:
    """A name as it may stand in a picture: nothing in it is markup, long ones take several lines."""
    lines = textwrap.wrap(text, width, max_lines=3, placeholder=" …", break_on_hyphens=False)
    return "<br>".join(html.escape(line, quote=False) for line in lines)


def _title(score: Score) -> str:
    return label(score.title + (" (from the table)" if score.from_table else ""))


def agreement(evidence: Evidence) -> go.Figure:
    """Spearman and Kendall of every score with their intervals, a row a score."""
    figure, rows = go.Figure(), list(range(len(evidence.scores)))
    colours = [look.colour for look in looks(evidence.scores)]
    for name, symbol, offset in (("Spearman", "circle", -0.14), ("Kendall", "diamond", 0.14)):
        values = [getattr(score, name.lower()) for score in evidence.scores]
        figure.add_trace(_legend(name, symbol))
        for row, value, colour in zip(rows, values, colours, strict=True):
            figure.add_trace(
                go.Scatter(
                    x=[value.value],
                    y=[row + offset],
                    error_x={
                        "array": [value.high - value.value],
                        "arrayminus": [value.value - value.low],
                        "thickness": 2,
                        "width": 5,
                    },
                    mode="markers",
                    marker={"symbol": symbol, "size": 9, "color": colour},
                    hovertemplate=f"{name} %{{x:.3f}} [{value.low:.3f}, {value.high:.3f}]<extra></extra>",
                    showlegend=False,
                )
            )
    _arrange(figure, max(_LEAST, _HEAD + _ROW * len(rows)))
    low = min([0.0, *(each.low for score in evidence.scores for each in (score.spearman, score.kendall))])
    figure.update_xaxes(title={"text": "rank correlation, 95 % interval"}, range=[low - 0.04, 1.02], zeroline=True)
    figure.update_yaxes(
        tickvals=rows,
        ticktext=[_title(score) for score in evidence.scores],
        range=[len(rows) - 0.5, -0.5],
        automargin=True,
        showgrid=False,
        zeroline=False,
    )
    return figure


def curves(evidence: Evidence) -> go.Figure:
    """The best accuracy among the first k by every score, over k, random search dashed."""
    figure = go.Figure()
    for score, look in zip(evidence.scores, looks(evidence.scores), strict=True):
        figure.add_trace(
            go.Scatter(
                x=evidence.ks[: len(score.curve)],
                y=score.curve,
                name=_title(score),
                mode="lines+markers",
                line={"color": look.colour, "width": 2, "dash": look.dash},
                marker={"symbol": look.symbol, "size": 7},
                hovertemplate="%{y:.2f} %",
            )
        )
    figure.add_trace(
        go.Scatter(
            x=evidence.ks,
            y=evidence.random,
            name="Random search",
            mode="lines",
            line={"color": _GREY, "width": 2, "dash": "dash"},
            hovertemplate="%{y:.2f} %",
        )
    )
    _arrange(figure, _LEAST)
    figure.update_layout(hovermode="x unified")
    figure.update_xaxes(title={"text": "k, the number of trainings"}, type="log", tickvals=evidence.ks, tickformat=",d")
    figure.update_yaxes(title={"text": label(evidence.said, _AXIS)}, zeroline=False)
    return figure


def found_cells(found: FoundCells) -> go.Figure:
    """What recipes found beside groups of the table: quartiles, least and most; small groups cell by cell."""
    groups = [cells for cells in found.groups if cells.summary.count > cells.summary.missing]
    figure = go.Figure()
    for row, cells in enumerate(groups):
        values = cells.accuracies[~np.isnan(cells.accuracies)]
        colour = _COLOURS[row % len(_COLOURS)] if cells in found.recipes else _GREY
        figure.add_trace(_box(values, row, colour))
        if len(values) <= _SINGLE:
            figure.add_trace(_strip(values, row, colour))
    _arrange(figure, _HEAD + 62 * len(groups))
    figure.update_layout(showlegend=False)
    figure.update_xaxes(title={"text": label(found.said, _AXIS)}, range=list(window(found)), zeroline=False)
    figure.update_yaxes(
        tickvals=list(range(len(groups))),
        ticktext=[label(cells.name) for cells in groups],
        range=[len(groups) - 0.5, -0.5],
        automargin=True,
        showgrid=False,
        zeroline=False,
    )
    return figure


def window(found: FoundCells) -> tuple[float, float]:
    """The accuracies that the picture of found cells shows: all that recipes found, three quarters of the others."""
    lows, highs = [], []
    for cells in found.groups:
        values = cells.accuracies[~np.isnan(cells.accuracies)]
        if len(values):
            lows.append(float(values.min() if cells in found.recipes else np.quantile(values, 0.25)))
            highs.append(float(values.max()))
    margin = max(0.03 * (max(highs) - min(lows)), 0.05)
    return min(lows) - margin, max(highs) + margin


def _box(values: NDArray[np.float64], row: int, colour: str) -> go.Box:
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
        xhoverformat=".2f",
    )


def _strip(values: NDArray[np.float64], row: int, colour: str) -> go.Scatter:
    """A group cell by cell, spread over the height of its row."""
    spread = (np.arange(len(values)) * 0.618034) % 1 - 0.5  # the golden ratio: even, and never in steps
    return go.Scatter(
        x=values.astype(np.float32),
        y=row + 0.42 * spread,
        mode="markers",
        marker={"size": 5, "color": colour, "opacity": 0.55},
        hovertemplate="%{x:.2f} %<extra></extra>",
    )


def _legend(name: str, symbol: str) -> go.Scatter:
    """An entry of the legend that belongs to no row."""
    marker = {"symbol": symbol, "size": 9, "color": _GREY}
    return go.Scatter(x=[None], y=[None], mode="markers", marker=marker, name=name)


def _arrange(figure: go.Figure, height: int) -> None:
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "xanchor": "left", "x": 0, "itemclick": False},
        dragmode=False,
    )
    figure.update_xaxes(fixedrange=True)
    figure.update_yaxes(fixedrange=True)


def agreement_alt(evidence: Evidence) -> str:
    """What the picture of the correlations shows."""
    listed = "; ".join(
        f"{score.title}: Spearman {_said(score.spearman)}, Kendall {_said(score.kendall)}" for score in evidence.scores
    )
    return f"Rank correlations with 95 % intervals. {listed}."


def curves_alt(evidence: Evidence) -> str:
    """What the picture of the choices shows."""
    ends = "; ".join(
        f"{score.title} {score.curve[0]:.2f} to {score.curve[-1]:.2f}" for score in evidence.scores if score.curve
    )
    return (
        f"Best accuracy in per cent among the top k, for k from 1 to {evidence.ks[-1]:,}. {ends}; "
        f"random search {evidence.random[0]:.2f} to {evidence.random[-1]:.2f}."
    )


def found_alt(found: FoundCells) -> str:
    """What the picture of found cells shows."""
    return "Accuracies in per cent: " + "; ".join(map(_group, found.groups)) + "."


def _group(cells: Cells) -> str:
    said = cells.summary
    if said.count == said.missing:
        return f"{cells.name}, none in the table"
    return f"{cells.name} {said.worst:.2f} to {said.best:.2f}, median {said.median:.2f}"


def _said(value: Any) -> str:
    return f"{value.value:.3f} ({value.low:.3f} to {value.high:.3f})"
