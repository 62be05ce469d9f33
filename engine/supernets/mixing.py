"""The weighted sums of a pass, and the gradient of α."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from engine.supernets.adjoint import Pull

AlphaBlock = tuple[int, tuple[int, ...], tuple[int, ...]]
"""A block of α: a cell type, some edges, some operations."""


class Mixing:
    """The weighted sums of one pass, by α `(B, *shape)`, and the gradient that α gets from them.

    `positions` gives the positions of a block of α in the whole, flattened, `(edges * operations,)`. Every method
    returns features and their pull, which adds to the gradient of α when it is called.
    """

    def __init__(self, alpha: Tensor, positions: Callable[[AlphaBlock], Tensor]) -> None:
        self.alpha, self.positions = alpha, positions
        self._weights: dict[tuple[AlphaBlock, int], Tensor] = {}
        self._gradients: dict[AlphaBlock, Tensor] = {}

    def mix(self, features: Tensor, matrices: Tensor, block: AlphaBlock) -> tuple[Tensor, Pull]:
        """Return the flow `(B, H, W, C)` of features `(B, H, W, edges * C)`.

        α and the `matrices` of the operations `(edges, operations, C, C)` make one matrix, so that all edges and their
        gradients are matrix products; where there is a single pixel, it is less to apply the matrices and then α.
        """
        if features.shape[1:3] == (1, 1):
            return self._mix_constant(features, matrices, block)
        matrix = _weighted(self._values(block), matrices).flatten(1, 2)  # (B, edges * C, C)
        pixels = features.flatten(1, 2)

        def pull(gradient: Tensor) -> Tensor:
            gradient = gradient.flatten(1, 2)
            products = torch.bmm(pixels.transpose(1, 2), gradient).unflatten(1, (len(matrices), -1))
            self._add(block, _traces(products, matrices))
            return torch.bmm(gradient, matrix.transpose(1, 2)).view(features.shape)

        return torch.bmm(pixels, matrix).unflatten(1, features.shape[1:3]), pull

    def _mix_constant(self, features: Tensor, matrices: Tensor, block: AlphaBlock) -> tuple[Tensor, Pull]:
        """Mix feature maps of one pixel, `(B, 1, 1, edges * C)`."""
        edges = len(matrices)
        weights = self._values(block).permute(1, 2, 0)[..., None]  # (edges, operations, B, 1)
        sources = features.view(len(features), edges, 1, -1).permute(1, 2, 0, 3)
        products = sources @ matrices  # (edges, operations, B, C)

        def pull(gradient: Tensor) -> Tensor:
            gradient = gradient[:, 0, 0]
            self._add(block, (products * gradient).sum(3).permute(2, 0, 1))
            back = ((weights * gradient) @ matrices.transpose(2, 3)).sum(1)
            return back.transpose(0, 1).reshape(features.shape)

        return (products * weights).sum((0, 1))[:, None, None], pull

    def scale(self, features: Tensor, block: AlphaBlock) -> tuple[Tensor, Pull]:
        """Multiply features `(B, H, W, edges * C)` by the α of their edges.

        The operation on them is linear, so the factor may come before it.
        """
        edges = len(block[1])
        wide = self._values(block, features.shape[3] // edges)

        def pull(gradient: Tensor) -> Tensor:
            products = features * gradient
            self._add(block, products.sum((1, 2)).unflatten(1, (edges, -1)).sum(2)[..., None])
            return torch.mul(gradient, wide, out=products)

        return features * wide, pull

    def add_noise(self, noise: Tensor, unit: Tensor, block: AlphaBlock) -> tuple[Tensor, Pull]:
        """Return the flow `(B, H, W, C)` of `noise` `(edges, H, W, C)`, in the `unit` `(B,)` of the features around it.

        It reads no features, so its pull returns the gradient of none, `(B, H, W, 0)`.
        """
        pixels = noise.flatten(1)
        weights = self._values(block)[..., 0] * unit[:, None]  # (B, edges)

        def pull(gradient: Tensor) -> Tensor:
            products = gradient.flatten(1) @ pixels.T * unit[:, None]
            self._add(block, products[..., None])
            return gradient.new_empty(*gradient.shape[:3], 0)

        return (weights @ pixels).unflatten(1, noise.shape[1:]), pull

    def gradient(self) -> Tensor:
        """Return what the pulls have added up, in the shape of α."""
        total = torch.zeros_like(self.alpha)
        for block, gradient in self._gradients.items():
            total.flatten(1).index_add_(1, self.positions(block), gradient.flatten(1))
        return total

    def _values(self, block: AlphaBlock, channels: int = 0) -> Tensor:
        """Return a block of α, `(B, edges, operations)`, or for each of so many `channels`, `(B, 1, 1, edges * C)`."""
        if (block, channels) not in self._weights:
            _, edges, operations = block
            weights = self.alpha.flatten(1).index_select(1, self.positions(block)).view(-1, len(edges), len(operations))
            self._weights[block, channels] = weights.repeat_interleave(channels, 1).mT[:, None] if channels else weights
        return self._weights[block, channels]

    def _add(self, block: AlphaBlock, gradient: Tensor) -> None:
        total = self._gradients.get(block)
        self._gradients[block] = gradient if total is None else total + gradient


def _weighted(weights: Tensor, matrices: Tensor) -> Tensor:
    """Return `Σ_o α[b, e, o] · M[e, o]`, `(B, edges, C, C)`."""
    if weights.shape[2] == 1:
        return weights[..., None] * matrices[:, 0]
    summed = torch.bmm(weights.transpose(0, 1), matrices.flatten(2))  # (edges, B, C * C)
    return summed.transpose(0, 1).unflatten(2, matrices.shape[2:])


def _traces(products: Tensor, matrices: Tensor) -> Tensor:
    """Return `<P[b, e], M[e, o]>`, `(B, edges, operations)`."""
    if matrices.shape[1] == 1:
        return (products * matrices[:, 0]).sum((2, 3))[..., None]
    flat = products.flatten(2).transpose(0, 1)  # (edges, B, C * C)
    return torch.bmm(flat, matrices.flatten(2).transpose(1, 2)).transpose(0, 1)
