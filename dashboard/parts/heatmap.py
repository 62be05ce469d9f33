"""The heatmap of a view as a Plotly figure. Nothing here knows of Streamlit or of a session."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.parts.colour_scale import coloured, positive_range
from dashboard.parts.plain_figure import PlainFigure
from dashboard.parts.view import NO_SELECTION, Selection, View, importances, is_huge, tie_shares
from engine.exports.drawing import cell_title
from engine.operations.registry import get_operation
from engine.spaces import SearchSpace

ROW_HEIGHT, MARGIN_HEIGHT = 27, 118
"""Pixels of a row of a heatmap, and of what stands above and below its rows."""
_SELECTED = "#FF4D6D"
"""The frame of what is selected, or was pruned just now."""
_SWATCH_ROW = -1
"""The row of the operations' swatches."""


def value_range(views: Sequence[View]) -> tuple[float, float]:
    """Return the least and the largest positive number in some views, 1 and 1 where there is none."""
    return positive_range([view.values() for view in views])


@lru_cache(maxsize=128)
def heatmap(view: View, selection: Selection = NO_SELECTION) -> PlainFigure:
    """Draw operation importance: edges by operations, chosen operations outlined, what was pruned left blank.

    A transparent marker over every field carries `customdata` (edge, operation), since a heatmap reports no clicks; the
    swatches above the columns are the legend, and select an operation.
    """
    space, live = view.result.space, view.live
    layout = {
        "title": {"text": _title(view), "font": {"size": 15}, "x": 0, "xanchor": "left"},
        "height": MARGIN_HEIGHT + ROW_HEIGHT * (len(space.edges) + 1),
        "margin": {"l": 8, "r": 8, "t": 40, "b": 8},
        "shapes": _frames(view, selection),
        "showlegend": False,
        "hovermode": "closest",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "dragmode": False,
        "clickmode": "event+select",
    }
    traces = [_field(view, live), _swatches(view), *_marks(view, live), _overlay(view)]
    return PlainFigure(traces, layout | _axes(space))


def _axes(space: SearchSpace) -> dict[str, Any]:
    """Return the axes: operations along the bottom, edges downwards from the row of swatches."""
    still = {"showgrid": False, "zeroline": False, "fixedrange": True}
    operations = {
        "tickvals": list(range(len(space.operations))),
        "ticktext": [get_operation(name).short for name in space.operations],
        "title": {"text": "operation", "standoff": 4},
        "range": [-0.55, len(space.operations) - 0.45],
        "side": "bottom",
        "tickangle": 0 if len(space.operations) < 7 else -45,
    }
    edges = {
        "tickvals": list(range(len(space.edges))),
        "ticktext": [space.edge_name(edge) for edge in space.edges],
        "title": {"text": space.edge_noun, "standoff": 14},
        "automargin": True,
        "range": [len(space.edges) - 0.4, _SWATCH_ROW - 0.55],
    }
    return {"xaxis": operations | still, "yaxis": edges | still}


def _title(view: View) -> str:
    name = importances(view.result.space)[view.importance].title
    scale = ", log colour" if view.log else ""
    return f"{cell_title(view.kind)}: {name.lower()}{scale}"


def _field(view: View, live: NDArray[np.bool_]) -> dict[str, Any]:
    values = view.values()
    positive = np.where(live & (values > 0), values, np.nan)
    return {
        "type": "heatmap",
        "hoverinfo": "skip",
        "showscale": True,
        **coloured(positive, view.limits or value_range([view]), _bar_title(view), view.log, view.exponent),
    }


def _bar_title(view: View) -> str:
    if view.importance == "edge":
        return f"% of the {view.result.space.edge_noun}"
    if view.importance == "score":
        unit = f" in 10<sup>{view.exponent}</sup>" if view.exponent and not view.log else ""
        return f"raw score{unit}"
    return "share"


def _swatches(view: View) -> dict[str, Any]:
    """Return the legend: the fixed colour of every operation above its column."""
    names = view.result.space.operations
    return {
        "type": "scatter",
        "x": list(range(len(names))),
        "y": [_SWATCH_ROW] * len(names),
        "mode": "markers",
        "marker": {
            "symbol": "square",
            "size": 14,
            "color": [get_operation(name).colour for name in names],
            "opacity": 1,
        },
        "customdata": [[-1, name] for name in names],
        "text": [
            f"<b>{name}</b><br>{get_operation(name).summary}<br><i>click: wherever it was chosen</i>" for name in names
        ],
        "hovertemplate": "%{text}<extra></extra>",
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
    }


def _marks(view: View, live: NDArray[np.bool_]) -> list[dict[str, Any]]:
    """Return a small cross where an operation has been pruned, a dot where it is live and carries nothing."""
    return [_glyphs(~live, "x-thin", 6), _glyphs(live & (view.shares() == 0), "circle", 3)]


def _glyphs(places: NDArray[np.bool_], symbol: str, size: int) -> dict[str, Any]:
    grey = "#8B95A1"
    rows, columns = np.nonzero(places)
    return {
        "type": "scatter",
        "x": columns.tolist(),
        "y": rows.tolist(),
        "mode": "markers",
        "marker": {"symbol": symbol, "size": size, "color": grey, "line": {"color": grey, "width": 1}, "opacity": 0.7},
        "hoverinfo": "skip",
        "unselected": {"marker": {"opacity": 0.7}},
    }


def _frames(view: View, selection: Selection) -> list[dict[str, Any]]:
    """Return white on black frames of what is chosen by now, red ones of the selection and what was pruned just now."""
    names, edges = list(view.result.space.operations), view.result.space.edges
    frames = []
    kept = {gene[:2] for gene in view.result.genotype.cells[view.kind]}
    for edge, name in view.decided.items():
        column, solid = names.index(name), not view.finished or edges[edge] in kept
        frames.append(_frame(column, column, edge, "#000000", 4.5 if solid else 3))
        frames.append(_frame(column, column, edge, "#FFFFFF", 2 if solid else 1.2, "solid" if solid else "dot"))
    if view.step and (fell := view.result.steps[view.step - 1]).cell == view.kind:
        column = names.index(fell.operation)
        frames.append(_frame(column, column, fell.edge, _SELECTED, 2.5, "dot"))
    if selection.edge is not None:
        frames.append(_frame(0, len(names) - 1, selection.edge, _SELECTED, 2))
        if selection.operation in names:
            column = names.index(selection.operation)
            frames.append(_frame(column, column, selection.edge, _SELECTED, 4))
    elif selection.operation in names:
        column = names.index(selection.operation)
        band = _frame(column, column, _SWATCH_ROW, _SELECTED, 2.5)
        frames.append(band | {"y1": len(edges) - 0.5})
    return frames


def _frame(first: int, last: int, row: int, colour: str, width: float, dash: str = "solid") -> dict[str, Any]:
    return {
        "type": "rect",
        "x0": first - 0.47,
        "x1": last + 0.47,
        "y0": row - 0.46,
        "y1": row + 0.46,
        "line": {"color": colour, "width": width, "dash": dash},
    }


def _overlay(view: View) -> dict[str, Any]:
    """Return transparent markers that carry the hover text and report the clicks."""
    space = view.result.space
    rows, columns = np.indices((len(space.edges), len(space.operations))).reshape(2, -1).tolist()
    return {
        "type": "scatter",
        "x": columns,
        "y": rows,
        "mode": "markers",
        "marker": {"symbol": "square", "size": 24, "opacity": 0},
        "customdata": [[row, space.operations[column]] for row, column in zip(rows, columns, strict=True)],
        "text": _hover(view),
        "hovertemplate": "%{text}<extra></extra>",
        "selected": {"marker": {"opacity": 0}},
        "unselected": {"marker": {"opacity": 0}},
    }


def _hover(view: View) -> list[str]:
    space, live, chosen = view.result.space, view.live, view.result.chosen(view.kind)
    tables = {name: View(view.result, view.kind, name, step=view.step).values() for name in ("share", "edge")}
    logs = view.log_scores()
    fell = {(step.edge, step.operation): step for step in view.result.steps if step.cell == view.kind}
    texts = []
    for row, edge in enumerate(space.edges):
        for column, name in enumerate(space.operations):
            lines = [f"<b>{space.edge_name(edge)} · {name}</b>"]
            if live[row, column]:
                lines += [
                    f"share {tables['share'][row, column]:.5g}",
                    f"{tables['edge'][row, column]:.3g} % of the {space.edge_noun}",
                    f"raw score {score_text(logs[row, column])}",
                ]
            if chosen[row] == name:
                lines.append(f"chosen for this {space.edge_noun}")
            elif (row, name) not in fell:
                lines.append(f"not allowed on this {space.edge_noun}")
            else:
                step = fell[row, name]
                lines.append(f"pruned after pass {step.at_pass + 1} with share {step.share:.3g}")
            texts.append("<br>".join(lines))
    return texts


def score_text(log: float) -> str:
    """Return a raw score, given by its common logarithm: the number, or a power of ten where that is too large."""
    return f"10^{log:.2f}" if is_huge(log) else f"{10**log:.4g}"


@lru_cache(maxsize=128)
def heatmap_alt(view: View) -> str:
    """Return the alternative text of the heatmap: its largest number and what was chosen."""
    space, values = view.result.space, view.values()
    row, column = np.unravel_index(int(tie_shares(values).argmax()), values.shape)
    largest = score_text(view.log_scores()[row, column]) if view.importance == "score" else f"{values[row, column]:.3g}"
    chosen = ", ".join(f"{space.edge_name(space.edges[edge])} {name}" for edge, name in view.decided.items())
    return (
        f"Heatmap of {importances(space)[view.importance].title.lower()}, {len(space.edges)} {space.edge_noun}s by "
        f"{len(space.operations)} operations; largest: {space.operations[column]} on "
        f"{space.edge_name(space.edges[row])} with {largest}. Chosen: {chosen or 'nothing yet'}."
    )
