"""The weights of a supernet, arranged for computing: the operations on edges into a node, side by side in groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

import torch
from torch import Tensor

from engine.operations.layers import Conv, Layer, Noise, Norm, Pool, Reduce, Relu, Residual
from engine.operations.registry import get_operation
from engine.spaces.plan import Edge, EdgeShape
from engine.supernets.adjoint import Stack
from engine.supernets.spec import SupernetSpec
from engine.supernets.weights import CellWeights, WeightedLayers


@dataclass(frozen=True)
class OperationGroup:
    """Operations that read the same features, on edges of one shape into a node.

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

    `stride` is that of the edges that leave an input node, `channels` are those of the other nodes. `edges` holds the
    edges between the cell's own nodes, by their places in the space; `outputs` are its output nodes.
    """

    type_index: int
    inputs: tuple[Stack, ...]
    targets: tuple[tuple[OperationGroup, ...], ...]
    stride: int
    channels: int
    edges: Mapping[int, Edge]
    outputs: tuple[int, ...]


class Builder:
    """The builder of the cells of a supernet on a device, their weights simplified as its specification allows."""

    def __init__(self, spec: SupernetSpec, device: torch.device, dtype: torch.dtype) -> None:
        self.space, self.interior, self.normalised = spec.space, spec.interior, spec.normalised
        self.positive = not any(get_operation(name).random for name in self.space.operations)
        self.device, self.dtype = device, dtype

    def stack(self, drawn: WeightedLayers) -> Stack:
        """Return the layers of one place as a step between features."""
        return Stack.of(*self._simplified([drawn]), drawn.stride)

    def cell(self, drawn: CellWeights) -> SupernetCell:
        """Return one cell, the operations on the edges into a node in groups."""
        plan, edges = drawn.plan, self.space.local_edges(drawn.plan)
        shapes = {index: plan.edge_shape(edge.source) for index, edge in edges.items()}
        nodes = sorted({edge.target for edge in edges.values()})
        incoming = [{index: shapes[index] for index, edge in edges.items() if edge.target == node} for node in nodes]
        return SupernetCell(
            type_index=self.space.cell_types.index(plan.kind),
            inputs=tuple(self.stack(layers) for layers in drawn.inputs),
            targets=tuple(tuple(self._groups(into, drawn.edges)) for into in incoming),
            stride=plan.stride,
            channels=plan.channels,
            edges=edges,
            outputs=plan.local_outputs(self.space.outputs),
        )

    def _groups(
        self, shapes: Mapping[int, EdgeShape], drawn: Mapping[int, Mapping[int, WeightedLayers]]
    ) -> Iterator[OperationGroup]:
        """Yield the groups of the edges into a node; operations that only mix channels share one, edges being equal."""
        for shape in sorted(set(shapes.values()), key=lambda shape: shape.stride):
            alike = [index for index, other in shapes.items() if other == shape]
            matrices: dict[tuple[int, ...], dict[int, Tensor]] = {}  # of operations that only mix channels, by edges
            for operation in range(len(self.space.operations)):
                if edges := tuple(edge for edge in alike if operation in drawn[edge]):
                    group = self._group(operation, edges, [drawn[edge][operation] for edge in edges])
                    if group.stack.layers or group.matrices is None:
                        yield group
                    else:
                        matrices.setdefault(edges, {})[operation] = group.matrices
            for edges, by_operation in matrices.items():
                nothing = Stack((), (), shape.stride)
                yield OperationGroup(tuple(by_operation), edges, nothing, torch.cat([*by_operation.values()], 1))

    def _group(self, operation: int, edges: tuple[int, ...], drawn: Sequence[WeightedLayers]) -> OperationGroup:
        """Return the group of one operation; its stack is empty if it only mixes channels, or passes noise."""
        stride, channels = drawn[0].stride, drawn[0].c_out
        layers, weights = self._simplified(drawn)
        nothing = Stack((), (), stride)
        if layers == (Noise(),):
            return OperationGroup((operation,), edges, nothing, noise=weights[0].permute(0, 2, 3, 1).contiguous())
        if layers in ((Conv(1),), (Conv(1, strided=stride == 1),)) and not self.normalised:
            matrices = weights[0].flatten(2).transpose(1, 2).contiguous()
            return OperationGroup((operation,), edges, nothing, matrices[:, None])
        stack, last = Stack.of(layers, weights, stride), layers[-1] if layers and not self.normalised else None
        if isinstance(last, Conv) or (isinstance(last, Residual) and len(edges) == 1):
            return OperationGroup((operation,), edges, stack)
        identity = torch.eye(channels, device=self.device, dtype=self.dtype).repeat(len(edges), 1, 1)
        return OperationGroup((operation,), edges, stack, identity[:, None])

    def _simplified(self, drawn: Sequence[WeightedLayers]) -> tuple[tuple[Layer, ...], list[Tensor]]:
        """Return the layers that do something, and their weights on all edges, `(edges, c_out, c_in / groups, k, k)`.

        That is no norm, no rectifier where all is positive, and a single matrix in the interior: away from the border
        every feature map is constant, so a kernel acts as the sum over its taps, a pooling as the identity, and any
        chain of layers as one 1x1 convolution.
        """
        layers, by_layer = drawn[0].layers, zip(*(edge.weights for edge in drawn), strict=True)
        weights = [torch.stack(edges).to(self.device, self.dtype) for edges in by_layer]
        if self.normalised:
            return layers, weights
        if self.interior:
            if not weights:
                return (), []
            identity = torch.eye(drawn[0].c_in, device=self.device, dtype=self.dtype).expand(len(drawn), -1, -1)
            matrices = _composed(layers, iter(weights), identity)
            return (Conv(1),), [matrices.transpose(1, 2)[..., None, None]]
        return tuple(_bypassed(layers, self.positive)), weights


def _bypassed(layers: Sequence[Layer], positive: bool) -> Iterator[Layer]:
    """Yield the layers without norms and without the bound of rectifiers; where all is `positive`, without these."""
    for layer in layers:
        match layer:
            case Residual():
                yield Residual(tuple(_bypassed(layer.main, positive)), tuple(_bypassed(layer.shortcut, positive)))
            case Relu():
                yield from () if positive else (Relu(),)
            case Norm():
                pass
            case Conv() | Pool() | Reduce() | Noise():
                yield layer
            case _:
                assert_never(layer)


def _composed(layers: Sequence[Layer], weights: Iterator[Tensor], matrices: Tensor) -> Tensor:
    """Return `matrices` `(edges, c_in, c)` followed by what `layers` do to the channels of a constant feature map."""
    for layer in layers:
        match layer:
            case Conv(depthwise=True):
                matrices = matrices * next(weights).sum((3, 4)).transpose(1, 2)
            case Conv():
                matrices = matrices @ next(weights).sum((3, 4)).transpose(1, 2)
            case Reduce():
                halves = torch.cat([next(weights), next(weights)], 1)
                matrices = matrices @ halves.flatten(2).transpose(1, 2)
            case Residual():
                main = _composed(layer.main, weights, matrices)
                matrices = main + _composed(layer.shortcut, weights, matrices)
            case Relu() | Norm() | Pool():
                pass
            case Noise():
                raise TypeError("noise is not constant: it has no closed form")
            case _:
                assert_never(layer)
    return matrices
