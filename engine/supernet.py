"""The supernet: every candidate operation on every edge at once, its weights frozen, its α the only variables.

A mixed edge is a plain weighted sum, `o_e(x) = Σ_o α[e, o] · o(x)`, with α shared by all cells of a type. Weights are
replaced by their absolute values and need no gradient. An operation is computed for all edges into a node in one call,
their features and kernels stacked along the channels. The leading dimension of every tensor counts *configurations*:
different α, the same image and weights, evaluated side by side.

Without normalisation every feature is a sum of positive terms that grows exponentially with depth; after every cell
the features are divided by their largest value, whose logarithm is kept, so that nothing overflows at any depth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.config import SearchConfig
from engine.layers import Conv, Layer, Norm, Pool, Reduce, Relu, Residual
from engine.operations import operation
from engine.proxies.base import Mask
from engine.spaces.base import CellPlan, SearchSpace

IMAGE_CHANNELS = 3
CLASSES = 10
NORM_EPSILON = 1e-5
ALPHA_NOISE = 1e-3
"""Scale of the released code's α, `1e-3 · |N(0, 1)|`."""


@dataclass(frozen=True)
class _Kernel:
    """Constant kernels of some edges, and the same ones turned by half a turn with input and output swapped.

    Both are `(edges, c_out, c_in / groups, k, k)` for their own direction, groups counted within an edge.
    """

    forward: Tensor
    adjoint: Tensor

    @classmethod
    def of(cls, weight: Tensor, depthwise: bool) -> _Kernel:
        """The kernels in `weight`."""
        turned = weight.flip(3, 4)
        return cls(weight, turned if depthwise else turned.transpose(1, 2).contiguous())

    def __getitem__(self, edges: list[int]) -> _Kernel:
        return _Kernel(self.forward[edges], self.adjoint[edges])

    def __len__(self) -> int:
        return len(self.forward)


class _FrozenConv(torch.autograd.Function):
    """A same-size convolution whose kernel is constant: only the kernel is kept for the backward pass.

    Its gradient is the convolution with the turned kernel, after spreading the pixels over the strides; on the CPU
    that is several times faster than the library's gradient of a dilated depthwise convolution.
    """

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, forward: Tensor, adjoint: Tensor, stride: int, dilation: int, groups: int
    ) -> Tensor:
        ctx.save_for_backward(adjoint)
        ctx.shape, ctx.stride, ctx.dilation, ctx.groups = x.shape, stride, dilation, groups
        return _same_size(x, forward, stride, dilation, groups)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (gradient,), (adjoint,) = gradients, ctx.saved_tensors
        if ctx.stride > 1:
            shape = (ctx.shape[0], gradient.shape[1], *ctx.shape[2:])
            spread = gradient.new_zeros(shape).contiguous(memory_format=torch.channels_last)
            spread[:, :, :: ctx.stride, :: ctx.stride] = gradient
            gradient = spread
        return _same_size(gradient, adjoint, 1, ctx.dilation, ctx.groups), None, None, None, None, None


def _same_size(x: Tensor, weight: Tensor, stride: int, dilation: int, groups: int) -> Tensor:
    return F.conv2d(x, weight, None, stride, dilation * (weight.shape[-1] - 1) // 2, dilation, groups)


class _WeighedSum(torch.autograd.Function):
    """`Σ_k α_k · x_k` over the terms of a node: α `(B, K)`, features `(B, H, W, k * C)` each holding k of the K terms.

    The sum is a product with α ⊗ I, so that it and its gradients run as matrix products. The result is `(B, H, W, C)`.
    """

    @staticmethod
    def forward(ctx: Any, alpha: Tensor, channels: int, *features: Tensor) -> Tensor:
        batch, height, width, _ = features[0].shape
        matrix = alpha[:, :, None, None] * torch.eye(channels, dtype=alpha.dtype, device=alpha.device)
        matrix = matrix.flatten(1, 2)
        total, first = alpha.new_zeros(()), 0
        for x in features:
            total = torch.baddbmm(total, x.flatten(1, 2), matrix[:, first : first + x.shape[3]])
            first += x.shape[3]
        ctx.save_for_backward(matrix, *features)
        return total.view(batch, height, width, channels)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        matrix, *features = ctx.saved_tensors
        shape = gradients[0].shape
        gradient = gradients[0].reshape(shape[0], -1, shape[3])
        backs, products, first = [], [], 0
        for x in features:
            part = matrix[:, first : first + x.shape[3]]
            first += x.shape[3]
            backs.append(torch.bmm(gradient, part.transpose(1, 2)).view(x.shape))
            products.append(torch.bmm(x.flatten(1, 2).transpose(1, 2), gradient))
        traces = torch.cat(products, 1).unflatten(1, (-1, shape[3])).diagonal(dim1=2, dim2=3).sum(2)
        return traces, None, *backs


def _channels_last(x: Tensor) -> Tensor:
    """Features `(B, C, H, W)` seen as `(B, H, W, C)`, which is how they lie in memory."""
    return x.permute(0, 2, 3, 1)


def _channels_second(x: Tensor) -> Tensor:
    """Features `(B, H, W, C)` seen as `(B, C, H, W)`."""
    return x.permute(0, 3, 1, 2)


@dataclass(frozen=True)
class _Field:
    """How features are computed: on the whole image or away from its border, with batch norm or without.

    In the `interior` every feature map is constant, so a kernel acts as the sum over its taps and a pooling as the
    identity: the same supernet on a 1x1 image.
    """

    interior: bool
    normalised: bool

    def conv(self, x: Tensor, kernel: _Kernel, layer: Conv, groups: int, stride: int) -> Tensor:
        """One convolution for all edges of `kernel`."""
        weight = kernel.forward.flatten(0, 1)
        if not self.interior:
            return _FrozenConv.apply(x, weight, kernel.adjoint.flatten(0, 1), stride, layer.dilation, groups)
        if groups == x.shape[1]:
            return x * weight.view(1, -1, 1, 1)
        if groups == 1:
            return (x.flatten(1) @ weight.flatten(1).T)[:, :, None, None]
        stacked = weight.flatten(1).unflatten(0, (groups, -1))
        return torch.einsum("bgi,goi->bgo", x.flatten(1).unflatten(1, (groups, -1)), stacked).flatten(1)[
            ..., None, None
        ]

    def pool(self, x: Tensor, layer: Pool, stride: int) -> Tensor:
        """One pooling."""
        if self.interior:
            return x
        padding = (layer.kernel - 1) // 2
        if layer.kind == "max":
            return F.max_pool2d(x, layer.kernel, stride, padding)
        return F.avg_pool2d(x, layer.kernel, stride, padding, count_include_pad=False)

    def norm(self, x: Tensor) -> Tensor:
        """Batch norm in training mode for a batch of this one image, hence of every configuration by itself.

        Written out, since the gradient of torch 2.13's `instance_norm` is wrong for a channels-last gradient.
        """
        if not self.normalised:
            return x
        variance, mean = torch.var_mean(x, (2, 3), correction=0, keepdim=True)
        return (x - mean) * torch.rsqrt(variance + NORM_EPSILON)


@dataclass(frozen=True)
class _Stack:
    """Layers with the kernels of some edges."""

    layers: tuple[Layer, ...]
    weights: tuple[_Kernel, ...]
    stride: int
    field: _Field

    def __call__(self, x: Tensor, chosen: Sequence[int] = (0,)) -> Tensor:
        """Features of the `chosen` edges, from and to `(B, edges * C, H, W)`."""
        weights = self.weights
        if weights and len(chosen) < len(weights[0]):
            weights = tuple(weight[list(chosen)] for weight in weights)
        return self._run(self.layers, iter(weights), x, len(chosen))

    def _run(self, layers: Sequence[Layer], weights: Iterator[_Kernel], x: Tensor, edges: int) -> Tensor:
        for layer in layers:
            stride = self.stride if getattr(layer, "strided", False) and not self.field.interior else 1
            match layer:
                case Relu():
                    x = F.relu(x) if self.field.normalised else x
                case Norm():
                    x = self.field.norm(x)
                case Pool():
                    x = self.field.pool(x, layer, stride)
                case Conv():
                    groups = x.shape[1] if layer.depthwise else edges
                    x = self.field.conv(x, next(weights), layer, groups, stride)
                case Reduce():
                    x = self._reduce(x, next(weights), next(weights), edges)
                case Residual():
                    x = self._run(layer.main, weights, x, edges) + self._run(layer.shortcut, weights, x, edges)
        return x

    def _reduce(self, x: Tensor, first: _Kernel, second: _Kernel, edges: int) -> Tensor:
        """Factorised reduction: one half of the channels from even pixels, the other from odd ones."""
        step = 1 if self.field.interior else 2
        even, odd = x[:, :, ::step, ::step], x[:, :, step - 1 :: step, step - 1 :: step]
        halves = [
            _channels_last(self.field.conv(half, kernel, Conv(1), edges, 1)).unflatten(3, (edges, -1))
            for half, kernel in ((even, first), (odd, second))
        ]
        return _channels_second(torch.cat(halves, dim=4).flatten(3))


@dataclass(frozen=True)
class _Group:
    """One operation on those edges into a node that have the same stride."""

    operation: int
    edges: tuple[int, ...]
    stack: _Stack


@dataclass(frozen=True)
class _Cell:
    """One cell: the index of its type, the layers before its input nodes, the groups of edges into every other node."""

    type_index: int
    inputs: tuple[_Stack, ...]
    targets: tuple[tuple[_Group, ...], ...]


class _Builder:
    """Draws all weights of a supernet, in one fixed order from one seed, and stacks them by source node."""

    def __init__(self, config: SearchConfig, device: torch.device, dtype: torch.dtype) -> None:
        self.space = config.described_space
        self.field = _Field(config.field == "interior", config.normalisation == "batch")
        self.generator = torch.Generator().manual_seed(config.seed)
        self.device, self.dtype = device, dtype

    def stack(self, layers: tuple[Layer, ...], c_in: int, c_out: int, stride: int = 1) -> _Stack:
        """`layers` with fresh weights, outside the edges of a cell."""
        return self._stacked(layers, [self._draw(layers, c_in, c_out)], stride)

    def cell(self, plan: CellPlan) -> _Cell:
        """One cell, its weights drawn input by input, then edge by edge."""
        inputs = tuple(
            self.stack(layers, c_in, plan.channels, stride)
            for (c_in, layers), stride in zip(plan.inputs, plan.input_stride, strict=True)
        )
        drawn = [self._draw_edge(edge.source, plan) for edge in self.space.edges]
        targets = tuple(tuple(self._groups(node, drawn, plan)) for node in range(self.space.inputs, self.space.nodes))
        return _Cell(self.space.cell_types.index(plan.kind), inputs, targets)

    def _groups(
        self, node: int, drawn: Sequence[dict[int, tuple[tuple[Layer, ...], list[Tensor]]]], plan: CellPlan
    ) -> Iterator[_Group]:
        incoming = [index for index, edge in enumerate(self.space.edges) if edge.target == node]
        for stride in sorted({self._stride(self.space.edges[index].source, plan) for index in incoming}):
            edges = tuple(i for i in incoming if self._stride(self.space.edges[i].source, plan) == stride)
            for index, (layers, _) in drawn[edges[0]].items():
                stack = self._stacked(layers, [drawn[edge][index][1] for edge in edges], stride)
                yield _Group(index, edges, stack)

    def classifier(self, channels: int) -> Tensor:
        """Weight of every channel in the sum of the logits; the bias stays out, it is not flow."""
        weight = self._kernel(CLASSES, channels, 1)
        return weight.sum((0, 2, 3)).to(self.device, self.dtype)

    def _stride(self, node: int, plan: CellPlan) -> int:
        return plan.stride if node < self.space.inputs else 1

    def _draw_edge(self, source: int, plan: CellPlan) -> dict[int, tuple[tuple[Layer, ...], list[Tensor]]]:
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
        weight = torch.rand(shape, generator=self.generator) / (fan_channels * kernel**2) ** 0.5
        return weight.sum((2, 3), keepdim=True) if self.field.interior else weight

    def _stacked(self, layers: tuple[Layer, ...], drawn: Sequence[Sequence[Tensor]], stride: int) -> _Stack:
        stacked = (torch.stack(weights).to(self.device, self.dtype) for weights in zip(*drawn, strict=True))
        kernels = tuple(_Kernel.of(weight, depthwise=weight.shape[2] == 1) for weight in stacked)
        return _Stack(layers, kernels, stride, self.field)


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
        builder = _Builder(config, torch.device(device), dtype)
        plan = self.space.plan(config.size)
        self._field = builder.field
        self._stem = builder.stack(plan.stem, IMAGE_CHANNELS, plan.stem_channels)
        self._cells = []
        for cell in plan.cells:
            self._tick()
            self._cells.append(builder.cell(cell))
        self._head = builder.stack(plan.head, plan.head_channels, plan.head_channels)
        self._classifier = builder.classifier(plan.head_channels)
        self._alpha = self._draw_alpha()

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

    def __call__(self, alpha: Tensor, live: Mask) -> tuple[Tensor, Tensor]:
        """The sum of the logits for every configuration in `alpha`, `(B, *shape)`, as `R = flow · exp(log_scale)`.

        `live` marks the operations that any configuration uses; the others are not computed.
        """
        size = 1 if self._field.interior else self.config.image_size
        image = alpha.new_ones(1, IMAGE_CHANNELS, size, size).contiguous(memory_format=torch.channels_last)
        stem = self._stem(image).expand(len(alpha), -1, -1, -1)
        states = [stem] * self.space.inputs
        log_scale = alpha.new_zeros(len(alpha))
        columns = alpha.flatten(1).unbind(1)
        for cell in self._cells:
            self._tick()
            states = [*states[1:], self._run_cell(cell, states, columns, live)]
            if states[-1].requires_grad:
                states[-1].register_hook(lambda _: self._tick())
            if not self._field.normalised:
                largest = states[-1].detach().amax((1, 2, 3))
                largest = torch.where(largest > 0, largest, torch.ones_like(largest))
                states = [state / largest[:, None, None, None] for state in states]
                log_scale = log_scale + largest.log()
        features = self._head(states[-1]).mean((2, 3))
        return features @ self._classifier, log_scale

    def _run_cell(self, cell: _Cell, states: Sequence[Tensor], alpha: Sequence[Tensor], live: Mask) -> Tensor:
        nodes = [stack(state) for stack, state in zip(cell.inputs, states, strict=True)]
        shared: dict[tuple[int, ...], Tensor] = {}
        for groups in cell.targets:
            features, columns = [], []
            for group in groups:
                chosen = [i for i, edge in enumerate(group.edges) if live[cell.type_index, edge, group.operation]]
                if chosen:
                    features.append(_channels_last(self._features(group, chosen, nodes, shared)))
                    columns += [self._column(cell.type_index, group.edges[i], group.operation) for i in chosen]
            if features:
                weights = torch.stack([alpha[column] for column in columns], 1)
                total = _WeighedSum.apply(weights, nodes[0].shape[1], *features)
                nodes.append(_channels_second(total))
            else:
                nodes.append(self._silence(cell, nodes))
        return torch.cat([nodes[node] for node in self.space.outputs], dim=1)

    def _column(self, *index: int) -> int:
        """Where an operation stands in a flattened α."""
        return int(np.ravel_multi_index(index, self.shape))

    def _features(
        self, group: _Group, chosen: Sequence[int], nodes: Sequence[Tensor], shared: dict[tuple[int, ...], Tensor]
    ) -> Tensor:
        """What the `chosen` edges of `group` carry, `(B, edges * C, H, W)`.

        Stacked nodes, and operations without weights, are computed once a cell and kept in `shared`.
        """
        sources = tuple(self.space.edges[group.edges[i]].source for i in chosen)
        if not group.stack.layers:
            return self._stacked_nodes(sources, nodes, shared)
        if group.stack.weights:
            return group.stack(self._stacked_nodes(sources, nodes, shared), chosen)
        for source in sources:
            if (-1 - group.operation, source) not in shared:
                shared[-1 - group.operation, source] = group.stack(nodes[source])
        return torch.cat([shared[-1 - group.operation, source] for source in sources], dim=1)

    def _stacked_nodes(
        self, sources: tuple[int, ...], nodes: Sequence[Tensor], shared: dict[tuple[int, ...], Tensor]
    ) -> Tensor:
        if sources not in shared:
            shared[sources] = torch.cat([nodes[source] for source in sources], dim=1)
        return shared[sources]

    def _silence(self, cell: _Cell, nodes: Sequence[Tensor]) -> Tensor:
        """The features of a node that no live edge reaches."""
        stride = cell.targets[0][0].stack.stride if not self._field.interior else 1
        inputs = nodes[0]
        return inputs.new_zeros(*inputs.shape[:2], inputs.shape[2] // stride, inputs.shape[3] // stride)

    def _draw_alpha(self) -> Tensor:
        alpha = torch.ones(self.shape)
        if self.config.alpha == "noise":
            generator = torch.Generator().manual_seed(self.config.seed)
            alpha = ALPHA_NOISE * torch.randn(self.shape, generator=generator).abs()
        return alpha.to(self._classifier)

    def _tick(self) -> None:
        if self.on_cell is not None:
            self.on_cell()
