"""The parts that the networks of a space are made of, each a description that can be put on a device and called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.layers import Layer
from engine.operations import operation
from engine.spaces import SearchSpace, Size

if TYPE_CHECKING:
    from torch import Tensor

    from engine.timing import Call, Setup


@dataclass(frozen=True)
class Block:
    """Layers somewhere in a network, on features of `size`; None in their place passes nothing."""

    layers: tuple[Layer, ...] | None
    c_in: int
    c_out: int
    size: int
    stride: int

    def call(self, setup: Setup) -> Call:
        """One pass on the device."""
        from engine.network import edge, sequence

        if self.layers is None:
            module = edge(None, self.c_in, self.stride)
        else:
            module = sequence(self.layers, self.c_in, self.c_out, self.stride)
        placed, features = setup.place(module), setup.features(self.c_in, self.size)
        return lambda: placed(features)


@dataclass(frozen=True)
class Join:
    """What a cell does besides its layers: `sums` of two features at its nodes, and a concatenation of `outputs`."""

    sums: int
    outputs: int
    channels: int
    size: int

    def call(self, setup: Setup) -> Call:
        """One pass on the device."""
        import torch

        features = setup.features(self.channels, self.size)

        def join() -> Tensor:
            total = features
            for _ in range(self.sums):
                total = total + features
            return torch.cat([total] * self.outputs, dim=1)

        return join


@dataclass(frozen=True)
class Ending:
    """Head, global average pooling and classifier."""

    layers: tuple[Layer, ...]
    channels: int
    size: int
    classes: int

    def call(self, setup: Setup) -> Call:
        """One pass on the device."""
        from torch import nn

        from engine.network import sequence

        head = setup.place(sequence(self.layers, self.channels, self.channels))
        classifier = setup.place(nn.Linear(self.channels, self.classes))
        features = setup.features(self.channels, self.size)
        return lambda: classifier(head(features).mean((2, 3)))


Part = Block | Join | Ending
Where = tuple[int, int, int] | None
"""The cell type, edge and operation that a part stands for, or None for one that every network has."""


def parts_of(described: SearchSpace, size: Size, image_size: int, classes: int) -> Iterator[tuple[Part, Where]]:
    """Everything the networks of a space do, cell by cell, with every operation on every edge."""
    plan = described.plan(size)
    yield Block(plan.stem, 3, plan.stem_channels, image_size, 1), None
    sums = sum((described.kept_edges or len(incoming)) - 1 for incoming in described.incoming())
    sizes = [image_size] * described.inputs
    for cell in plan.cells:
        for (c_in, layers), stride, before in zip(cell.inputs, cell.input_stride, sizes, strict=True):
            yield Block(layers, c_in, cell.channels, before, stride), None
            entered = before // stride
        after = entered // cell.stride
        for index, (source, _) in enumerate(described.edges):
            stride, at = (cell.stride, entered) if source < described.inputs else (1, after)
            for place, candidate in enumerate(map(operation, described.operations)):
                passed = None if candidate.zero else candidate.at(stride)
                where = (described.cell_types.index(cell.kind), index, place)
                yield Block(passed, cell.channels, cell.channels, at, stride), where
        yield Join(sums, len(described.outputs), cell.channels, after), None
        sizes = [*sizes[1:], after]
    yield Ending(plan.head, plan.head_channels, after, classes), None
