"""The two pictures of where FreeFlow fails: it counts weights, and the authors' recipe ranks rounding on DARTS."""

from __future__ import annotations

import base64
import math
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard.parts.accuracy_table import TableColumn
from dashboard.parts.plain_figure import PlainFigure
from dashboard.server.examples import shipped
from engine import SearchConfig, SearchResult
from engine.common.ties import tie
from engine.exports.drawing import cell_title
from engine.genotypes.population import Population
from engine.measures import MEASURES
from engine.operations.registry import get_operation
from engine.spaces import SearchSpace
from engine.spaces.fields import as_space_field
from engine.studies.atlas import Atlas, AtlasTask
from engine.studies.statistics import spearman
from engine.tables.task import TableTask

_MEASURES = ("flow", "params", "macs")
"""The measures that an atlas takes first, so that its page and this one ask for the same."""
_MOST = 1_000
"""The most architectures of a table in a space that is not drawn whole."""
_HEIGHT = 380


class FlowPoints(NamedTuple):
    """Architectures of a space by log-flow, -inf where nothing flows, and another number, both `(points,)`.

    `title` is that of the axis of the other number, `meaning` says all of it; it is of a `table`, where `less` may be
    better, or the parameters.
    """

    space: SearchSpace
    flow: NDArray[np.float64]
    other: NDArray[np.float64]
    params: NDArray[np.float64]
    title: str
    meaning: str
    table: bool = False
    less: bool = False

    @property
    def correlation(self) -> float:
        """Return Spearman's rank correlation of log-flow with the worth of the other number."""
        return self._correlation(self.flow)

    @property
    def params_correlation(self) -> float:
        """Return that of the parameter count."""
        return self._correlation(self.params)

    def _correlation(self, score: NDArray[np.float64]) -> float:
        return spearman(score, -self.other if self.less else self.other, resamples=1).value

    @property
    def drawn(self) -> NDArray[np.bool_]:
        """Return the mask of the architectures that have a place in a picture."""
        return np.isfinite(self.flow)


def weight_task(column: TableColumn | None) -> AtlasTask:
    """Return the work that takes flow and parameters: of all cells of NAS-Bench-201, or of those of a table."""
    space = None if column is None else column.table.population.space
    if column is None or space is None or space.name == "nas-bench-201" or space.no_closed_form is not None:
        return AtlasTask(space="nas-bench-201", count=None, measures=_MEASURES)
    also = _notations(column.task, column.table.population)
    return AtlasTask(space=as_space_field(space), count=1, measures=_MEASURES, also=also)


@st.cache_resource(show_spinner=False, max_entries=8)
def _notations(task: TableTask, _population: Population) -> tuple[str, ...]:
    return tuple(genotype.notation for genotype in _population.take(slice(0, _MOST)).genotypes())


def weight_points(atlas: Atlas, column: TableColumn | None) -> FlowPoints:
    """Return log-flow and accuracy where the table has some of the atlas, else log-flow and parameters."""
    flow, params = (tie(atlas.values[name], MEASURES[name].rounding) for name in _MEASURES[:2])
    space = atlas.population.space
    if column is None or column.table.population.space != space:
        return FlowPoints(space, flow, params / 1e6, params, "parameters (M)", "parameters")
    values = column.values(atlas.population)
    tabled = np.isfinite(values)
    unit = f" ({column.column.unit})" if column.column.unit else ""
    titles = f"{column.title.lower()}{unit}", column.description
    less = column.column.lower_is_better
    return FlowPoints(space, flow[tabled], values[tabled], params[tabled], *titles, table=True, less=less)


def weight_figure(points: FlowPoints) -> PlainFigure:
    """Draw architectures as points, with their rank correlation in the corner.

    The axis of accuracies begins at their 5th percentile.
    """
    flow, other = points.flow[points.drawn], points.other[points.drawn]
    trace = {
        "type": "scattergl",
        "mode": "markers",
        "x": _packed(flow),
        "y": _packed(other),
        "marker": {"size": 4, "opacity": 0.45, "color": get_operation("nor_conv_3x3").colour},
        "hovertemplate": "log-flow %{x:.2f}<br>%{y:.4~g}<extra></extra>",
    }
    axis: dict[str, Any] = {"title": {"text": points.title}}
    if points.table and len(other):
        low, high = np.percentile(other, 5), other.max()
        axis["range"] = [low - 0.05 * (high - low), high + 0.08 * (high - low)]
    across = {"title": {"text": "log-flow (log R)"}}
    return PlainFigure([trace], _layout(f"Spearman {points.correlation:.2f}", across, axis))


def _packed(values: NDArray[np.float64]) -> dict[str, str]:
    """Return numbers as Plotly takes them in a quarter of the bytes of text: single precision, in base 64."""
    return {"dtype": "f4", "bdata": base64.b64encode(values.astype("<f4").tobytes()).decode("ascii")}


class PrecisionScores(NamedTuple):
    """The raw scores of the operations of a cell type that pass something, in 32 and 64 bits, and their names."""

    kind: str
    single: NDArray[np.float64]
    double: NDArray[np.float64]
    names: list[str]


@st.cache_resource(show_spinner=False)
def precision_scores() -> list[PrecisionScores]:
    """Return the scores of `released` on DARTS in both precisions, by cell type, as they ship."""
    single, double = _shipped_pair()
    return [_precision_scores(kind, single, double) for kind in single.space.cell_types]


def _shipped_pair() -> tuple[SearchResult, SearchResult]:
    questions = ({"space": "darts", "recipe": "released", "dtype": dtype} for dtype in ("float32", "float64"))
    single, double = (shipped()[SearchConfig.model_validate(question)] for question in questions)
    return single, double


def _precision_scores(kind: str, single: SearchResult, double: SearchResult) -> PrecisionScores:
    space = single.space
    tables = [result.scores[kind] * math.exp(result.log_scale) for result in (single, double)]
    edges, operations = ((tables[0] > 0) & (tables[1] > 0)).nonzero()
    names = [
        f"{space.edge_name(space.edges[edge])} {get_operation(space.operations[operation]).title}"
        for edge, operation in zip(edges, operations, strict=True)
    ]
    return PrecisionScores(kind, tables[0][edges, operations], tables[1][edges, operations], names)


def precision_figure() -> PlainFigure:
    """Draw the scores in 64 bits against those in 32 bits, and the line on which they would be equal."""
    colours = (get_operation("nor_conv_3x3").colour, get_operation("max_pool_3x3").colour)
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": cell_title(scores.kind),
            "x": scores.single,
            "y": scores.double,
            "text": scores.names,
            "marker": {"size": 6, "opacity": 0.75, "color": colour},
            "hovertemplate": "%{text}<br>32 bits %{x:.2e}<br>64 bits %{y:.2e}<extra></extra>",
        }
        for scores, colour in zip(precision_scores(), colours, strict=True)
    ]
    single, _ = _both_precisions()
    ends = [single.min(), single.max()]
    line = {"type": "scatter", "mode": "lines", "name": "equal scores", "x": ends, "y": ends, "line": {"dash": "dot"}}
    across, up = (
        {"type": "log", "exponentformat": "power", "dtick": step, "title": {"text": f"score in {bits} bits"}}
        for bits, step in ((32, 1), (64, 2))
    )
    same, edges = precision_agreement()
    corner = f"the same operation first on {same} of {edges} connections"
    return PlainFigure([*traces, line], _layout(corner, across, up))


def precision_agreement() -> tuple[int, int]:
    """Return the edges on which the two precisions rank the same operation first, and the number of edges."""
    single, double = _shipped_pair()
    same = [
        single.scores[kind].argmax(axis=1) == double.scores[kind].argmax(axis=1) for kind in single.space.cell_types
    ]
    return int(np.sum(same)), np.size(same)


def precision_fall() -> float:
    """Return the largest score in 32 bits as a multiple of the largest in 64 bits."""
    single, double = _both_precisions()
    return float(single.max() / double.max())


def _both_precisions() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    scores = precision_scores()
    return np.concatenate([one.single for one in scores]), np.concatenate([one.double for one in scores])


def _layout(corner: str, x: dict[str, Any], y: dict[str, Any]) -> dict[str, Any]:
    note = {
        "text": f"<b>{corner}</b>",
        "showarrow": False,
        "font": {"size": 15},
        "xref": "paper",
        "yref": "paper",
        "x": 0.02,
        "y": 0.99,
        "xanchor": "left",
        "yanchor": "top",
    }
    return {
        "height": _HEIGHT,
        "margin": {"l": 8, "r": 8, "t": 28, "b": 8},
        "annotations": [note],
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "xaxis": {"zeroline": False, "automargin": True, **x},
        "yaxis": {"zeroline": False, "automargin": True, **y},
    }
