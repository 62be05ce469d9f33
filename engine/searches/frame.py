"""Frames of a search: one cell type after some of its pruning steps, in numbers, as a heatmap and as arrows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.common.errors import unknown_name
from engine.common.ties import SHARE_ROUNDING, Rounding, tie
from engine.exports.colours import positive_limits
from engine.exports.drawing import Arrow, cell_title
from engine.exports.heatmap import Heatmap, HeatmapField, field_number
from engine.proxies.base import Proxy
from engine.spaces import Gene, SearchSpace

IMPORTANCES: Final = ("share", "score", "edge")
"""The numbers that a frame has of every operation: its share, its raw score, its part of what is on the edge."""
STORED_ROUNDING = Rounding(relative=2 * SHARE_ROUNDING.relative)
"""The precision of shares as results hold them, with six digits: tied ones may differ by one in the last."""
_LARGEST_LOG, _LEAST_LOG = math.log10(2**53), -300.0
"""The common logarithms between which raw scores are written out."""
_LEGEND = {
    "solid": "thick border: chosen",
    "dashed": "dashed border: chosen on an edge that was dropped",
    "×": "×: pruned, or not allowed",
}


class FrameNumbers(NamedTuple):
    """Numbers `(edges, operations)` in units of ten to `exponent`, their title, and their unit in words."""

    values: NDArray[np.float64]
    title: str
    unit: str
    exponent: int = 0


class FrameScale(NamedTuple):
    """A scale of colours: by the logarithm of an importance or in proportion, and its limits in a unit of ten.

    Where `limits` and `exponent` are None they are those of the frame that is coloured.
    """

    importance: str = "share"
    log: bool = True
    limits: tuple[float, float] | None = None
    exponent: int | None = None


OWN_SCALE = FrameScale()
"""The scale of flow shares by their logarithm that spans those of the frame itself."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One cell type of a search after some of its pruning steps.

    `shares` `(edges, operations)` are 0 where an operation is not `live`; a raw score of the `proxy` is
    `share * exp(log_flow)`. `decided` has the operations that are chosen by now, by the index of their edge, `kept` the
    edges of the genotype, `signs` a word on what is pinned or banned, by edge and operation. Of a frame that is
    `finished` edges are kept or dropped.
    """

    space: SearchSpace
    kind: str
    proxy: Proxy
    shares: NDArray[np.float64]
    live: NDArray[np.bool_]
    log_flow: float
    decided: Mapping[int, str]
    kept: frozenset[int]
    signs: Mapping[tuple[int, int], str]
    finished: bool

    def numbers(self, importance: str = "share", exponent: int | None = None) -> FrameNumbers:
        """Return the numbers of an importance, one of `IMPORTANCES`; `ValueError` for another one.

        Raw scores beyond what is written out are in units of ten to `exponent`, that of the largest where it is None.
        """
        noun = self.space.edge_noun
        match importance:
            case "share":
                unit = self.proxy.meaning.partition(":")[0]
                return FrameNumbers(self.shares, f"{self.proxy.unit} share".capitalize(), unit)
            case "score":
                return self._raw_scores(exponent)
            case "edge":
                totals = self.shares.sum(axis=1, keepdims=True)
                percent = 100 * self.shares / np.where(totals > 0, totals, 1)
                return FrameNumbers(percent, f"{self.proxy.unit} share of its {noun}".capitalize(), f"% of the {noun}")
        raise unknown_name("importance", importance, IMPORTANCES)

    def _raw_scores(self, exponent: int | None) -> FrameNumbers:
        if exponent is None:
            largest = np.log10(self.shares.max()) + self.log_flow / math.log(10) if self.shares.any() else 0.0
            exponent = 0 if _LEAST_LOG < largest <= _LARGEST_LOG else math.floor(largest)
        values = self.shares * math.exp(self.log_flow - exponent * math.log(10))
        unit = "before division by the sum" + (f", in 10^{exponent}" if exponent else "")
        return FrameNumbers(values, f"Raw {self.proxy.unit}", unit, exponent)

    def heatmap(self, scale: FrameScale = OWN_SCALE, title: str = "", note: str = "") -> Heatmap:
        """Return the heatmap of the importance that the `scale` is of, with a title of its own and a note below it."""
        numbers = self.numbers(scale.importance, scale.exponent)
        fields = tuple(
            tuple(self._field(edge, operation, value) for operation, value in enumerate(values))
            for edge, values in enumerate(numbers.values.tolist())
        )
        signs = {sign for row in fields for field in row for sign in (field.border, field.text)}
        return Heatmap(
            title=f"{title or cell_title(self.kind)}: {numbers.title.lower()}",
            notes=tuple(line for line in (note, numbers.unit) if line),
            edges=tuple(self.space.edge_name(edge) for edge in self.space.edges),
            operations=self.space.operations,
            fields=fields,
            limits=scale.limits or positive_limits(numbers.values.flat),
            log=scale.log,
            legend=tuple(words for sign, words in _LEGEND.items() if sign in signs),
        )

    def _field(self, edge: int, operation: int, value: float) -> HeatmapField:
        sign = self.signs.get((edge, operation), "")
        if not self.live[edge, operation]:
            candidate = self.space.candidates[self.space.cell_types.index(self.kind), edge, operation]
            return HeatmapField("×" if candidate else "", note=sign)
        chosen = self.decided.get(edge) == self.space.operations[operation]
        border = "" if not chosen else "dashed" if self.finished and edge not in self.kept else "solid"
        return HeatmapField(field_number(value), value if value > 0 else None, sign, border)

    def arrows(self, dropped: bool = True) -> list[Arrow]:
        """Return the best live operation of every edge, as wide as the share of the edge, pale until it is alone there.

        Of a frame that is finished, dropped edges are pale, or left out unless `dropped`.
        """
        edges = [edge for edge in range(len(self.space.edges)) if dropped or edge in self.kept]
        strengths = self.shares.sum(axis=1)
        largest = float(strengths[edges].max()) or 1.0
        return [self._arrow(edge, float(strengths[edge]) / largest) for edge in edges]

    def _arrow(self, edge: int, width: float) -> Arrow:
        row = np.where(self.live[edge], tie(self.shares[edge], STORED_ROUNDING), -1.0)
        best = int(np.flatnonzero(row == row.max())[-1])  # of equals the first is pruned first
        others = int(self.live[edge].sum()) - 1
        return Arrow(
            Gene(*self.space.edges[edge], self.space.operations[best]),
            width=width,
            faint=others > 0 or (self.finished and edge not in self.kept),
            note=f"+{others}" if others else "",
        )


def common_scale(frames: Sequence[Frame], importance: str = "share", log: bool = True) -> FrameScale:
    """Return the scale that spans the numbers of all `frames`, in the unit of the first."""
    exponent = frames[0].numbers(importance).exponent
    values = [frame.numbers(importance, exponent).values.ravel() for frame in frames]
    return FrameScale(importance, log, positive_limits(np.concatenate(values)), exponent)
