"""One cell of a pass over a supernet, forwards and backwards."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.supernets.adjoint import Pull, taken
from engine.supernets.mixing import Mixing
from engine.supernets.weights import Group, SupernetCell

Key = int | tuple[int, int]
"""Features in a cell: those of a node, or those of a node pooled by an operation `(operation, node)`."""


Back = tuple[tuple[Key, ...], Pull]
"""The way back from a node: the features that were read, if any, and how their gradient comes about."""


class CellPass:
    """One cell of one pass: its nodes forwards, then their gradients backwards."""

    def __init__(self, cell: SupernetCell, mixing: Mixing, live: list[list[list[bool]]], log_scale: Tensor) -> None:
        self.cell, self.mixing, self.live = cell, mixing, live[cell.type_index]
        self.log_scale = log_scale  # of the features before it
        self.features: dict[Key, Tensor] = {}
        self.stacks: dict[tuple[Key, ...], Tensor] = {}
        self.inputs: list[Pull] = []
        self.pools: dict[Key, Pull] = {}
        self.targets: list[list[Back]] = []  # by node

    def forward(self, states: Sequence[Tensor]) -> Tensor:
        """From the features of the cells before it, each `(B, H, W, C)`, to those of this cell."""
        for node, (stack, state) in enumerate(zip(self.cell.inputs, states, strict=True)):
            self.features[node], pull = stack(state)
            self.inputs.append(pull)
        for node, groups in enumerate(self.cell.targets, start=len(states)):
            total, pulls = self._silence(), list[Back]()
            for group in groups:
                if chosen := [i for i, edge in enumerate(group.edges) if self._is_live(edge, group)]:
                    flow, back = self._flow(group, chosen)
                    total = total.add_(flow) if pulls else flow
                    pulls.append(back)
            self.features[node] = total
            self.targets.append(pulls)
        return self._stacked(self.cell.outputs)

    def backward(self, gradient: Tensor) -> list[Tensor]:
        """From the gradient of the result of `forward` to those of the states that it was given."""
        gradients: dict[Key, Tensor] = {}
        self._spread(gradients, self.cell.outputs, gradient)
        for node, flows in reversed(list(enumerate(self.targets, start=len(self.inputs)))):
            self._unpool(gradients, node)
            arrived = gradients.pop(node, None)
            if arrived is not None:
                self._pull(gradients, flows, arrived.contiguous())
        for node in range(len(self.inputs)):
            self._unpool(gradients, node)
        return [
            pull(gradients[node] if node in gradients else torch.zeros_like(self.features[node]))
            for node, pull in enumerate(self.inputs)
        ]

    def _pull(self, gradients: dict[Key, Tensor], flows: Sequence[Back], arrived: Tensor) -> None:
        """Add to `gradients` what comes back through the `flows` into a node; equal stacks are added up first."""
        totals: dict[tuple[Key, ...], Tensor] = {}
        for read, pull in flows:
            back = pull(arrived)
            if read:
                totals[read] = totals[read].add_(back) if read in totals else back
        for read, total in totals.items():
            self._spread(gradients, read, total)

    def _is_live(self, edge: int, group: Group) -> bool:
        return any(self.live[edge][index] for index in group.operations)

    def _flow(self, group: Group, chosen: Sequence[int]) -> tuple[Tensor, Back]:
        """The flow through the `chosen` edges of `group`, `(B, H, W, C)`, and the way back."""
        edges = tuple(group.edges[i] for i in chosen)
        key = self.cell.type_index, edges, group.operations
        if group.noise is not None:
            flow, pull_flow = self.mixing.replace(taken(group.noise, chosen), (-self.log_scale).exp(), key)
            return flow, ((), pull_flow)
        sources: tuple[Key, ...] = tuple(self.cell.edges[edge].source for edge in edges)
        if group.matrices is None:
            scaled, pull_scaled = self.mixing.scale(self._stacked(sources), key)
            flow, pull_flow = group.stack(scaled, chosen, summed=len(group.edges) > 1)
            return flow, (sources, lambda gradient: pull_scaled(pull_flow(gradient)))
        matrices = taken(group.matrices, chosen)
        if group.stack.weights:
            features, pull_features = group.stack(self._stacked(sources), chosen)
            flow, pull_flow = self.mixing.mix(features, matrices, key)
            return flow, (sources, lambda gradient: pull_features(pull_flow(gradient)))
        read = self._pooled(group, sources) if group.stack.layers else sources
        flow, pull_flow = self.mixing.mix(self._stacked(read), matrices, key)
        return flow, (read, pull_flow)

    def _pooled(self, group: Group, sources: Sequence[Key]) -> tuple[Key, ...]:
        """The keys of the pooled `sources`, each pooled once a cell."""
        (index,) = group.operations
        keys = tuple((index, source) for source in sources if isinstance(source, int))
        for key in keys:
            if key not in self.features:
                self.features[key], self.pools[key] = group.stack(self.features[key[1]])
        return keys

    def _stacked(self, read: tuple[Key, ...]) -> Tensor:
        """Features side by side, `(B, H, W, len(read) * C)`, stacked once a cell."""
        if len(read) == 1:
            return self.features[read[0]]
        if read not in self.stacks:
            self.stacks[read] = torch.cat([self.features[key] for key in read], dim=3)
        return self.stacks[read]

    @staticmethod
    def _spread(gradients: dict[Key, Tensor], read: tuple[Key, ...], gradient: Tensor) -> None:
        """Add to `gradients` those of stacked features."""
        for key, part in zip(read, gradient.chunk(len(read), dim=3), strict=True):
            gradients[key] = gradients[key] + part if key in gradients else part

    def _unpool(self, gradients: dict[Key, Tensor], node: int) -> None:
        """Add what arrived at the poolings of `node` to its own gradient."""
        for key in [key for key in self.pools if isinstance(key, tuple) and key[1] == node and key in gradients]:
            self._spread(gradients, (node,), self.pools[key](gradients.pop(key).contiguous()))

    def _silence(self) -> Tensor:
        """The features of a node that no live edge reaches."""
        stride, inputs = self.cell.stride, self.features[0]
        return inputs.new_zeros(len(inputs), *(-(-size // stride) for size in inputs.shape[1:3]), self.cell.channels)
