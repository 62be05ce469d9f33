"""Layers with frozen weights, each with its adjoint: the fast path of a supernet, forwards and backwards.

Weights need no gradient, so a step returns its result and its *pull*, the vector-Jacobian product. Every step but the
batch norm, the rectifier and the max pooling is linear, and its pull is the same kind of step with a turned kernel:
that keeps nothing in memory and is several times faster than the library's gradient of a depthwise convolution.
Features are `(B, H, W, C)`; those of several edges lie side by side in C.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.operations.layers import Conv, Layer, Noise, Norm, Pool, Reduce, Relu, Residual

NORM_EPSILON = 1e-5

Pull = Callable[[Tensor], Tensor]
"""The vector-Jacobian product of a step: from the gradient of its result to that of what the step was given.

A pull leaves the gradient that it is given as it is, and returns a tensor that shares its memory with no other: whoever
calls a pull owns what it returns, and may overwrite it.
"""


def select(tensor: Tensor, indices: Sequence[int]) -> Tensor:
    """Return `tensor` at some `indices`, in ascending order, along its first dimension.

    A list as an index would have to reach the device first, and the host wait for it.
    """
    return tensor if len(indices) == len(tensor) else torch.stack([tensor[index] for index in indices])


@dataclass(frozen=True)
class Kernel:
    """Frozen kernels of some edges, and the same ones turned by half a turn with input and output swapped.

    Both are `(edges, c_out, c_in / groups, k, k)` for their own direction, groups counted within an edge.
    """

    forward: Tensor
    adjoint: Tensor

    @classmethod
    def of(cls, weight: Tensor, depthwise: bool) -> Kernel:
        """Return the kernels in `weight` `(edges, c_out, c_in / groups, k, k)`, for both directions."""
        turned = weight.flip(3, 4)
        return cls(weight, turned if depthwise else turned.transpose(1, 2).contiguous())

    def __getitem__(self, edges: Sequence[int]) -> Kernel:
        return Kernel(select(self.forward, edges), select(self.adjoint, edges))

    def summed(self) -> Kernel:
        """Join the kernels of all edges into one, whose result is the sum over the edges."""
        return Kernel(self.forward.transpose(0, 1).flatten(1, 2)[None], self.adjoint.flatten(0, 1)[None])

    def convolve(self, x: Tensor, layer: Conv, groups: int, stride: int) -> tuple[Tensor, Pull]:
        """Convolve the features of all edges at once.

        The pull is a convolution with the turned kernels, of pixels a stride apart.
        """
        forward, adjoint, shape = self.forward.flatten(0, 1), self.adjoint.flatten(0, 1), x.shape

        def pull(gradient: Tensor) -> Tensor:
            if stride > 1:
                spread = gradient.new_zeros(*shape[:3], gradient.shape[3])
                spread[:, ::stride, ::stride] = gradient
                gradient = spread
            return _same_size(gradient, adjoint, 1, layer.dilation, groups)

        return _same_size(x, forward, stride, layer.dilation, groups), pull


def _same_size(x: Tensor, weight: Tensor, stride: int, dilation: int, groups: int) -> Tensor:
    kernel = weight.shape[-1]
    if kernel == stride == 1 and groups < x.shape[3]:
        return _pointwise(x, weight, groups)
    return _pixels(F.conv2d(_maps(x), weight, None, stride, dilation * (kernel - 1) // 2, dilation, groups))


def _pointwise(x: Tensor, weight: Tensor, groups: int) -> Tensor:
    """Return a 1x1 convolution as one matrix product a group, read and written in place: faster than the library's."""
    result = x.new_empty(*x.shape[:3], len(weight))
    kernels = weight.view(groups, -1, weight.shape[1]).transpose(1, 2)  # (groups, c_in, c_out)
    torch.bmm(_by_group(x, groups), kernels, out=_by_group(result, groups))
    return result


def _by_group(x: Tensor, groups: int) -> Tensor:
    """View features `(B, H, W, groups * C)` as `(groups, B * H * W, C)`."""
    return x.reshape(-1, groups, x.shape[3] // groups).transpose(0, 1)


def _maps(x: Tensor) -> Tensor:
    """View features `(B, H, W, C)` as feature maps `(B, C, H, W)`."""
    return x.permute(0, 3, 1, 2)


def _pixels(x: Tensor) -> Tensor:
    """View feature maps `(B, C, H, W)` as features `(B, H, W, C)`, which is how they lie in memory."""
    return x.permute(0, 2, 3, 1).contiguous()


def _relu(x: Tensor, limit: int | None) -> tuple[Tensor, Pull]:
    if limit is None:
        return F.relu(x), lambda gradient: gradient * (x > 0)
    return x.clamp(0, limit), lambda gradient: gradient * ((x > 0) & (x < limit))


def _norm(x: Tensor) -> tuple[Tensor, Pull]:
    """Normalise each configuration by itself: batch norm in training mode of a batch of this one image."""
    centred = x - x.mean((1, 2), keepdim=True)
    scale = torch.rsqrt(centred.square().mean((1, 2), keepdim=True) + NORM_EPSILON)
    normed = centred * scale

    def pull(gradient: Tensor) -> Tensor:
        projection = (gradient * normed).mean((1, 2), keepdim=True)
        return scale * (gradient - gradient.mean((1, 2), keepdim=True) - normed * projection)

    return normed, pull


def _pool(x: Tensor, layer: Pool, stride: int) -> tuple[Tensor, Pull]:
    if layer.kind == "max":
        return _max_pool(x, layer.kernel, stride)
    if layer.kernel == stride:
        return _pixels(F.avg_pool2d(_maps(x), stride)), lambda gradient: _repeated(gradient, stride) / stride**2
    return _avg_pool(x, layer.kernel, stride)


def _repeated(x: Tensor, times: int) -> Tensor:
    return x.repeat_interleave(times, 1).repeat_interleave(times, 2)


def _max_pool(x: Tensor, kernel: int, stride: int) -> tuple[Tensor, Pull]:
    window = (kernel, kernel), (stride, stride), ((kernel - 1) // 2,) * 2, (1, 1)
    largest, positions = torch.ops.aten.max_pool2d_with_indices(_maps(x), *window)

    def pull(gradient: Tensor) -> Tensor:
        return _pixels(
            torch.ops.aten.max_pool2d_with_indices_backward(_maps(gradient), _maps(x), *window, False, positions)
        )

    return _pixels(largest), pull


def _avg_pool(x: Tensor, kernel: int, stride: int) -> tuple[Tensor, Pull]:
    """Average the pixels in the window, those of the padding not among them: their sum over their number."""
    box = x.new_ones(1, x.shape[3], 1, kernel, kernel)
    inside = x.new_ones(1, 1, *x.shape[1:3])
    counts = F.avg_pool2d(inside, kernel, stride, kernel // 2, divisor_override=1)[0, 0, :, :, None]
    total, pull = Kernel(box, box).convolve(x, Conv(kernel), x.shape[3], stride)
    return total.div_(counts), lambda gradient: pull(gradient / counts)


@dataclass(frozen=True)
class Stack:
    """Layers with the frozen kernels of some edges, as one step."""

    layers: tuple[Layer, ...]
    kernels: tuple[Kernel, ...]
    stride: int

    @classmethod
    def of(cls, layers: tuple[Layer, ...], weights: Iterable[Tensor], stride: int = 1) -> Stack:
        """Return the stack of `layers`, at `stride`, with `weights` `(edges, c_out, c_in / groups, k, k)` in order.

        A kernel of a single input channel is a depthwise one: no layer of a network has fewer than two.
        """
        return cls(layers, tuple(Kernel.of(weight, depthwise=weight.shape[2] == 1) for weight in weights), stride)

    def __call__(self, x: Tensor, edges: Sequence[int] = (0,), summed: bool = False) -> tuple[Tensor, Pull]:
        """Return the features of some `edges`, `(B, H, W, edges * C)`, from those that enter them, and the pull.

        Where `summed`, they are added up to `(B, H, W, C)`; the last layer is then a convolution. Without layers, `x`
        itself is returned.
        """
        if not self.layers:
            return x, Tensor.clone
        kernels = [kernel[edges] for kernel in self.kernels]
        if not summed:
            return self._run(self.layers, iter(kernels), x, len(edges))
        x, pull_first = self._run(self.layers[:-1], iter(kernels[:-1]), x, len(edges))
        x, pull_last = self._run(self.layers[-1:], iter([kernels[-1].summed()]), x, 1)
        return x, lambda gradient: pull_first(pull_last(gradient))

    def _run(self, layers: Sequence[Layer], kernels: Iterator[Kernel], x: Tensor, edges: int) -> tuple[Tensor, Pull]:
        """Run some layers. Of none, the pull returns the gradient itself: the caller sees to it that it is copied."""
        pulls = []
        for layer in layers:
            x, pull = self._step(layer, kernels, x, edges)
            pulls.append(pull)

        def pull_all(gradient: Tensor) -> Tensor:
            for pull in reversed(pulls):
                gradient = pull(gradient)
            return gradient

        return x, pull_all

    def _step(self, layer: Layer, kernels: Iterator[Kernel], x: Tensor, edges: int) -> tuple[Tensor, Pull]:
        match layer:
            case Relu():
                return _relu(x, layer.limit)
            case Norm():
                return _norm(x)
            case Pool():
                return _pool(x, layer, self.stride if layer.strided else 1)
            case Conv():
                groups = x.shape[3] if layer.depthwise else edges
                return next(kernels).convolve(x, layer, groups, self.stride if layer.strided else 1)
            case Reduce():
                return _reduce(x, next(kernels), next(kernels), edges)
            case Residual():
                main, pull_main = self._run(layer.main, kernels, x, edges)
                shortcut, pull_shortcut = self._run(layer.shortcut, kernels, x, edges)
                return main + shortcut, lambda gradient: pull_main(gradient) + pull_shortcut(gradient)
            case Noise():
                raise TypeError("noise takes the place of features; it is no step from one to the next")
            case _:
                assert_never(layer)


def _reduce(x: Tensor, first: Kernel, second: Kernel, edges: int) -> tuple[Tensor, Pull]:
    """Reduce by 2: one half of the channels from even pixels, the other from odd ones, with a 1x1 convolution each."""
    even, pull_even = first.convolve(x[:, ::2, ::2], Conv(1), edges, 1)
    odd, pull_odd = second.convolve(x[:, 1::2, 1::2], Conv(1), edges, 1)

    def pull(gradient: Tensor) -> Tensor:
        halves = gradient.reshape(*gradient.shape[:3], edges, 2, -1)
        spread = x.new_zeros(x.shape)
        spread[:, ::2, ::2] = pull_even(halves[:, :, :, :, 0].flatten(3))
        spread[:, 1::2, 1::2] = pull_odd(halves[:, :, :, :, 1].flatten(3))
        return spread

    return torch.cat([half.reshape(*half.shape[:3], edges, -1) for half in (even, odd)], dim=4).flatten(3), pull
