"""The parts that the networks of a space are made of, as descriptions: each has a cost, and can be built and timed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.operations.layers import Layer, strided
from engine.operations.registry import get_operation
from engine.spaces import CellPlan, SearchSpace, Size


@dataclass(frozen=True)
class LayerStack:
    """Layers one after the other, on features of `size`; None in their place passes nothing."""

    layers: tuple[Layer, ...] | None
    c_in: int
    c_out: int
    size: int
    stride: int


@dataclass(frozen=True)
class NodeAggregation:
    """The work of a cell besides its layers: `sums` of two features at its nodes, a concatenation of `outputs`."""

    sums: int
    outputs: int
    channels: int
    size: int


@dataclass(frozen=True)
class ClassifierHead:
    """Layers of the head, global average pooling and the linear classifier."""

    layers: tuple[Layer, ...]
    channels: int
    features: int
    size: int
    classes: int


NetworkPart = LayerStack | NodeAggregation | ClassifierHead
CandidateIndex = tuple[int, int, int]
"""Cell type, edge and operation, as indices of the tables of a space."""


def network_parts(
    space: SearchSpace, size: Size, image_size: int, classes: int
) -> Iterator[tuple[NetworkPart, CandidateIndex | None]]:
    """Yield all parts of the networks of a space, cell by cell, with every operation on every edge.

    Beside a part stands the candidate that it belongs to, None for a part of every network.
    """
    plan = space.plan(size)
    yield LayerStack(plan.stem, 3, plan.stem_channels, image_size, plan.stem_stride), None
    sums = sum(kept - 1 for kept in space.kept_counts)
    sizes = [strided(image_size, plan.stem_stride)] * space.inputs
    for cell in plan.cells:
        for (c_in, layers), stride, before in zip(cell.inputs, cell.input_stride, sizes, strict=True):
            yield LayerStack(layers, c_in, cell.input_channels, before, stride), None
            entered = strided(before, stride)
        yield from _candidate_parts(space, cell, entered)
        after = strided(entered, cell.stride)
        yield NodeAggregation(sums, len(space.outputs), cell.channels, after), None
        sizes = [*sizes[1:], after]
    yield ClassifierHead(plan.head, plan.head_channels, plan.classified, after, classes), None


def _candidate_parts(space: SearchSpace, cell: CellPlan, size: int) -> Iterator[tuple[NetworkPart, CandidateIndex]]:
    """Yield the operations on the edges of a cell whose input nodes have features of `size`."""
    kind = space.cell_types.index(cell.kind)
    for edge, (source, _) in space.local_edges(cell).items():
        shape = cell.edge_shape(source)
        edge_size = size if source < space.inputs else strided(size, cell.stride)
        for index in np.flatnonzero(space.candidates[kind, edge]).tolist():
            operation = get_operation(space.operations[index])
            layers = None if operation.zero else operation.at(shape.stride, shape.c_in == shape.c_out)
            yield LayerStack(layers, shape.c_in, shape.c_out, edge_size, shape.stride), (kind, edge, index)
