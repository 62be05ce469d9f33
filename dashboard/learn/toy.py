"""A supernet small enough to check by hand: two mixed edges in a row, each with `skip` and one convolution.

Node 0 holds 1. Edge A leads to node 1, edge B to node 2, whose value is the flow R. With the weights `a` and `b` of the
convolutions and all α = 1, R = (1 + a)(1 + b).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import plotly.graph_objects as go

from engine.operations.registry import get_operation


class ToyScore(NamedTuple):
    """An operation on an edge: its saliency S, its flow share F, and the paths that pass through it."""

    edge: str
    operation: str
    saliency: float
    share: float
    paths: str


@dataclass(frozen=True)
class Toy:
    """A supernet of two edges with its two weights, both positive."""

    a: float
    b: float

    @property
    def flow(self) -> float:
        """Return R, the sum over all four paths."""
        return 1 + self.a + self.b + self.a * self.b

    def scores(self) -> list[ToyScore]:
        """Return the four operations: saliencies are sums over the paths through each, shares are those over R."""
        a, b = self.a, self.b
        through = (
            ("A", "skip", 1 + b, "1·1 + 1·b"),
            ("A", "conv", a + a * b, "a·1 + a·b"),
            ("B", "skip", 1 + a, "1·1 + a·1"),
            ("B", "conv", b + a * b, "1·b + a·b"),
        )
        return [ToyScore(edge, name, value, value / self.flow, paths) for edge, name, value, paths in through]

    def pruned(self) -> list[str]:
        """Return the operations that iterative pruning drops, in order, until one is left on each edge."""
        first = min(self.scores(), key=lambda score: score.share)
        other = "B" if first.edge == "A" else "A"
        second = min((score for score in self.scores() if score.edge == other), key=lambda score: score.share)
        return [f"{score.operation} on {score.edge}" for score in (first, second)]


def toy_bars(toy: Toy) -> go.Figure:
    """Draw the flow shares of the toy, a bar an edge, a part an operation."""
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
