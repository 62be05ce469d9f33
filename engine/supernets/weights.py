"""The frozen weights of a supernet, drawn from its seed and arranged for computing: `Builder` gives `Cell`s.

In one fixed order, whatever the field or the device, so that a seed means the same weights everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.data.images import CLASSES
from engine.operations.layers import Conv, Layer, Noise, Norm, Reduce, Relu, Residual
from engine.operations.registry import get_operation
from engine.spaces.plan import CellPlan, Edge, EdgeShape
from engine.supernets.adjoint import Kernel, Stack
from engine.supernets.spec import SupernetSpec

ALPHA_NOISE = 1e-3
"""Scale of the released code's α, `1e-3 · |N(0, 1)|`."""


def architecture_parameters(spec: SupernetSpec) -> Tensor:
    """Draw α of a supernet, `(cell types, edges, operations)`; noise has a stream apart from that of the weights."""
    shape = spec.space.candidates.shape
    if spec.alpha == "ones":
        return torch.ones(shape)
    noise = np.random.default_rng([spec.seed, 2]).standard_normal(shape, np.float32)
    return ALPHA_NOISE * torch.from_numpy(noise).abs()


@dataclass(frozen=True)
class Group:
    """Operations with the same features, on those edges into a node that have the same passage.

    `stack` gives the features of an edge. Where there are `matrices` `(edges, operations, C, C)`, they map the channels
    of these features to those of the node, one matrix product for all edges and operations. Where there are none, the
    operation scales with α and gives features of the node: it ends in a convolution, which sums over the edges while
    it is at it, or stands on a single edge. Where there is `noise` `(edges, H, W, C)`, the operation passes that
    whatever comes in.
    """

    operations: tuple[int, ...]
    edges: tuple[int, ...]
    stack: Stack
    matrices: Tensor | None = None
    noise: Tensor | None = None


@dataclass(frozen=True)
class SupernetCell:
    """One cell: the index of its type, the layers before its input nodes, the groups of edges into every other node.

    `stride` is that of the edges which leave an input node, `channels` are those of the other nodes; `edges` and
    `outputs` tell of its own nodes, edges by their places in the tables.
    """

    type_index: int
    inputs: tuple[Stack, ...]
    targets: tuple[tuple[Group, ...], ...]
    stride: int
    channels: int
    edges: Mapping[int, Edge]
    outputs: tuple[int, ...]


Drawn = tuple[tuple[Layer, ...], list[Tensor]]
"""Layers and their weights, in order."""


class Builder:
    """Draws all weights of a supernet, in one fixed order from one seed, and stacks them by target node.

    Noise has a generator of its own, so that the weights are the same for every size of the image.
    """

    def __init__(self, spec: SupernetSpec, device: torch.device, dtype: torch.dtype) -> None:
        self.space, self.interior, self.normalised = spec.space, spec.interior, spec.normalised
        self.positive = not any(get_operation(name).random for name in self.space.operations)
        self.generator = torch.Generator().manual_seed(spec.seed)
        self.noise_generator = np.random.default_rng([spec.seed, 1])
        self.image_size = spec.image_size  # of what enters the next cell
        self.device, self.dtype = device, dtype

    def stack(self, layers: tuple[Layer, ...], c_in: int, c_out: int, stride: int = 1) -> Stack:
        """`layers` with fresh weights, outside the edges of a cell."""
        layers, weights = self._simplified(layers, self._stacked([self._draw(layers, c_in, c_out)]), c_in)
        return self._stack(layers, weights, stride)

    def cell(self, plan: CellPlan) -> SupernetCell:
        """One cell, its weights drawn input by input, then edge by edge."""
        inputs = tuple(
            self.stack(layers, c_in, plan.input_channels, stride)
            for (c_in, layers), stride in zip(plan.inputs, plan.input_stride, strict=True)
        )
        self.image_size //= plan.input_stride[-1] * plan.stride
        type_index, edges = self.space.cell_types.index(plan.kind), self.space.inside(plan)
        passages = {index: plan.passage(edge.source) for index, edge in edges.items()}
        drawn = {index: self._draw_edge(type_index, index, passage) for index, passage in passages.items()}
        nodes = sorted({edge.target for edge in edges.values()})
        into = [{index: passages[index] for index, edge in edges.items() if edge.target == node} for node in nodes]
        targets = tuple(tuple(self._groups(incoming, drawn)) for incoming in into)
        return SupernetCell(
            type_index, inputs, targets, plan.stride, plan.channels, edges, plan.ends(self.space.outputs)
        )

    def _groups(self, incoming: Mapping[int, EdgeShape], drawn: Mapping[int, Mapping[int, Drawn]]) -> Iterator[Group]:
        for passage in sorted(set(incoming.values()), key=lambda passage: passage.stride):
            there = [index for index, other in incoming.items() if other == passage]
            plain: dict[tuple[int, ...], dict[int, Tensor]] = {}  # those that only mix channels, by their edges
            for index in range(len(self.space.operations)):
                edges = tuple(edge for edge in there if index in drawn[edge])
                if edges:
                    group = self._group(index, edges, drawn, passage)
                    if group.stack.layers or group.matrices is None:
                        yield group
                    else:
                        plain.setdefault(edges, {})[index] = group.matrices
            for edges, matrices in plain.items():
                nothing = Stack((), (), passage.stride)
                yield Group(tuple(matrices), edges, nothing, torch.cat([*matrices.values()], 1))

    def _group(
        self, index: int, edges: tuple[int, ...], drawn: Mapping[int, Mapping[int, Drawn]], passage: EdgeShape
    ) -> Group:
        """The group of one operation; its stack is empty if it only mixes channels, or passes noise."""
        stride = passage.stride
        weights = self._stacked([drawn[edge][index][1] for edge in edges])
        layers, weights = self._simplified(drawn[edges[0]][index][0], weights, passage.c_in)
        nothing = Stack((), (), stride)
        if layers == (Noise(),):
            return Group((index,), edges, nothing, noise=weights[0].permute(0, 2, 3, 1).contiguous())
        if layers in ((Conv(1),), (Conv(1, strided=stride == 1),)) and not self.normalised:
            return Group((index,), edges, nothing, weights[0].flatten(2).transpose(1, 2).contiguous()[:, None])
        ends = layers[-1] if layers and not self.normalised else None
        if isinstance(ends, Conv) or (isinstance(ends, Residual) and len(edges) == 1):
            return Group((index,), edges, self._stack(layers, weights, stride))
        identity = torch.eye(passage.c_out, device=self.device, dtype=self.dtype).repeat(len(edges), 1, 1)
        return Group((index,), edges, self._stack(layers, weights, stride), identity[:, None])

    def classifier(self, channels: int) -> Tensor:
        """Weight of every channel in the sum of the logits; the bias stays out, it is not flow."""
        weight = self._kernel(CLASSES, channels, 1)
        return weight.sum((0, 2, 3)).to(self.device, self.dtype)

    def _draw_edge(self, type_index: int, edge: int, passage: EdgeShape) -> dict[int, Drawn]:
        drawn = {}
        for index in np.flatnonzero(self.space.candidates[type_index, edge]).tolist():
            candidate = get_operation(self.space.operations[index])
            if not candidate.zero:
                layers = candidate.at(passage.stride, passage.c_in == passage.c_out)
                if candidate.pooling and self.space.normalised_pooling:
                    layers += (Norm(),)
                drawn[index] = (layers, self._draw(layers, passage.c_in, passage.c_out))
        return drawn

    def _draw(self, layers: Sequence[Layer], c_in: int, c_out: int) -> list[Tensor]:
        weights, channels = [], c_in
        for layer in layers:
            match layer:
                case Conv(depthwise=True):
                    weights.append(self._kernel(channels, 1, layer.kernel))
                case Conv():
                    weights.append(self._kernel(layer.widens(channels, c_out), channels, layer.kernel))
                    channels = layer.widens(channels, c_out)
                case Reduce():
                    weights += [self._kernel(c_out // 2, channels, 1) for _ in range(2)]
                    channels = c_out
                case Residual():
                    weights += self._draw(layer.main, channels, c_out) + self._draw(layer.shortcut, channels, c_out)
                    channels = c_out
                case Noise():
                    shape = channels, self.image_size, self.image_size
                    weights.append(torch.from_numpy(self.noise_generator.standard_normal(shape, np.float32)))
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
        """The layers that do something: no norm, no rectifier where all is positive; one matrix in the interior.

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
        return _bypassed(layers, (Relu, Norm) if self.positive else (Norm,)), weights

    def _stack(self, layers: tuple[Layer, ...], weights: Sequence[Tensor], stride: int) -> Stack:
        kernels = tuple(Kernel.of(weight, depthwise=weight.shape[2] == 1) for weight in weights)
        return Stack(layers, kernels, stride)


def _bypassed(layers: Sequence[Layer], kinds: tuple[type[Layer], ...]) -> tuple[Layer, ...]:
    """`layers` without those of some `kinds`, and without the bound of rectifiers."""
    found = list[Layer]()
    for layer in layers:
        match layer:
            case Residual():
                found.append(Residual(_bypassed(layer.main, kinds), _bypassed(layer.shortcut, kinds)))
            case Relu() if Relu not in kinds:
                found.append(Relu())
            case _ if not isinstance(layer, kinds):
                found.append(layer)
    return tuple(found)


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
