"""The frozen weights of a supernet, drawn from its seed and arranged for computing: `Builder` gives `Cell`s.

In one fixed order, whatever the field or the device, so that a seed means the same weights everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.adjoint import Kernel, Stack
from engine.config import SearchConfig
from engine.layers import Conv, Layer, Norm, Reduce, Relu, Residual
from engine.operations import operation
from engine.spaces.base import CellPlan

CLASSES = 10


@dataclass(frozen=True)
class Group:
    """Operations with the same features, on those edges into a node that have the same stride.

    `stack` gives the features of an edge. Where there are `matrices` `(edges, operations, C, C)`, they map the channels
    of these features to those of the node, one matrix product for all edges and operations. Where there are none, the
    operation is linear and ends in a convolution, which sums over the edges while it is at it.
    """

    operations: tuple[int, ...]
    edges: tuple[int, ...]
    stack: Stack
    matrices: Tensor | None = None


@dataclass(frozen=True)
class Cell:
    """One cell: the index of its type, the layers before its input nodes, the groups of edges into every other node."""

    type_index: int
    inputs: tuple[Stack, ...]
    targets: tuple[tuple[Group, ...], ...]


Drawn = tuple[tuple[Layer, ...], list[Tensor]]
"""Layers and their weights, in order."""


class Builder:
    """Draws all weights of a supernet, in one fixed order from one seed, and stacks them by target node."""

    def __init__(self, config: SearchConfig, device: torch.device, dtype: torch.dtype) -> None:
        self.space = config.described_space
        self.interior = config.field == "interior"
        self.normalised = config.normalisation == "batch"
        self.generator = torch.Generator().manual_seed(config.seed)
        self.device, self.dtype = device, dtype

    def stack(self, layers: tuple[Layer, ...], c_in: int, c_out: int, stride: int = 1) -> Stack:
        """`layers` with fresh weights, outside the edges of a cell."""
        layers, weights = self._simplified(layers, self._stacked([self._draw(layers, c_in, c_out)]), c_in)
        return self._stack(layers, weights, stride)

    def cell(self, plan: CellPlan) -> Cell:
        """One cell, its weights drawn input by input, then edge by edge."""
        inputs = tuple(
            self.stack(layers, c_in, plan.channels, stride)
            for (c_in, layers), stride in zip(plan.inputs, plan.input_stride, strict=True)
        )
        drawn = [self._draw_edge(edge.source, plan) for edge in self.space.edges]
        targets = tuple(tuple(self._groups(node, drawn, plan)) for node in range(self.space.inputs, self.space.nodes))
        return Cell(self.space.cell_types.index(plan.kind), inputs, targets)

    def _groups(self, node: int, drawn: Sequence[dict[int, Drawn]], plan: CellPlan) -> Iterator[Group]:
        incoming = [index for index, edge in enumerate(self.space.edges) if edge.target == node]
        for stride in sorted({self._stride(self.space.edges[index].source, plan) for index in incoming}):
            edges = tuple(i for i in incoming if self._stride(self.space.edges[i].source, plan) == stride)
            plain: dict[int, Tensor] = {}  # operations that only mix the channels of their source
            identity = torch.eye(plan.channels, device=self.device, dtype=self.dtype).repeat(len(edges), 1, 1)
            for index, (layers, _) in drawn[edges[0]].items():
                weights = self._stacked([drawn[edge][index][1] for edge in edges])
                layers, weights = self._simplified(layers, weights, plan.channels)
                if not layers:
                    plain[index] = identity
                elif layers in ((Conv(1),), (Conv(1, strided=stride == 1),)) and not self.normalised:
                    plain[index] = weights[0].flatten(2).transpose(1, 2).contiguous()
                else:
                    sums = isinstance(layers[-1], Conv) and not self.normalised
                    stack = self._stack(layers, weights, stride)
                    yield Group((index,), edges, stack, None if sums else identity[:, None])
            if plain:
                yield Group(tuple(plain), edges, Stack((), (), stride), torch.stack([*plain.values()], 1))

    def classifier(self, channels: int) -> Tensor:
        """Weight of every channel in the sum of the logits; the bias stays out, it is not flow."""
        weight = self._kernel(CLASSES, channels, 1)
        return weight.sum((0, 2, 3)).to(self.device, self.dtype)

    def _stride(self, node: int, plan: CellPlan) -> int:
        return plan.stride if node < self.space.inputs else 1

    def _draw_edge(self, source: int, plan: CellPlan) -> dict[int, Drawn]:
        drawn = {}
        for index, name in enumerate(self.space.operations):
            candidate = operation(name)
            if not candidate.zero:
                layers = candidate.at(self._stride(source, plan))
                if candidate.pooling and self.space.normalised_pooling:
                    layers += (Norm(),)
                drawn[index] = (layers, self._draw(layers, plan.channels, plan.channels))
        return drawn

    def _draw(self, layers: Sequence[Layer], c_in: int, c_out: int) -> list[Tensor]:
        weights, channels = [], c_in
        for layer in layers:
            match layer:
                case Conv(depthwise=True):
                    weights.append(self._kernel(channels, 1, layer.kernel))
                case Conv():
                    weights.append(self._kernel(c_out, channels, layer.kernel))
                    channels = c_out
                case Reduce():
                    weights += [self._kernel(c_out // 2, channels, 1) for _ in range(2)]
                    channels = c_out
                case Residual():
                    weights += self._draw(layer.main, channels, c_out) + self._draw(layer.shortcut, channels, c_out)
                    channels = c_out
        return weights

    def _kernel(self, c_out: int, fan_channels: int, kernel: int) -> Tensor:
        """Absolute value of PyTorch's default initialisation, U(-b, b) with b = 1 / sqrt(fan in)."""
        shape = (c_out, fan_channels, kernel, kernel)
        drawn: Tensor = torch.rand(shape, generator=self.generator) / (fan_channels * kernel**2) ** 0.5
        return drawn

    def _stacked(self, drawn: Sequence[Sequence[Tensor]]) -> list[Tensor]:
        """The weights drawn for some edges, `(edges, c_out, c_in / groups, k, k)` each."""
        return [torch.stack(weights).to(self.device, self.dtype) for weights in zip(*drawn, strict=True)]

    def _simplified(
        self, layers: tuple[Layer, ...], weights: list[Tensor], c_in: int
    ) -> tuple[tuple[Layer, ...], list[Tensor]]:
        """The layers that do something: none is a rectifier where all is positive; one matrix does in the interior.

        Away from the border every feature map is constant, so a kernel acts as the sum over its taps, a pooling as the
        identity, and any chain of layers as one 1x1 convolution.
        """
        if self.normalised:
            return layers, weights
        if self.interior:
            if not weights:
                return (), []
            eye = torch.eye(c_in, device=self.device, dtype=self.dtype).expand(len(weights[0]), -1, -1)
            matrix = _composed(layers, iter(weights), eye)
            return (Conv(1),), [matrix.transpose(1, 2)[..., None, None]]
        return _linear(layers), weights

    def _stack(self, layers: tuple[Layer, ...], weights: Sequence[Tensor], stride: int) -> Stack:
        kernels = tuple(Kernel.of(weight, depthwise=weight.shape[2] == 1) for weight in weights)
        return Stack(layers, kernels, stride)


def _linear(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """`layers` without rectifiers and norms."""
    return tuple(
        Residual(_linear(layer.main), _linear(layer.shortcut)) if isinstance(layer, Residual) else layer
        for layer in layers
        if not isinstance(layer, Relu | Norm)
    )


def _composed(layers: Sequence[Layer], weights: Iterator[Tensor], matrix: Tensor) -> Tensor:
    """`matrix` `(edges, c_in, c)` followed by what `layers` do to the channels of a constant feature map."""
    for layer in layers:
        match layer:
            case Conv(depthwise=True):
                matrix = matrix * next(weights).sum((3, 4)).transpose(1, 2)
            case Conv():
                matrix = matrix @ next(weights).sum((3, 4)).transpose(1, 2)
            case Reduce():
                halves = torch.cat([next(weights), next(weights)], 1)
                matrix = matrix @ halves.flatten(2).transpose(1, 2)
            case Residual():
                matrix = _composed(layer.main, weights, matrix) + _composed(layer.shortcut, weights, matrix)
    return matrix
