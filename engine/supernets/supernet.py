"""The supernet: every candidate operation on every edge at once, its weights frozen, its α the only variables.

A mixed edge is a plain weighted sum, `o_e(x) = Σ_o α[e, o] · o(x)`, with α shared by all cells of a type. Weights are
replaced by their absolute values and need no gradient. An operation is computed for all edges into a node in one call,
their features and kernels stacked along the channels. Features are `(B, H, W, C)`, where B counts *configurations*:
different α, the same image and weights, evaluated side by side.

Without normalisation every feature is a sum of positive terms that grows exponentially with depth; after every cell
the features are divided by their largest value, whose logarithm is kept, so that nothing overflows at any depth. Noise
does not grow with them: it is divided by all that the features around it were divided by.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from engine.proxies.base import Mask
from engine.searches.config import SearchConfig
from engine.spaces.base import SearchSpace
from engine.supernets.adjoint import Pull, taken
from engine.supernets.weights import Builder, Cell, Group, architecture_parameters

IMAGE_CHANNELS = 3

Columns = tuple[int, tuple[int, ...], tuple[int, ...]]
"""A part of α: a cell type, some edges, some operations."""


class _Mixing:
    """The weighed sums of one pass, by α `(B, *shape)`, and the gradient that α gets from them.

    `places` tells where a part of α lies in it, flattened.
    """

    def __init__(self, alpha: Tensor, places: Callable[[Columns], Tensor]) -> None:
        self.alpha, self.places = alpha, places
        self._weights: dict[tuple[Columns, int], Tensor] = {}
        self._gradients: dict[Columns, Tensor] = {}

    def mix(self, features: Tensor, matrices: Tensor, key: Columns) -> tuple[Tensor, Pull]:
        """The flow `(B, H, W, C)` of features `(B, H, W, edges * C)`.

        α and the matrices of the operations make one matrix, so that all edges and their gradients are matrix products;
        where there is a single pixel, it is less to apply the matrices and then α.
        """
        if features.shape[1:3] == (1, 1):
            return self._mix_constant(features, matrices, key)
        matrix = _weighed(self._of(key), matrices).flatten(1, 2)  # (B, edges * C, C)
        pixels = features.flatten(1, 2)

        def pull(gradient: Tensor) -> Tensor:
            gradient = gradient.flatten(1, 2)
            products = torch.bmm(pixels.transpose(1, 2), gradient).unflatten(1, (len(matrices), -1))
            self._add(key, _traces(products, matrices))
            return torch.bmm(gradient, matrix.transpose(1, 2)).view(features.shape)

        return torch.bmm(pixels, matrix).unflatten(1, features.shape[1:3]), pull

    def _mix_constant(self, features: Tensor, matrices: Tensor, key: Columns) -> tuple[Tensor, Pull]:
        """`mix` for feature maps of one pixel, `(B, 1, 1, edges * C)`."""
        edges = len(matrices)
        weights = self._of(key).permute(1, 2, 0)[..., None]  # (edges, operations, B, 1)
        sources = features.view(len(features), edges, 1, -1).permute(1, 2, 0, 3)
        products = sources @ matrices  # (edges, operations, B, C)

        def pull(gradient: Tensor) -> Tensor:
            gradient = gradient[:, 0, 0]
            self._add(key, (products * gradient).sum(3).permute(2, 0, 1))
            back = ((weights * gradient) @ matrices.transpose(2, 3)).sum(1)
            return back.transpose(0, 1).reshape(features.shape)

        return (products * weights).sum((0, 1))[:, None, None], pull

    def scale(self, features: Tensor, key: Columns) -> tuple[Tensor, Pull]:
        """Features `(B, H, W, edges * C)` times the α of their edges: before a linear operation it does as after it."""
        edges = len(key[1])
        wide = self._of(key, features.shape[3] // edges)

        def pull(gradient: Tensor) -> Tensor:
            products = (features * gradient).sum((1, 2)).unflatten(1, (edges, -1)).sum(2)
            self._add(key, products[..., None])
            return gradient.mul_(wide)

        return features * wide, pull

    def replace(self, noise: Tensor, unit: Tensor, key: Columns) -> tuple[Tensor, Pull]:
        """The flow `(B, H, W, C)` of `noise` `(edges, H, W, C)`, in the `unit` `(B,)` of the features around it.

        Nothing goes back to the features that it replaces.
        """
        pixels = noise.flatten(1)
        weights = self._of(key)[..., 0] * unit[:, None]  # (B, edges)

        def pull(gradient: Tensor) -> Tensor:
            products = gradient.flatten(1) @ pixels.T * unit[:, None]
            self._add(key, products[..., None])
            return gradient

        return (weights @ pixels).unflatten(1, noise.shape[1:]), pull

    def gradient(self) -> Tensor:
        """What the pulls have added up, in the shape of α."""
        total = torch.zeros_like(self.alpha)
        for key, gradient in self._gradients.items():
            total.flatten(1).index_add_(1, self.places(key), gradient.flatten(1))
        return total

    def _of(self, key: Columns, channels: int = 0) -> Tensor:
        """α of a cell type on some edges of some operations, `(B, edges, operations)`, or `(B, 1, 1, edges * C)`."""
        known = (key, channels)
        if known not in self._weights:
            _, edges, operations = key
            weights = self.alpha.flatten(1).index_select(1, self.places(key)).view(-1, len(edges), len(operations))
            self._weights[known] = weights.repeat_interleave(channels, 1).mT[:, None] if channels else weights
        return self._weights[known]

    def _add(self, key: Columns, gradient: Tensor) -> None:
        known = self._gradients.get(key)
        self._gradients[key] = gradient if known is None else known + gradient


def _weighed(weights: Tensor, matrices: Tensor) -> Tensor:
    """`Σ_o α[b, e, o] · M[e, o]`, `(B, edges, C, C)`."""
    if weights.shape[2] == 1:
        return weights[..., None] * matrices[:, 0]
    summed = torch.bmm(weights.transpose(0, 1), matrices.flatten(2))  # (edges, B, C * C)
    return summed.transpose(0, 1).unflatten(2, matrices.shape[2:])


def _traces(products: Tensor, matrices: Tensor) -> Tensor:
    """`<P[b, e], M[e, o]>`, `(B, edges, operations)`."""
    if matrices.shape[1] == 1:
        return (products * matrices[:, 0]).sum((2, 3))[..., None]
    flat = products.flatten(2).transpose(0, 1)  # (edges, B, C * C)
    return torch.bmm(flat, matrices.flatten(2).transpose(1, 2)).transpose(0, 1)


Key = int | tuple[int, int]
"""Features in a cell: those of a node, or those of a node pooled by an operation `(operation, node)`."""

Back = tuple[tuple[Key, ...], Pull]
"""The way back from a node: the features that were read, if any, and how their gradient comes about."""


class _CellPass:
    """One cell of one pass: its nodes forwards, then their gradients backwards."""

    def __init__(self, cell: Cell, mixing: _Mixing, live: list[list[list[bool]]], log_scale: Tensor) -> None:
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


class _Flow(torch.autograd.Function):
    """R of every configuration as a function of α, its gradient worked out by hand.

    Only α has a gradient, and a linear operation needs no features of its own for it: `S = <α x, adjoint of o (g)>`
    takes what is there anyway. So a pass keeps less in memory and takes fewer calls than autograd's. It has one
    backward pass, which frees the cells as it goes.
    """

    @staticmethod
    def forward(ctx: Any, alpha: Tensor, supernet: Supernet, live: Mask) -> tuple[Tensor, Tensor]:
        mixing, passes, listed = _Mixing(alpha, supernet.places), [], live.tolist()

        def run_cell(cell: Cell, states: Sequence[Tensor], log_scale: Tensor) -> Tensor:
            passes.append(_CellPass(cell, mixing, listed, log_scale))
            return passes[-1].forward(states)

        ctx.supernet, ctx.mixing, ctx.passes = supernet, mixing, passes
        flow, log_scale, ctx.scales, ctx.pull = supernet.propagate(len(alpha), run_cell)
        ctx.mark_non_differentiable(log_scale)
        return flow, log_scale

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        arrived: list[Tensor | None] = [None] * (ctx.supernet.space.inputs - 1) + [ctx.pull(gradients[0])]
        while ctx.passes:  # a cell's memory is free as soon as it is done
            ctx.supernet.tick()
            scale = ctx.scales.pop()
            *kept, last = (None if gradient is None else gradient / scale for gradient in arrived)
            first, *others = ctx.passes.pop().backward(last)
            arrived = [first, *(a if b is None else a + b for a, b in zip(others, kept, strict=True))]
        return ctx.mixing.gradient(), None, None


class Propagated(NamedTuple):
    """A forward pass: `R = flow · exp(log_scale)`.

    After every cell the features were divided by its `scales`; `pull` goes from the gradient of the flow to that of the
    last features.
    """

    flow: Tensor
    log_scale: Tensor
    scales: list[Tensor]
    pull: Pull


class Supernet:
    """The supernet of `config` on `device`: a function of α alone.

    `on_cell`, where given, is called at every cell of the forward and of the backward pass; what it raises ends the
    pass.
    """

    def __init__(
        self,
        config: SearchConfig,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
        on_cell: Callable[[], None] | None = None,
    ) -> None:
        self.config, self.on_cell = config, on_cell
        self.space: SearchSpace = config.described_space
        self.device = torch.device(device)
        builder = Builder(config, self.device, dtype)
        plan = self.space.plan(config.size)
        self._image_size = 1 if builder.interior else config.image_size
        self._stem = builder.stack(plan.stem, IMAGE_CHANNELS, plan.stem_channels, plan.stem_stride)
        self._cells = []
        for cell in plan.cells:
            self.tick()
            self._cells.append(builder.cell(cell))
        self._head = builder.stack(plan.head, plan.head_channels, plan.classified)
        self._classifier = builder.classifier(plan.classified)
        self._alpha = architecture_parameters(config).to(self._classifier)
        self._places: dict[Columns, Tensor] = {}

    @property
    def dtype(self) -> str:
        """Name of the floating-point type."""
        return str(self._alpha.dtype).removeprefix("torch.")

    @property
    def shape(self) -> tuple[int, int, int]:
        """Cell types, edges, operations: the shape of α, of a mask and of the scores."""
        return len(self.space.cell_types), len(self.space.edges), len(self.space.operations)

    def architecture_parameters(self, masks: Sequence[Mask]) -> Tensor:
        """α of shape `(len(masks), *shape)`, 0 where an operation is not live."""
        live = torch.as_tensor(np.asarray(masks), device=self._alpha.device)
        return self._alpha * live

    def places(self, columns: Columns) -> Tensor:
        """Where a part of α lies in it, flattened, `(edges * operations,)`; on the device from the first time on."""
        if columns not in self._places:
            type_index, edges, operations = columns
            found = np.ravel_multi_index(np.ix_((type_index,), edges, operations), self.shape)
            self._places[columns] = torch.from_numpy(found.ravel()).to(self.device)
        return self._places[columns]

    def __call__(self, alpha: Tensor, live: Mask) -> tuple[Tensor, Tensor]:
        """The sum of the logits for every configuration in `alpha`, `(B, *shape)`, as `R = flow · exp(log_scale)`.

        `live` marks the operations that any configuration uses; the others are not computed.
        """
        flow, log_scale = _Flow.apply(alpha, self, live)
        return flow, log_scale

    def propagate(self, count: int, run_cell: Callable[[Cell, Sequence[Tensor], Tensor], Tensor]) -> Propagated:
        """The flow of `count` configurations whose cells `run_cell` computes, features being `(count, H, W, C)`.

        It is given a cell, the features before it, and the logarithm of what these were divided by, `(count,)`.
        """
        image = self._alpha.new_ones(1, self._image_size, self._image_size, IMAGE_CHANNELS)
        stem, _ = self._stem(image)
        states = [stem.expand(count, -1, -1, -1).contiguous()] * self.space.inputs
        log_scale, scales = self._alpha.new_zeros(count), []
        for cell in self._cells:
            self.tick()
            states = [*states[1:], run_cell(cell, states, log_scale)]
            scales.append(self._scale(states[-1]))
            states = [state / scales[-1] for state in states]
            log_scale += scales[-1].flatten().log()
        head, pull_head = self._head(states[-1])

        def pull(gradient: Tensor) -> Tensor:
            each = gradient[:, None, None, None] * self._classifier / head[0, ..., 0].numel()
            return pull_head(each.expand(head.shape))

        return Propagated(head.mean((1, 2)) @ self._classifier, log_scale, scales, pull)

    def _scale(self, features: Tensor) -> Tensor:
        """What features `(B, H, W, C)` are divided by, `(B, 1, 1, 1)`: their largest value, or 1."""
        if self.config.normalisation == "batch":
            return features.new_ones(len(features), 1, 1, 1)
        largest = features.amax((1, 2, 3), keepdim=True)
        return torch.where(largest > 0, largest, torch.ones_like(largest))

    def tick(self) -> None:
        """A cell begins."""
        if self.on_cell is not None:
            self.on_cell()
