"""A supernet of two mixed edges in a row, each with a skip and one convolution: small enough to check by hand.

Node 0 holds 1. Edge A leads to node 1, edge B to node 2, whose value is the flow R. A skip passes what it is given, a
convolution is a single weight, `a` or `b`. There are four paths, and with all α = 1 R = (1 + a)(1 + b).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

TOY_EDGES = ("A", "B")
TOY_OPERATIONS = ("skip", "conv")
TOY_WEIGHTS, TOY_ALPHAS = (0.1, 5.0), (0.0, 2.0)
"""The bounds of weights and of α; an α of 0 is what pruning makes of an operation."""


class ToyScore(NamedTuple):
    """An operation on an edge: its weight and α, its saliency S, and its flow share F."""

    edge: str
    operation: str
    weight: float
    alpha: float
    saliency: float
    share: float


class ToyPath(NamedTuple):
    """A path from node 0 to node 2: its operation on edge A, that on edge B, and its value."""

    first: str
    second: str
    value: float


@dataclass(frozen=True)
class Toy:
    """The toy with its two weights and four `alphas`: of the skip and the convolution on A, and of those on B."""

    a: float = 3.0
    b: float = 2.0
    alphas: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)

    def __post_init__(self) -> None:
        _check_bounds("a weight of the toy", (self.a, self.b), TOY_WEIGHTS)
        _check_bounds("an α of the toy", self.alphas, TOY_ALPHAS)

    @property
    def weights(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return the weights of skip and convolution, edge by edge."""
        return (1.0, self.a), (1.0, self.b)

    @property
    def factors(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return α times the weight of skip and convolution, edge by edge."""
        first, second, third, fourth = self.alphas
        return (first, second * self.a), (third, fourth * self.b)

    @property
    def nodes(self) -> tuple[float, float, float]:
        """Return the values of the nodes; the last one is R."""
        first, second = map(sum, self.factors)
        return 1.0, first, first * second

    @property
    def flow(self) -> float:
        """Return R."""
        return self.nodes[-1]

    def scores(self) -> list[ToyScore]:
        """Return the four operations with `S = α · ∂R/∂α`, in one pass forward and one backward, and `F = S / R`.

        Shares are 0 where nothing flows.
        """
        before, after = self.nodes, (sum(self.factors[1]), 1.0)
        scores = []
        for edge, operation in product(range(2), range(2)):
            saliency = before[edge] * self.factors[edge][operation] * after[edge]
            names = TOY_EDGES[edge], TOY_OPERATIONS[operation]
            parts = self.weights[edge][operation], self.alphas[2 * edge + operation]
            scores.append(ToyScore(*names, *parts, saliency, saliency / self.flow if self.flow else 0.0))
        return scores

    def paths(self) -> list[ToyPath]:
        """Return the four paths; their values sum to R."""
        first, second = self.factors
        places = product(range(2), range(2))
        return [ToyPath(TOY_OPERATIONS[i], TOY_OPERATIONS[j], first[i] * second[j]) for i, j in places]

    def pruned(self) -> list[ToyScore]:
        """Return the operations that iterative pruning drops, in order, until one is left on each edge."""
        first = min(self.scores(), key=lambda score: score.share)
        second = min((score for score in self.scores() if score.edge != first.edge), key=lambda score: score.share)
        return [first, second]


def _check_bounds(name: str, values: tuple[float, ...], bounds: tuple[float, float]) -> None:
    low, high = bounds
    for value in values:
        if not (math.isfinite(value) and low <= value <= high):
            raise ValueError(f"{name} is {value!r}; a number from {low:g} to {high:g} is allowed")
