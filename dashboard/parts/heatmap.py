"""Plotly figures: a result in, a figure out. Nothing here knows of Streamlit or of a session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dashboard.how_it_works.toy import Toy
from engine.exports.drawing import cell_title
from engine.operations.registry import get_operation
from engine.searches.result import SearchResult
from engine.spaces import SearchSpace
from engine.studies.seeds import SeedStudy

Table = NDArray[np.float64]

PALETTE = "Viridis"
_ROW, _HEAD = 27, 118  # pixels: a row of the heatmap, and what stands above and below it
_SELECTED = "#FF4D6D"  # the frame of what is selected, or fell just now
_HEADER = -1  # the row of operation swatches


class Measure(NamedTuple):
    """A number that a heatmap can show: its name, and what it means."""

    title: str
    unit: str


def measures(space: SearchSpace) -> dict[str, Measure]:
    """What a heatmap can show in a space."""
    return {
        "share": Measure(
            "Share",
            "of FreeFlow: how often a unit of flow passes here on its way through the network; of other proxies: "
            "a part of the sum of all scores",
        ),
        "score": Measure(
            "Raw score", "before it is divided by the sum; for FreeFlow α · ∂R/∂α, R the sum of the logits"
        ),
        "edge": Measure(f"Share of its {space.edge_noun}", f"per cent of what is on the {space.edge_noun}"),
    }


class Choice(NamedTuple):
    """What is selected: an operation on an edge, a whole edge, or an operation wherever it is."""

    edge: int | None
    operation: str | None


NOTHING = Choice(None, None)


@dataclass(frozen=True)
class View:
    """One look at a cell type of a result: after how many pruning steps, which measure, which scale.

    `limits` are the least and the largest number that the colours span; those of the view itself where it is None.
    """

    result: SearchResult
    kind: str
    measure: str = "share"
    log: bool = True
    step: int | None = None
    limits: tuple[float, float] | None = None

    @property
    def at_pass(self) -> int:
        """The pass whose scores are shown: the one that condemns the next operation."""
        steps = self.result.steps
        if self.step is None or not steps:
            return 0
        return steps[self.step].at_pass if self.step < len(steps) else len(self.result.passes) - 1

    @property
    def live(self) -> NDArray[np.bool_]:
        """Which operations are live, `(edges, operations)`."""
        return self.result.live(self.kind, self.step or 0)

    @property
    def finished(self) -> bool:
        """Whether nothing is left to prune: what was chosen on every edge is known, and which edges were kept."""
        return self.step is None or self.step >= len(self.result.steps)

    @property
    def decided(self) -> dict[int, str]:
        """The chosen operations by the index of their edge, those of a replay once no other is live there."""
        alone = self.live.sum(axis=1) == 1
        return {edge: name for edge, name in self.result.chosen(self.kind).items() if self.finished or alone[edge]}

    def shares(self) -> Table:
        """Flow shares, `(edges, operations)`, 0 where an operation is not live."""
        return np.where(self.live, self.result.passes[self.at_pass].shares[self.kind], 0.0)

    def values(self) -> Table:
        """The numbers of the chosen measure, `(edges, operations)`."""
        shares = self.shares()
        if self.measure == "edge":
            totals = shares.sum(axis=1, keepdims=True)
            return 100 * shares / np.where(totals > 0, totals, 1)
        if self.measure == "score":
            return np.asarray(shares * np.exp(self.result.passes[self.at_pass].log_flow - self.result.log_scale))
        return shares


def span(views: Sequence[View]) -> tuple[float, float]:
    """The least and the largest positive number in some views, 1 and 1 where there is none."""
    return _ends([view.values() for view in views])


def _ends(tables: Sequence[Table]) -> tuple[float, float]:
    positive = [values[values > 0] for values in tables]
    found = np.concatenate([values[np.isfinite(values)] for values in positive])
    return (float(found.min()), float(found.max())) if found.size else (1.0, 1.0)


def heatmap(view: View, selected: Choice = NOTHING) -> go.Figure:
    """Operation importance: edges by operations, chosen operations outlined, what was pruned left blank.

    A transparent marker over every field carries `customdata` (edge, operation), since a heatmap reports no clicks; the
    swatches above the columns are the legend, and select an operation.
    """
    space, live = view.result.space, view.live
    figure = go.Figure(_field(view, live))
    _swatches(figure, view)
    _marks(figure, view, live)
    _overlay(figure, view)
    _axes(figure, space)
    figure.update_layout(
        title={"text": _title(view), "font": {"size": 15}, "x": 0, "xanchor": "left"},
        height=_HEAD + _ROW * (len(space.edges) + 1),
        margin={"l": 8, "r": 8, "t": 40, "b": 8},
        shapes=_frames(view, selected),
        showlegend=False,
        hovermode="closest",
        plot_bgcolor="rgba(0,0,0,0)",
        dragmode=False,
        clickmode="event+select",
    )
    return figure


def _axes(figure: go.Figure, space: SearchSpace) -> None:
    """Operations along the bottom, edges downwards from the row of swatches."""
    still = {"showgrid": False, "zeroline": False, "fixedrange": True}
    figure.update_xaxes(
        tickvals=list(range(len(space.operations))),
        ticktext=[get_operation(name).short for name in space.operations],
        title={"text": "operation", "standoff": 4},
        range=[-0.55, len(space.operations) - 0.45],
        side="bottom",
        tickangle=0 if len(space.operations) < 7 else -45,
        **still,
    )
    figure.update_yaxes(
        tickvals=list(range(len(space.edges))),
        ticktext=[space.edge_name(edge) for edge in space.edges],
        title={"text": space.edge_noun, "standoff": 14},
        automargin=True,
        range=[len(space.edges) - 0.4, _HEADER - 0.55],
        **still,
    )


def _title(view: View) -> str:
    name = measures(view.result.space)[view.measure].title
    scale = ", log colour" if view.log else ""
    return f"{cell_title(view.kind)}: {name.lower()}{scale}"


def _field(view: View, live: NDArray[np.bool_]) -> go.Heatmap:
    values = view.values()
    shown = np.where(live & (values > 0), values, np.nan)
    return go.Heatmap(
        **_coloured(shown, view.limits or span([view]), _bar_title(view), view.log),
        hoverinfo="skip",
        showscale=True,
    )


def _coloured(values: Table, limits: tuple[float, float], unit: str, log: bool) -> dict[str, Any]:
    """Numbers as colours, by their logarithm or in proportion from 0; the bar tells the numbers themselves."""
    bar = {"title": {"text": unit, "side": "right"}, "thickness": 12, "len": 1.0}
    look = {"colorscale": PALETTE, "xgap": 2, "ygap": 2}
    if not log:
        return look | {"z": values, "zmin": 0, "zmax": limits[1], "colorbar": bar | {"tickformat": ".3~g"}}
    low, high = np.log10(limits)
    ticks = _decades(low, high)
    bar |= {"tickvals": ticks, "ticktext": [_power(tick) for tick in ticks]}
    return look | {"z": np.log10(values), "zmin": low, "zmax": max(high, low + 1e-9), "colorbar": bar}


def _bar_title(view: View) -> str:
    if view.measure == "edge":
        return f"% of the {view.result.space.edge_noun}"
    if view.measure == "score":
        unit = f" · e<sup>{view.result.log_scale:.0f}</sup>" if view.result.log_scale else ""
        return f"raw score{unit}"
    return "share"


def _decades(low: float, high: float) -> list[float]:
    whole = [float(tick) for tick in range(int(np.ceil(low)), int(np.floor(high)) + 1)]
    stride = max(1, len(whole) // 5)
    ticks = whole[::stride]
    return ticks if len(ticks) > 1 else [low, (low + high) / 2, high]


def _power(exponent: float) -> str:
    value = 10.0**exponent
    if 1e-3 <= value < 1e4:
        return f"{value:.2g}"
    return f"10<sup>{exponent:.0f}</sup>" if exponent == int(exponent) else f"{value:.1e}"


def _swatches(figure: go.Figure, view: View) -> None:
    """The legend: the fixed colour of every operation above its column."""
    names = view.result.space.operations
    figure.add_trace(
        go.Scatter(
            x=list(range(len(names))),
            y=[_HEADER] * len(names),
            mode="markers",
            marker={
                "symbol": "square",
                "size": 14,
                "color": [get_operation(name).colour for name in names],
                "opacity": 1,
            },
            customdata=[[-1, name] for name in names],
            text=[
                f"<b>{name}</b><br>{get_operation(name).summary}<br><i>click: wherever it was chosen</i>"
                for name in names
            ],
            hovertemplate="%{text}<extra></extra>",
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
        )
    )


def _marks(figure: go.Figure, view: View, live: NDArray[np.bool_]) -> None:
    """A small cross where an operation has been pruned, a dot where it is live and carries nothing."""
    rows, columns = np.nonzero(~live)
    figure.add_trace(_glyphs(rows, columns, "x-thin", 6))
    rows, columns = np.nonzero(live & (view.shares() == 0))
    figure.add_trace(_glyphs(rows, columns, "circle", 3))


def _glyphs(rows: NDArray[np.int64], columns: NDArray[np.int64], symbol: str, size: int) -> go.Scatter:
    grey = "#8B95A1"
    return go.Scatter(
        x=columns,
        y=rows,
        mode="markers",
        marker={"symbol": symbol, "size": size, "color": grey, "line": {"color": grey, "width": 1}, "opacity": 0.7},
        hoverinfo="skip",
        unselected={"marker": {"opacity": 0.7}},
    )


def _frames(view: View, selected: Choice) -> list[dict[str, Any]]:
    """Frames: white on black for the operations chosen by now, red for what fell just now and for what is selected."""
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
    if selected.edge is not None:
        frames.append(_frame(0, len(names) - 1, selected.edge, _SELECTED, 2))
        if selected.operation in names:
            column = names.index(selected.operation)
            frames.append(_frame(column, column, selected.edge, _SELECTED, 4))
    elif selected.operation in names:
        column = names.index(selected.operation)
        band = _frame(column, column, _HEADER, _SELECTED, 2.5)
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


def _overlay(figure: go.Figure, view: View) -> None:
    """Transparent markers that carry the hover text and report the clicks."""
    space = view.result.space
    rows, columns = np.indices((len(space.edges), len(space.operations))).reshape(2, -1)
    figure.add_trace(
        go.Scatter(
            x=columns,
            y=rows,
            mode="markers",
            marker={"symbol": "square", "size": 24, "opacity": 0},
            customdata=[[int(row), space.operations[column]] for row, column in zip(rows, columns, strict=True)],
            text=_hover(view),
            hovertemplate="%{text}<extra></extra>",
            selected={"marker": {"opacity": 0}},
            unselected={"marker": {"opacity": 0}},
        )
    )


def _hover(view: View) -> list[str]:
    space, live, chosen = view.result.space, view.live, view.result.chosen(view.kind)
    tables = {measure: View(view.result, view.kind, measure, step=view.step).values() for measure in measures(space)}
    fell = {(step.edge, step.operation): step for step in view.result.steps if step.cell == view.kind}
    texts = []
    for row, edge in enumerate(space.edges):
        for column, name in enumerate(space.operations):
            lines = [f"<b>{space.edge_name(edge)} · {name}</b>"]
            if live[row, column]:
                lines += [
                    f"share {tables['share'][row, column]:.5g}",
                    f"{tables['edge'][row, column]:.3g} % of the {space.edge_noun}",
                    f"raw score {tables['score'][row, column]:.4g}",
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


def seed_figures(study: SeedStudy, kind: str) -> list[tuple[go.Figure, str]]:
    """Two heatmaps of a study of seeds, each with its alternative text: mean share with its spread, and wins."""
    space, mean, wins = study.space, study.mean(kind), study.wins(kind)
    shares = np.where(mean > 0, mean, np.nan)
    parts = {
        "mean share, log colour": _coloured(shares, _ends([mean]), "share", log=True),
        f"wins of its {space.edge_noun}": _coloured(100 * wins, (0, 100), "% of seeds", log=False),
    }
    winners = zip(space.edges, wins.argmax(axis=1), strict=True)
    said = ", ".join(f"{space.edge_name(edge)} {space.operations[index]}" for edge, index in winners)
    texts, figures = _seed_hover(study, kind), []
    for what, coloured in parts.items():
        title = f"{cell_title(kind)}: {what}"
        alt = f"{title} over {len(study.seeds)} seeds. Most frequent winners: {said}."
        figures.append((_seed_figure(space, title, go.Heatmap(text=texts, **coloured)), alt))
    return figures


def _seed_hover(study: SeedStudy, kind: str) -> list[list[str]]:
    space, mean, spread, wins = study.space, study.mean(kind), study.spread(kind), study.wins(kind)
    return [
        [
            f"<b>{space.edge_name(edge)} · {name}</b><br>mean share {mean[row, column]:.5g}<br>"
            f"standard deviation {spread[row, column]:.3g}<br>wins {100 * wins[row, column]:.3g} % of the seeds"
            for column, name in enumerate(space.operations)
        ]
        for row, edge in enumerate(space.edges)
    ]


def _seed_figure(space: SearchSpace, title: str, heatmap: go.Heatmap) -> go.Figure:
    """A heatmap of edges by operations that only hovering says more of."""
    heatmap.update(
        x=[get_operation(name).short for name in space.operations],
        y=[space.edge_name(edge) for edge in space.edges],
        hovertemplate="%{text}<extra></extra>",
    )
    figure = go.Figure(heatmap)
    figure.update_layout(
        title={"text": title, "font": {"size": 15}},
        height=_HEAD + _ROW * len(space.edges),
        margin={"l": 8, "r": 8, "t": 40, "b": 8},
        dragmode=False,
    )
    figure.update_xaxes(title={"text": "operation", "standoff": 4}, fixedrange=True)
    figure.update_yaxes(title={"text": space.edge_noun, "standoff": 14}, autorange="reversed", fixedrange=True)
    return figure


def toy_bars(toy: Toy) -> go.Figure:
    """Flow shares of the toy, a bar an edge, a part an operation."""
    figure = go.Figure()
    for name, colour in (
        ("skip", get_operation("skip_connect").colour),
        ("conv", get_operation("nor_conv_3x3").colour),
    ):
        scores = [score for score in toy.scores() if score.operation == name]
        figure.add_trace(
            go.Bar(
                name=name,
                orientation="h",
                y=[f"edge {score.edge}" for score in scores],
                x=[score.share for score in scores],
                text=[f"{name} {score.share:.3f}" for score in scores],
                textangle=0,
                insidetextanchor="middle",
                marker_color=colour,
                hovertemplate="%{y}, " + name + ": share %{x:.4f}<extra></extra>",
            )
        )
    figure.update_layout(
        title={"text": "Flow share of each operation", "font": {"size": 15}},
        barmode="stack",
        height=190,
        margin={"l": 8, "r": 8, "t": 40, "b": 8},
        showlegend=False,
    )
    figure.update_xaxes(title={"text": "flow share F [passes of a unit of flow]"}, range=[0, 1], fixedrange=True)
    figure.update_yaxes(fixedrange=True, autorange="reversed", title={"text": "edge"})
    return figure


def heatmap_alt(view: View) -> str:
    """What the heatmap says, in one sentence."""
    space, values = view.result.space, view.values()
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    chosen = ", ".join(f"{space.edge_name(space.edges[edge])} {name}" for edge, name in view.decided.items())
    return (
        f"Heatmap of {measures(space)[view.measure].title.lower()}, {len(space.edges)} {space.edge_noun}s by "
        f"{len(space.operations)} operations; largest: {space.operations[column]} on "
        f"{space.edge_name(space.edges[row])} with {values[row, column]:.3g}. Chosen: {chosen or 'nothing yet'}."
    )
