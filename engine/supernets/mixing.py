"""The weighed sums of a pass, and the gradient of α."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from engine.supernets.adjoint import Pull

Columns = tuple[int, tuple[int, ...], tuple[int, ...]]
"""A part of α: a cell type, some edges, some operations."""


class Mixing:
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
