"""The parts that the networks of a space are made of, each a description that can be put on a device and called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.operations.layers import Layer, strided
from engine.operations.registry import get_operation
from engine.spaces import CellPlan, SearchSpace, Size


@dataclass(frozen=True)
class Block:
    """Layers somewhere in a network, on features of `size`; None in their place passes nothing."""

    layers: tuple[Layer, ...] | None
    c_in: int
    c_out: int
    size: int
    stride: int


@dataclass(frozen=True)
class Join:
    """What a cell does besides its layers: `sums` of two features at its nodes, and a concatenation of `outputs`."""

    sums: int
    outputs: int
    channels: int
    size: int


@dataclass(frozen=True)
class Ending:
    """Head, global average pooling and classifier."""

    layers: tuple[Layer, ...]
    channels: int
    features: int
    size: int
    classes: int


Part = Block | Join | Ending
Where = tuple[int, int, int] | None
"""The cell type, edge and operation that a part stands for, or None for one that every network has."""


def parts_of(described: SearchSpace, size: Size, image_size: int, classes: int) -> Iterator[tuple[Part, Where]]:
    """Everything the networks of a space do, cell by cell, with every operation on every edge."""
    plan = described.plan(size)
    yield Block(plan.stem, 3, plan.stem_channels, image_size, plan.stem_stride), None
    sums = sum(kept - 1 for kept in described.kept)
    sizes = [strided(image_size, plan.stem_stride)] * described.inputs
    for cell in plan.cells:
        for (c_in, layers), stride, before in zip(cell.inputs, cell.input_stride, sizes, strict=True):
            yield Block(layers, c_in, cell.input_channels, before, stride), None
            entered = strided(before, stride)
        yield from _edges(described, cell, entered)
        after = strided(entered, cell.stride)
        yield Join(sums, len(described.outputs), cell.channels, after), None
        sizes = [*sizes[1:], after]
    yield Ending(plan.head, plan.head_channels, plan.classified, after, classes), None


def _edges(described: SearchSpace, cell: CellPlan, entered: int) -> Iterator[tuple[Part, Where]]:
    """The operations on the edges of a cell whose input nodes have features of size `entered`."""
    kind = described.cell_types.index(cell.kind)
    for index, (source, _) in described.inside(cell).items():
        passage = cell.passage(source)
        at = entered if source < described.inputs else strided(entered, cell.stride)
        for place in np.flatnonzero(described.candidates[kind, index]).tolist():
            candidate = get_operation(described.operations[place])
            passed = None if candidate.zero else candidate.at(passage.stride, passage.c_in == passage.c_out)
            yield Block(passed, passage.c_in, passage.c_out, at, passage.stride), (kind, index, place)
