"""Layer-wise spaces: one network whose layers, each with a width and a size of its own, choose an operation each."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from itertools import accumulate
from typing import NamedTuple

from engine.data.images import IMAGE_SIZE
from engine.operations.layers import Layer, strided
from engine.spaces.base import SearchSpace
from engine.spaces.plan import CellPlan, Edge, Plan, Size

KIND = "network"
"""The only cell type of such a space: its edges are the layers, one after the other."""


class Stage(NamedTuple):
    """A row of layers: their number, their published width, and the stride of the first of them."""

    layers: int
    width: int
    stride: int


@dataclass(frozen=True)
class Chain(SearchSpace):
    """A chain of layers; `Size.channels` is the width of the stem, to which all others keep their published ratio.

    Widths are rounded to even numbers. `entry` stands between the stem and the first layer, which it gives `entered`
    channels; `features` leave the head.
    The size of an image is halved upwards, so that any passes, and a size of 1 stays.
    """

    cell_noun = KIND
    edge_noun = "layer"
    stem: tuple[Layer, ...] = ()
    stem_width: int = 1
    stem_stride: int = 1
    entry: tuple[Layer, ...] = ()
    entered: int = 1
    stages: tuple[Stage, ...] = ()
    head: tuple[Layer, ...] = ()
    features: int = 1

    @property
    def planner(self) -> partial[Plan]:
        return partial(
            chain_plan,
            kind=KIND,
            stem=self.stem,
            stem_width=self.stem_width,
            stem_stride=self.stem_stride,
            entry=self.entry,
            entered=self.entered,
            stages=self.stages,
            head=self.head,
            features=self.features,
        )

    def edge_name(self, edge: Edge) -> str:
        """Return the name of a layer, counted from 1."""
        return f"layer {edge.target}"

    def edge_label(self, edge: Edge) -> str:
        """Return the number of a layer."""
        return str(edge.target)

    def node_label(self, node: int) -> str:
        """Return the size of an image of 32x32 pixels at a node, and its width, at the evaluation size."""
        plan = self.plan(self.evaluation_size)
        before = plan.cells[:node]
        size = reduce(strided, [plan.stem_stride, *(cell.stride for cell in before)], IMAGE_SIZE)
        return f"{size}² × {before[-1].channels if before else plan.cells[0].input_channels}"

    def picture_row(self, node: int) -> int:
        """Return the stage, counted from 1, whose layer ends in a node; the input stands above all."""
        ends = list(accumulate(layers for layers, _, _ in self.stages))
        return bisect_left(ends, node) + 1 if node else 0


def chain_plan(
    size: Size,
    *,
    kind: str,
    stem: tuple[Layer, ...],
    stem_width: int,
    stem_stride: int,
    entry: tuple[Layer, ...],
    entered: int,
    stages: Sequence[tuple[int, int, int]],
    head: tuple[Layer, ...],
    features: int,
) -> Plan:
    """Plan a chain of layers at `size`, in `stages` of so many layers, a published width, and a first stride.

    The published widths stand beside a stem of `stem_width`; all are scaled to the channels of the stem and rounded to
    even numbers.
    """
    published = (entered, *(width for _, width, _ in stages), features)
    widths = [max(2, 2 * round(width * size.channels / stem_width / 2)) for width in published]
    cells: list[CellPlan] = []
    before, entering, entered = size.channels, entry, widths[0]
    for (layers, _, first_stride), width in zip(stages, widths[1:-1], strict=True):
        for index in range(layers):
            stride = 1 if index else first_stride
            cells.append(CellPlan(kind, width, ((before, entering),), (1,), stride, entered, len(cells)))
            before, entering, entered = width, (), width
    return Plan(stem, size.channels, tuple(cells), head, before, widths[-1], stem_stride)


def chain_edges(stages: tuple[Stage, ...]) -> tuple[Edge, ...]:
    """Return the edges of a chain, one a layer."""
    return tuple(Edge(index, index + 1) for index in range(sum(stage.layers for stage in stages)))


def changes(stages: tuple[Stage, ...], entered: int) -> Iterator[bool]:
    """Yield, layer by layer, True where size or width changes; `entered` channels reach the first of them."""
    for layers, width, stride in stages:
        yield stride > 1 or width != entered
        yield from [False] * (layers - 1)
        entered = width
