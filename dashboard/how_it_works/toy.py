"""A supernet small enough to check by hand: two mixed edges in a row, each with `skip` and one convolution.

Node 0 holds 1. Edge A leads to node 1, edge B to node 2, whose value is the flow R. With the weights `a` and `b` of the
convolutions and all α = 1, R = (1 + a)(1 + b).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class ToyScore(NamedTuple):
    """One operation: where it is, its saliency S, its flow share F, and the paths that pass through it."""

    edge: str
    operation: str
    saliency: float
    share: float
    paths: str


@dataclass(frozen=True)
class Toy:
    """The toy with its two weights, both positive."""

    a: float
    b: float

    @property
    def flow(self) -> float:
        """R, the sum over all four paths."""
        return 1 + self.a + self.b + self.a * self.b

    def scores(self) -> list[ToyScore]:
        """Saliency and share of the four operations: the sum over the paths that pass through each, and that over R."""
        a, b = self.a, self.b
        through = (
            ("A", "skip", 1 + b, "1·1 + 1·b"),
            ("A", "conv", a + a * b, "a·1 + a·b"),
            ("B", "skip", 1 + a, "1·1 + a·1"),
            ("B", "conv", b + a * b, "1·b + a·b"),
        )
        return [ToyScore(edge, name, value, value / self.flow, paths) for edge, name, value, paths in through]

    def pruned(self) -> list[str]:
        """What iterative pruning drops, in order, until one operation is left on each edge."""
        first = min(self.scores(), key=lambda score: score.share)
        other = "B" if first.edge == "A" else "A"
        second = min((score for score in self.scores() if score.edge == other), key=lambda score: score.share)
        return [f"{score.operation} on {score.edge}" for score in (first, second)]
