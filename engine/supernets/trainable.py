"""The supernet as a network to be trained: signed weights, rectifiers, a batch of images, a loss, plain autograd.

Beside `engine.supernets.supernet`, which serves the flow alone. A mixed edge is the same weighted sum,
`Σ_o α[c, e, o] · o(x)`, with an α for every cell c, so that a caller may tie those of a type or tell them apart.
Weights are those of `engine.networks.shared` for the same seed and need no gradient. For the backward pass an
operation keeps its input and is computed again: memory grows with the nodes of the supernet, not with its operations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from engine.common.errors import NonFiniteScores
from engine.common.work import Work
from engine.data.images import Data
from engine.networks.shared import CandidateCell, SharedNetworks, zero_features
from engine.operations.registry import get_operation
from engine.spaces.masks import Mask, silent_operations
from engine.spaces.plan import walk
from engine.supernets.spec import SupernetSpec
from engine.supernets.weights import architecture_parameters

Term = Callable[[Tensor, Tensor], Tensor]
"""A term of a node's sum, `α · o(x)`, as a function of α and x."""


class TrainableSupernet:
    """The supernet of a specification on a batch of images, at its α.

    Batch norm takes the statistics of the batch, or is left out, as the specification says. `work` is checked before
    every operation of a forward and of a backward pass.
    """

    def __init__(self, spec: SupernetSpec, batch: Data, device: str, dtype: torch.dtype, work: Work) -> None:
        self.space, self.work, self.dtype = spec.space, work, dtype
        self.normalised = spec.normalised
        self.networks = SharedNetworks(self.space, spec.size, batch.classes, spec.seed, "uniform", device)
        self.networks.to(dtype=dtype).requires_grad_(False)
        if not self.normalised:
            bypass_norms(self.networks)
        self.type_indices = [self.space.cell_types.index(cell.kind) for cell in self.networks.candidate_cells]
        images = torch.from_numpy(batch.images).to(device, dtype)
        self.images = images.to(memory_format=torch.channels_last)
        self.labels = None if batch.labels is None else torch.from_numpy(batch.labels).to(device)
        self._alpha = architecture_parameters(spec).to(device, dtype)

    @property
    def alpha(self) -> NDArray[np.float64]:
        """Return α, which the cells of a type share, `(cell types, edges, operations)`."""
        return _numbers(self._alpha)

    def passing(self, live: Mask) -> Mask:
        """Return the live operations that something passes on its way through a cell."""
        return live & ~silent_operations(self.space, live)

    def tied(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum `values` `(cells, edges, operations)` over the cells of every type."""
        indices = np.array(self.type_indices)
        return np.stack([values[indices == index].sum(axis=0) for index in range(len(self._alpha))])

    def __call__(self, live: Mask) -> Tensor:
        """Compute the logits of the batch, `(images, classes)`, without a gradient."""
        with torch.inference_mode():
            return self._logits(self._alpha[self.type_indices], live)

    def gradient(self, live: Mask) -> NDArray[np.float64]:
        """Compute the gradient of the cross-entropy by the α of every cell, `(cells, edges, operations)`.

        Raises `NonFiniteScores`.
        """
        with torch.enable_grad():
            alpha = self._alpha[self.type_indices].requires_grad_()
            return self._finite(_derivative(self._loss(alpha, live), alpha))

    def curvature(self, live: Mask) -> NDArray[np.float64]:
        """Compute H g, `(cell types, edges, operations)`: the Hessian of the cross-entropy by α times its gradient.

        Raises `NonFiniteScores`.
        """
        with torch.enable_grad():
            alpha = self._alpha.clone().requires_grad_()
            gradient = _derivative(self._loss(alpha[self.type_indices], live), alpha, create_graph=True)
            return self._finite(_derivative((gradient * gradient.detach()).sum(), alpha))

    def _loss(self, alpha: Tensor, live: Mask) -> Tensor:
        assert self.labels is not None  # a proxy that asks for a loss says that it needs labels
        return F.cross_entropy(self._logits(alpha, live), self.labels)

    def _logits(self, alpha: Tensor, live: Mask) -> Tensor:
        """Compute the logits with α `(cells, edges, operations)`; only operations that pass something are run."""
        passing = self.passing(live).tolist()

        def run_cell(place: tuple[CandidateCell, int, Tensor], states: Sequence[Tensor]) -> Tensor:
            cell, type_index, weights = place
            return self._mixed(cell, states, weights, passing[type_index])

        places = zip(self.networks.candidate_cells, self.type_indices, alpha, strict=True)
        states = walk(places, [self.networks.stem(self.images)] * self.space.inputs, run_cell)
        logits: Tensor = self.networks.classifier(self.networks.head(states[-1]).mean((2, 3)))
        return logits

    def _mixed(self, cell: CandidateCell, states: Sequence[Tensor], alpha: Tensor, passing: list[list[bool]]) -> Tensor:
        """Compute the output of a cell from the features of those before it, each `(images, C, H, W)`."""
        nodes: list[Tensor] = cell.input_features(states)
        for edge, (source, target) in cell.endpoints.items():  # by target
            if target == len(nodes):
                nodes.append(zero_features(nodes[0], cell.channels, cell.stride))
            for index in np.flatnonzero(passing[edge]).tolist():
                term = partial(self._term, cell.edges[edge][index], self._normed(index))
                nodes[target] = nodes[target] + _recomputed(term, alpha[edge, index], nodes[source])
        return torch.cat([nodes[node] for node in cell.outputs], dim=1)

    def _term(self, module: nn.Module, normed: bool, alpha: Tensor, features: Tensor) -> Tensor:
        self.work.check()
        result = module(features)
        return alpha * (F.batch_norm(result, None, None, training=True) if normed else result)

    def _normed(self, index: int) -> bool:
        """Return True where the supernet has a batch norm behind an operation that has none in a derived network."""
        pooling = get_operation(self.space.operations[index]).pooling
        return self.normalised and self.space.normalised_pooling and pooling

    def _finite(self, scores: Tensor) -> NDArray[np.float64]:
        if not torch.isfinite(scores).all():
            dtype = str(self.dtype).removeprefix("torch.")
            raise NonFiniteScores(
                f"the scores are not numbers: the loss leaves the range of {dtype} in this supernet; "
                "take float64, fewer cells, or normalisation 'batch'"
            )
        return _numbers(scores)


def _numbers(tensor: Tensor) -> NDArray[np.float64]:
    numbers: NDArray[np.float64] = tensor.detach().cpu().double().numpy()  # not every device has doubles
    return numbers


def _recomputed(term: Term, alpha: Tensor, features: Tensor) -> Tensor:
    result: Tensor = _RecomputedTerm.apply(term, alpha, features)
    return result


class _RecomputedTerm(torch.autograd.Function):
    """`term(α, x)`, of which nothing is kept but α and x: whatever derivatives need is computed again."""

    @staticmethod
    def forward(ctx: Any, term: Term, alpha: Tensor, features: Tensor) -> Tensor:
        ctx.term = term
        ctx.save_for_backward(alpha, features)
        return term(alpha, features)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[None, Tensor, Tensor]:
        by_alpha, by_features = _RecomputedGradients.apply(ctx.term, *ctx.saved_tensors, *gradients)
        return None, by_alpha, by_features


class _RecomputedGradients(torch.autograd.Function):
    """The gradients of a term by α and x, which have derivatives themselves."""

    @staticmethod
    def forward(ctx: Any, term: Term, alpha: Tensor, features: Tensor, gradient: Tensor) -> tuple[Tensor, ...]:
        ctx.term = term
        ctx.save_for_backward(alpha, features, gradient)
        _, gradients = _vjp(term, [alpha, features], gradient)
        return gradients

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        *inputs, gradient = ctx.saved_tensors
        with torch.enable_grad():
            gradient = gradient.detach().requires_grad_()
            inputs, results = _vjp(ctx.term, inputs, gradient, create_graph=True)
            return None, *torch.autograd.grad(results, [*inputs, gradient], gradients, materialize_grads=True)


def _vjp(
    term: Term, inputs: Sequence[Tensor], gradient: Tensor, *, create_graph: bool = False
) -> tuple[list[Tensor], tuple[Tensor, ...]]:
    """Return fresh copies of the inputs of `term`, and the gradients at them where `gradient` is that at its output."""
    with torch.enable_grad():
        fresh = [tensor.detach().requires_grad_() for tensor in inputs]
        gradients = torch.autograd.grad(
            term(*fresh), fresh, gradient, create_graph=create_graph, materialize_grads=True
        )  # noise does not depend on what comes in
        return fresh, gradients


def _derivative(value: Tensor, by: Tensor, *, create_graph: bool = False) -> Tensor:
    """Return ∂ value / ∂ by, which is 0 where the one does not depend on the other."""
    if not value.requires_grad:
        return torch.zeros_like(by)
    (derivative,) = torch.autograd.grad(value, by, create_graph=create_graph, materialize_grads=True)
    return derivative


def bypass_norms(module: nn.Module) -> None:
    """Replace every batch norm in `module` by the identity."""
    for child in module.modules():
        for name, norm in list(child.named_children()):
            if isinstance(norm, nn.BatchNorm2d):
                setattr(child, name, nn.Identity())
