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

    def convolve(self, x: Tensor, layer: Conv, groups: int, stride: int) -> Tensor:
        """One convolution for all edges."""
        kernels = self.forward.flatten(0, 1), self.adjoint.flatten(0, 1)
        return _FrozenConv.apply(x, *kernels, stride, layer.dilation, groups)


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
    kernel = weight.shape[-1]
    if kernel == stride == 1 and groups < x.shape[1]:
        return _pointwise(x, weight, groups)
    return F.conv2d(x, weight, None, stride, dilation * (kernel - 1) // 2, dilation, groups)


def _pointwise(x: Tensor, weight: Tensor, groups: int) -> Tensor:
    """A 1x1 convolution as one matrix product a group, read and written in place: faster than the library's."""
    pixels = _channels_last(x)
    result = x.new_empty(*pixels.shape[:3], len(weight))
    kernels = weight.view(groups, -1, weight.shape[1]).transpose(1, 2)  # (groups, c_in, c_out)
    torch.bmm(_by_group(pixels, groups), kernels, out=_by_group(result, groups))
    return _channels_second(result)


def _by_group(pixels: Tensor, groups: int) -> Tensor:
    """Features `(B, H, W, groups * C)` seen as `(groups, B * H * W, C)`."""
    return pixels.reshape(-1, groups, pixels.shape[3] // groups).transpose(0, 1)


def _channels_last(x: Tensor) -> Tensor:
    """Features `(B, C, H, W)` seen as `(B, H, W, C)`, which is how they lie in memory."""
    return x.permute(0, 2, 3, 1)


def _channels_second(x: Tensor) -> Tensor:
    """Features `(B, H, W, C)` seen as `(B, C, H, W)`."""
    return x.permute(0, 3, 1, 2)


def _norm(x: Tensor) -> Tensor:
    """Batch norm in training mode for a batch of this one image, hence of every configuration by itself.

    Written out, since the gradient of torch 2.13's `instance_norm` is wrong for a channels-last gradient.
    """
    centred = x - x.mean((2, 3), keepdim=True)
    return centred * torch.rsqrt(centred.square().mean((2, 3), keepdim=True) + NORM_EPSILON)


def _pool(x: Tensor, layer: Pool, stride: int) -> Tensor:
    """One pooling; an average is a sum over the window over the number of pixels in it, for a fast gradient."""
    padding = (layer.kernel - 1) // 2
    if layer.kind == "max":
        return F.max_pool2d(x, layer.kernel, stride, padding)
    box = x.new_ones(x.shape[1], 1, layer.kernel, layer.kernel)
    if not padding:
        return F.avg_pool2d(x, layer.kernel, stride)
    pixels = x.new_ones(1, 1, *x.shape[2:])
    counts = F.avg_pool2d(pixels, layer.kernel, stride, padding, divisor_override=1)
    return _FrozenConv.apply(x, box, box, stride, 1, x.shape[1]) / counts


@dataclass(frozen=True)
class _Stack:
    """Layers with the kernels of some edges."""

    layers: tuple[Layer, ...]
    weights: tuple[_Kernel, ...]
    stride: int

    def __call__(self, x: Tensor, chosen: Sequence[int] = (0,)) -> Tensor:
        """Features of the `chosen` edges, from and to `(B, edges * C, H, W)`."""
        weights = self.weights
        if weights and len(chosen) < len(weights[0]):
            weights = tuple(weight[list(chosen)] for weight in weights)
        return self._run(self.layers, iter(weights), x, len(chosen))

    def _run(self, layers: Sequence[Layer], weights: Iterator[_Kernel], x: Tensor, edges: int) -> Tensor:
        for layer in layers:
            stride = self.stride if getattr(layer, "strided", False) else 1
            match layer:
                case Relu():
                    x = F.relu(x)
                case Norm():
                    x = _norm(x)
                case Pool():
                    x = _pool(x, layer, stride)
                case Conv():
                    groups = x.shape[1] if layer.depthwise else edges
                    x = next(weights).convolve(x, layer, groups, stride)
                case Reduce():
                    x = self._reduce(x, next(weights), next(weights), edges)
                case Residual():
                    x = self._run(layer.main, weights, x, edges) + self._run(layer.shortcut, weights, x, edges)
        return x

    def _reduce(self, x: Tensor, first: _Kernel, second: _Kernel, edges: int) -> Tensor:
        """Factorised reduction: one half of the channels from even pixels, the other from odd ones."""
        halves = [
            _channels_last(kernel.convolve(half, Conv(1), edges, 1)).unflatten(3, (edges, -1))
            for half, kernel in ((x[:, :, ::2, ::2], first), (x[:, :, 1::2, 1::2], second))
        ]
        return _channels_second(torch.cat(halves, dim=4).flatten(3))


@dataclass(frozen=True)
class _Group:
    """Operations that mix the same features, on those edges into a node that have the same stride.

    `stack` gives the features of an edge, `matrices` `(edges, operations, C, C)` map its channels to the node's.
    """

    operations: tuple[int, ...]
    edges: tuple[int, ...]
    stack: _Stack
    matrices: Tensor


@dataclass(frozen=True)
class Cell:
    """One cell: the index of its type, the layers before its input nodes, the groups of edges into every other node."""

    type_index: int
    inputs: tuple[_Stack, ...]
    targets: tuple[tuple[_Group, ...], ...]


Drawn = tuple[tuple[Layer, ...], list[Tensor]]
"""Layers and their weights, in order."""


class _Builder:
    """Draws all weights of a supernet, in one fixed order from one seed, and stacks them by target node."""

    def __init__(self, config: SearchConfig, device: torch.device, dtype: torch.dtype) -> None:
        self.space = config.described_space
        self.interior = config.field == "interior"
        self.normalised = config.normalisation == "batch"
        self.generator = torch.Generator().manual_seed(config.seed)
        self.device, self.dtype = device, dtype

    def stack(self, layers: tuple[Layer, ...], c_in: int, c_out: int, stride: int = 1) -> _Stack:
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

    def _groups(self, node: int, drawn: Sequence[dict[int, Drawn]], plan: CellPlan) -> Iterator[_Group]:
        incoming = [index for index, edge in enumerate(self.space.edges) if edge.target == node]
        for stride in sorted({self._stride(self.space.edges[index].source, plan) for index in incoming}):
            edges = tuple(i for i in incoming if self._stride(self.space.edges[i].source, plan) == stride)
            plain: dict[int, Tensor] = {}  # operations that mix the features of the source itself
            for index, (layers, _) in drawn[edges[0]].items():
                weights = self._stacked([drawn[edge][index][1] for edge in edges])
                layers, weights = self._simplified(layers, weights, plan.channels)
                layers, weights, matrix = self._split(layers, weights, stride, len(edges), plan.channels)
                if layers:
                    yield _Group((index,), edges, self._stack(layers, weights, stride), matrix[:, None])
                else:
                    plain[index] = matrix
            if plain:
                yield _Group(tuple(plain), edges, _Stack((), (), stride), torch.stack([*plain.values()], 1))

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
        return torch.rand(shape, generator=self.generator) / (fan_channels * kernel**2) ** 0.5

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

    def _split(
        self, layers: tuple[Layer, ...], weights: list[Tensor], stride: int, edges: int, channels: int
    ) -> tuple[tuple[Layer, ...], list[Tensor], Tensor]:
        """Layers without a last 1x1 convolution, and that as matrices `(edges, C, C)` (else the identity).

        A node sums over its edges anyway, so the last mixing of channels costs nothing there.
        """
        if layers and layers[-1] in (Conv(1), Conv(1, strided=stride == 1)):
            return layers[:-1], weights[:-1], weights[-1].flatten(2).transpose(1, 2).contiguous()
        return layers, weights, torch.eye(channels, device=self.device, dtype=self.dtype).repeat(edges, 1, 1)

    def _stack(self, layers: tuple[Layer, ...], weights: Sequence[Tensor], stride: int) -> _Stack:
        kernels = tuple(_Kernel.of(weight, depthwise=weight.shape[2] == 1) for weight in weights)
        return _Stack(layers, kernels, stride)


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


class _Mixing:
    """The weighed sums of one pass: what α `(B, *shape)` makes of the features on the edges into a node."""

    def __init__(self, alpha: Tensor) -> None:
        self.alpha = alpha
        self._weights: dict[tuple[object, ...], Tensor] = {}

    def add(
        self, total: Tensor | None, features: Tensor, type_index: int, group: _Group, chosen: Sequence[int]
    ) -> Tensor:
        """`total` and the flow through `group`, `(B, H, W, C)`; the features are `(B, H, W, chosen * C)`.

        α and the matrices of the operations make one matrix, so that all edges and their gradients are matrix products.
        """
        weights = self._alpha_of(type_index, group.operations, tuple(group.edges[i] for i in chosen))
        matrices = group.matrices if len(chosen) == len(group.edges) else group.matrices[list(chosen)]
        matrix = _weighed(weights, matrices).flatten(1, 2)  # (B, chosen * C, C)
        pixels = features.flatten(1, 2)
        flow = torch.bmm(pixels, matrix) if total is None else torch.baddbmm(total.flatten(1, 2), pixels, matrix)
        return flow.unflatten(1, features.shape[1:3])

    def _alpha_of(self, type_index: int, operations: tuple[int, ...], edges: tuple[int, ...]) -> Tensor:
        """α of some operations on some edges, `(B, edges, operations)`; cells of a type share it."""
        key = (type_index, operations, edges)
        if key not in self._weights:
            self._weights[key] = self.alpha[:, type_index, list(edges)][:, :, list(operations)]
        return self._weights[key]


def _weighed(weights: Tensor, matrices: Tensor) -> Tensor:
    """`Σ_o α[b, e, o] · M[e, o]`, `(B, edges, C, C)`."""
    if weights.shape[2] == 1:
        return weights[..., None] * matrices[:, 0]
    return torch.einsum("beo,eoij->beij", weights, matrices)


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
        builder = _Builder(config, self.device, dtype)
        plan = self.space.plan(config.size)
        self._image_size = 1 if builder.interior else config.image_size
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
        mixing = _Mixing(alpha)
        return self.propagate(len(alpha), lambda cell, states: self._run_cell(cell, states, mixing, live))

    def propagate(self, count: int, run_cell: Callable[[Cell, Sequence[Tensor]], Tensor]) -> tuple[Tensor, Tensor]:
        """The sum of the logits of `count` configurations whose cells `run_cell` computes: `(flow, log_scale)`."""
        shape = (1, IMAGE_CHANNELS, self._image_size, self._image_size)
        stem = self._stem(self._alpha.new_ones(shape).contiguous(memory_format=torch.channels_last))
        states = [stem.expand(count, -1, -1, -1)] * self.space.inputs
        log_scale = self._alpha.new_zeros(count)
        for cell in self._cells:
            self._tick()
            states = [*states[1:], run_cell(cell, states)]
            if states[-1].requires_grad:
                states[-1].register_hook(lambda _: self._tick())
            if self.config.normalisation == "bypass":
                largest = states[-1].detach().amax((1, 2, 3))
                largest = torch.where(largest > 0, largest, torch.ones_like(largest))
                states = [state / largest[:, None, None, None] for state in states]
                log_scale = log_scale + largest.log()
        features = self._head(states[-1]).mean((2, 3))
        return features @ self._classifier, log_scale

    def _run_cell(self, cell: Cell, states: Sequence[Tensor], mixing: _Mixing, live: Mask) -> Tensor:
        nodes = [stack(state) for stack, state in zip(cell.inputs, states, strict=True)]
        shared: dict[tuple[int, ...], Tensor] = {}
        for groups in cell.targets:
            total: Tensor | None = None
            for group in groups:
                used = live[cell.type_index][np.ix_(group.edges, group.operations)].any(1)
                if used.any():
                    chosen = [int(i) for i in used.nonzero()[0]]
                    features = _channels_last(self._features(group, chosen, nodes, shared))
                    total = mixing.add(total, features, cell.type_index, group, chosen)
            nodes.append(self._silence(cell, nodes) if total is None else _channels_second(total))
        return torch.cat([nodes[node] for node in self.space.outputs], dim=1)

    def _features(
        self, group: _Group, chosen: Sequence[int], nodes: Sequence[Tensor], shared: dict[tuple[int, ...], Tensor]
    ) -> Tensor:
        """What the `chosen` edges of `group` carry, `(B, edges * C, H, W)`.

        Stacked nodes, and poolings, are computed once a cell and kept in `shared`.
        """
        sources = tuple(self.space.edges[group.edges[i]].source for i in chosen)
        if not group.stack.layers:
            return self._stacked_nodes(sources, nodes, shared)
        if group.stack.weights:
            return group.stack(self._stacked_nodes(sources, nodes, shared), chosen)
        (operation_index,) = group.operations
        for source in sources:
            if (-1 - operation_index, source) not in shared:
                shared[-1 - operation_index, source] = group.stack(nodes[source])
        return torch.cat([shared[-1 - operation_index, source] for source in sources], dim=1)

    def _stacked_nodes(
        self, sources: tuple[int, ...], nodes: Sequence[Tensor], shared: dict[tuple[int, ...], Tensor]
    ) -> Tensor:
        if sources not in shared:
            shared[sources] = torch.cat([nodes[source] for source in sources], dim=1)
        return shared[sources]

    def _silence(self, cell: Cell, nodes: Sequence[Tensor]) -> Tensor:
        """The features of a node that no live edge reaches."""
        stride, inputs = cell.targets[0][0].stack.stride, nodes[0]
        return inputs.new_zeros(*inputs.shape[:2], -(-inputs.shape[2] // stride), -(-inputs.shape[3] // stride))

    def _draw_alpha(self) -> Tensor:
        alpha = torch.ones(self.shape)
        if self.config.alpha == "noise":
            generator = torch.Generator().manual_seed(self.config.seed)
            alpha = ALPHA_NOISE * torch.randn(self.shape, generator=generator).abs()
        return alpha.to(self._classifier)

    def _tick(self) -> None:
        if self.on_cell is not None:
            self.on_cell()
