"""One look at a result: the numbers of its operations, edge by edge, and the selection among them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.common.ties import SHARE_ROUNDING, Rounding, tie
from engine.searches.result import ScoreTable, SearchResult
from engine.spaces import SearchSpace


class Importance(NamedTuple):
    """A number that a heatmap can show for every operation on every edge: its title and its unit."""

    title: str
    unit: str


def importances(space: SearchSpace, flow: bool = True) -> dict[str, Importance]:
    """Return the numbers that a heatmap can show in a space, for a proxy whose scores are flow or others."""
    return {
        "edge": Importance(
            f"% of {connection_noun(space)}", f"per cent of the signal on the {connection_noun(space)}"
        ),
        "share": Importance(
            "Flow share" if flow else "Share of all scores",
            "how often a unit of flow passes here on its way through the network" if flow else "a part of their sum",
        ),
        "score": Importance(
            "Raw score", "α · ∂R/∂α, R the sum of the logits" if flow else "as the proxy gives it"
        ),
    }


def connection_noun(space: SearchSpace) -> str:
    """Return the word for an edge in sentences for people."""
    return "connection" if space.edge_noun == "edge" else space.edge_noun


class Selection(NamedTuple):
    """The selection in a result: an operation on an edge, a whole edge, or an operation wherever it is."""

    edge: int | None
    operation: str | None


NO_SELECTION = Selection(None, None)
_SHARE_ROUNDING = Rounding(relative=2 * SHARE_ROUNDING.relative)
"""The precision of shares as results hold them, with six digits: tied ones may differ by one in the last."""


_EXACT = math.log10(2**53)
"""The logarithm up to which a page writes numbers out; browsers and tables show no larger whole number exactly."""


def is_huge(log: float) -> bool:
    """Return True for a number, given by its common logarithm, that is beyond what tables show, or a double holds."""
    return log > _EXACT or -math.inf < log < -300


def tie_shares(shares: ScoreTable) -> ScoreTable:
    """Return shares, or numbers in proportion to them, with those made equal that differ by rounding alone."""
    return tie(shares, _SHARE_ROUNDING)


@dataclass(frozen=True)
class View:
    """One look at a cell type of a result: a number of pruning steps, an importance, a scale of colours.

    `limits` are the least and the largest number that the colours span; those of the view itself where it is None. Raw
    scores beyond what a page writes out are in units of ten to `power`, that of the view itself where it is None.
    """

    result: SearchResult
    kind: str
    importance: str = "share"
    log: bool = True
    step: int | None = None
    limits: tuple[float, float] | None = None
    power: int | None = None

    @property
    def at_pass(self) -> int:
        """Return the pass whose scores are shown: the one that condemns the next operation."""
        steps = self.result.steps
        if self.step is None or not steps:
            return 0
        return steps[self.step].at_pass if self.step < len(steps) else len(self.result.passes) - 1

    @cached_property
    def live(self) -> NDArray[np.bool_]:
        """Return the mask of live operations, `(edges, operations)`."""
        return self.result.live(self.kind, self.step or 0)

    @property
    def finished(self) -> bool:
        """Return True where nothing is left to prune: all edges have their operation, and are kept or dropped."""
        return self.step is None or self.step >= len(self.result.steps)

    @cached_property
    def decided(self) -> dict[int, str]:
        """Return the chosen operations by the index of their edge, in a replay those that are alone there by now."""
        alone = self.live.sum(axis=1) == 1
        return {edge: name for edge, name in self.result.chosen(self.kind).items() if self.finished or alone[edge]}

    def shares(self) -> ScoreTable:
        """Return the flow shares, `(edges, operations)`, 0 where an operation is not live."""
        return np.where(self.live, self.result.passes[self.at_pass].shares[self.kind], 0.0)

    @property
    def exponent(self) -> int:
        """Return the power of ten that is the unit of the numbers: 0, but of raw scores that are too large to write."""
        if self.importance != "score" or self.power is not None:
            return self.power or 0
        largest = float(self.log_scores().max())
        return math.floor(largest) if is_huge(largest) else 0

    def log_scores(self) -> ScoreTable:
        """Return the common logarithms of the raw scores, `(edges, operations)`, -inf for 0."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.log10(self.shares()) + self.result.passes[self.at_pass].log_flow / math.log(10))

    def values(self) -> ScoreTable:
        """Return the numbers of the importance in units of ten to `exponent`, `(edges, operations)`."""
        shares = self.shares()
        if self.importance == "edge":
            totals = shares.sum(axis=1, keepdims=True)
            return 100 * shares / np.where(totals > 0, totals, 1)
        if self.importance == "score":
            log_unit = self.exponent * math.log(10)
            return np.asarray(shares * np.exp(self.result.passes[self.at_pass].log_flow - log_unit))
        return shares
