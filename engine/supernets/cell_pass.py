"""One cell of a pass over a supernet, forwards and backwards."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.operations.layers import strided
from engine.supernets.adjoint import Pull, select
from engine.supernets.arrangement import OperationGroup, SupernetCell
from engine.supernets.mixing import Mixing

FeatureKey = int | tuple[int, int]
"""Features in a cell: those of a node, or those of a node pooled by an operation, `(operation, node)`."""

FlowPull = tuple[tuple[FeatureKey, ...], Pull]
"""The features that a flow into a node reads, side by side, and the pull from the gradient of the flow to theirs."""


class CellPass:
    """One cell of one pass: its nodes forwards, then their gradients backwards.

    `live` holds the live operations `(cell types, edges, operations)` as lists, `log_scale` `(B,)` the logarithm of
    what the features before the cell were divided by.
    """

    def __init__(self, cell: SupernetCell, mixing: Mixing, live: list[list[list[bool]]], log_scale: Tensor) -> None:
        self.cell, self.mixing, self.live = cell, mixing, live[cell.type_index]
        self.log_scale = log_scale
        self.features: dict[FeatureKey, Tensor] = {}
        self.stacked: dict[tuple[FeatureKey, ...], Tensor] = {}
        self.inputs: list[Pull] = []
        self.pools: dict[FeatureKey, Pull] = {}
        self.targets: list[list[FlowPull]] = []  # by node

    def forward(self, states: Sequence[Tensor]) -> Tensor:
        """Compute the features of this cell from those of the cells before it, each `(B, H, W, C)`."""
        for node, (stack, state) in enumerate(zip(self.cell.inputs, states, strict=True)):
            self.features[node], pull = stack(state)
            self.inputs.append(pull)
        for node, groups in enumerate(self.cell.targets, start=len(states)):
            total, pulls = self._zeros(), list[FlowPull]()
            for group in groups:
                if live := [i for i, edge in enumerate(group.edges) if self._is_live(edge, group)]:
                    flow, pull_flow = self._flow(group, live)
                    total = total.add_(flow) if pulls else flow  # the first flow is memory of this pass alone
                    pulls.append(pull_flow)
            self.features[node] = total
            self.targets.append(pulls)
        return self._side_by_side(self.cell.outputs)

    def backward(self, gradient: Tensor) -> list[Tensor]:
        """Pull the gradient of the result of `forward` back to those of the states that it was given.

        As a pull, it leaves what it is given as it is, and what it returns belongs to the caller.
        """
        gradients: dict[FeatureKey, Tensor] = {}
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

    def _pull(self, gradients: dict[FeatureKey, Tensor], flows: Sequence[FlowPull], arrived: Tensor) -> None:
        """Add to `gradients` what comes back through the `flows` into a node; equal stacks are added up first."""
        totals: dict[tuple[FeatureKey, ...], Tensor] = {}
        for read, pull in flows:
            back = pull(arrived)
            if read:
                totals[read] = totals[read].add_(back) if read in totals else back
        for read, total in totals.items():
            self._spread(gradients, read, total)

    def _is_live(self, edge: int, group: OperationGroup) -> bool:
        return any(self.live[edge][index] for index in group.operations)

    def _flow(self, group: OperationGroup, live: Sequence[int]) -> tuple[Tensor, FlowPull]:
        """Return the flow through the `live` edges of `group`, `(B, H, W, C)`, in memory of its own, and its pull."""
        edges = tuple(group.edges[i] for i in live)
        block = self.cell.type_index, edges, group.operations
        if group.noise is not None:
            flow, pull_flow = self.mixing.add_noise(select(group.noise, live), (-self.log_scale).exp(), block)
            return flow, ((), pull_flow)
        sources: tuple[FeatureKey, ...] = tuple(self.cell.edges[edge].source for edge in edges)
        if group.matrices is None:
            scaled, pull_scaled = self.mixing.scale(self._side_by_side(sources), block)
            flow, pull_flow = group.stack(scaled, live, summed=len(group.edges) > 1)
            return flow, (sources, lambda gradient: pull_scaled(pull_flow(gradient)))
        matrices = select(group.matrices, live)
        if group.stack.kernels:
            features, pull_features = group.stack(self._side_by_side(sources), live)
            flow, pull_flow = self.mixing.mix(features, matrices, block)
            return flow, (sources, lambda gradient: pull_features(pull_flow(gradient)))
        read = self._pooled(group, sources) if group.stack.layers else sources
        flow, pull_flow = self.mixing.mix(self._side_by_side(read), matrices, block)
        return flow, (read, pull_flow)

    def _pooled(self, group: OperationGroup, sources: Sequence[FeatureKey]) -> tuple[FeatureKey, ...]:
        """Return the keys of the `sources` as `group` pools them, once a cell."""
        (index,) = group.operations
        keys = tuple((index, source) for source in sources if isinstance(source, int))
        for key in keys:
            if key not in self.features:
                self.features[key], self.pools[key] = group.stack(self.features[key[1]])
        return keys

    def _side_by_side(self, read: tuple[FeatureKey, ...]) -> Tensor:
        """Return features side by side, `(B, H, W, len(read) * C)`, put together once a cell."""
        if len(read) == 1:
            return self.features[read[0]]
        if read not in self.stacked:
            self.stacked[read] = torch.cat([self.features[key] for key in read], dim=3)
        return self.stacked[read]

    @staticmethod
    def _spread(gradients: dict[FeatureKey, Tensor], read: tuple[FeatureKey, ...], gradient: Tensor) -> None:
        """Add to `gradients` those of features side by side; they may be parts of `gradient`, which stays as it is."""
        for key, part in zip(read, gradient.chunk(len(read), dim=3), strict=True):
            gradients[key] = gradients[key] + part if key in gradients else part

    def _unpool(self, gradients: dict[FeatureKey, Tensor], node: int) -> None:
        """Add what arrived at the poolings of `node` to its own gradient."""
        for key in [key for key in self.pools if isinstance(key, tuple) and key[1] == node and key in gradients]:
            self._spread(gradients, (node,), self.pools[key](gradients.pop(key).contiguous()))

    def _zeros(self) -> Tensor:
        """Return the features of a node that no live edge reaches."""
        inputs = self.features[0]
        size = (strided(pixels, self.cell.stride) for pixels in inputs.shape[1:3])
        return inputs.new_zeros(len(inputs), *size, self.cell.channels)
