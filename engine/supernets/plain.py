"""The plain supernet: torch modules with the weights of a supernet, scored by autograd.

Any layer that has a torch module and draws weights can be scored here. `engine.supernets.supernet` is the fast path for
layers that have an adjoint; it gives the same numbers, and this is what it is tested against. Every operation on every
edge is a module of its own and is computed in every pass, for one configuration at a time. Features are `(1, C, H, W)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.networks.derived import GaussianNoise, sequence
from engine.networks.shared import zero_features
from engine.operations.registry import get_operation
from engine.spaces import SearchSpace
from engine.spaces.masks import Mask
from engine.spaces.plan import walk
from engine.supernets.spec import SupernetSpec
from engine.supernets.weights import (
    IMAGE_CHANNELS,
    CellWeights,
    SupernetWeights,
    WeightedLayers,
    architecture_parameters,
)

WIDE = 32
"""Pixels on a side of a constant map whose middle is out of reach of its border, for every operation at stride 2."""


class FlowShares(NamedTuple):
    """The scores of one pass: `|∂ log R / ∂ log α|` of every operation, `(cell types, edges, operations)`, and log R.

    They are not finite where nothing flows.
    """

    shares: NDArray[np.float64]
    log_flow: float


class PlainSupernet(nn.Module):
    """The supernet of a specification, written plainly: modules, autograd, one configuration after the other.

    `alpha` `(cell types, edges, operations)` is α of the candidates.
    """

    alpha: Tensor

    def __init__(self, spec: SupernetSpec, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        weights = SupernetWeights(spec)

        def build(drawn: WeightedLayers) -> nn.Module:
            module = weighted_module(drawn, spec.normalised, dtype)
            return Interior(module) if spec.interior else module

        self.spec, self.space = spec, spec.space
        self.image_size = 1 if spec.interior else spec.image_size
        self.stem = build(weights.stem())
        self.cells = nn.ModuleList(PlainCell(self.space, cell, build) for cell in weights.cells())
        self.head = build(weights.head())
        self.classifier = nn.Parameter(weights.classifier().to(dtype), requires_grad=False)
        self.register_buffer("alpha", architecture_parameters(spec).to(dtype))

    def scores(self, masks: Sequence[Mask]) -> list[FlowShares]:
        """Score the operations of every mask, `(cell types, edges, operations)`, in a forward and a backward pass."""
        return [self._score(mask) for mask in masks]

    def forward(self, alpha: Tensor) -> tuple[Tensor, Tensor]:
        """Return the sum of the logits at `alpha`, `R = flow · exp(log_scale)`, as `flow` and `log_scale`.

        What features are divided by after every cell counts as constant: only `flow` has a gradient.
        """
        image = alpha.new_ones(1, IMAGE_CHANNELS, self.image_size, self.image_size)
        log_scale = alpha.new_zeros(())

        def run(cell: nn.Module, states: Sequence[Tensor]) -> Tensor:
            features: Tensor = cell(states, alpha, (-log_scale).exp())
            return features

        def rescale(states: Sequence[Tensor]) -> list[Tensor]:
            nonlocal log_scale
            scale = self._scale(states[-1].detach())
            log_scale = log_scale + scale.log()
            return [state / scale for state in states]

        states = walk(self.cells, [self.stem(image)] * self.space.inputs, run, rescale)
        logits = self.head(states[-1]).mean((2, 3)) @ self.classifier.T
        return logits.sum(), log_scale

    def _score(self, mask: Mask) -> FlowShares:
        alpha = (self.alpha * torch.from_numpy(np.array(mask)).to(self.alpha.device)).requires_grad_()
        flow, log_scale = self(alpha)
        (gradient,) = torch.autograd.grad(flow, alpha)
        shares = (alpha * gradient / flow).detach().abs()
        return FlowShares(shares.cpu().double().numpy(), float(flow.detach().abs().log() + log_scale))

    def _scale(self, features: Tensor) -> Tensor:
        """Return what features are divided by: their largest value without normalisation, or 1."""
        largest = features.amax()
        return torch.ones_like(largest) if self.spec.normalised or largest <= 0 else largest


class PlainCell(nn.Module):
    """One cell of the plain supernet: a module before every input node, and one for every operation on every edge."""

    def __init__(self, space: SearchSpace, weights: CellWeights, build: Callable[[WeightedLayers], nn.Module]) -> None:
        super().__init__()
        plan = weights.plan
        self.type_index, self.channels, self.stride = space.cell_types.index(plan.kind), plan.channels, plan.stride
        self.endpoints, self.outputs = space.local_edges(plan), plan.local_outputs(space.outputs)
        self.random = [get_operation(name).random for name in space.operations]
        self.inputs = nn.ModuleList(build(drawn) for drawn in weights.inputs)
        self.edges = {
            edge: {operation: build(drawn) for operation, drawn in by_operation.items()}
            for edge, by_operation in weights.edges.items()
        }
        self.operations = nn.ModuleList(module for modules in self.edges.values() for module in modules.values())

    def forward(self, states: Sequence[Tensor], alpha: Tensor, unit: Tensor) -> Tensor:
        """Return the features of this cell from those of the cells before it, with α `(cell types, edges, operations)`.

        Noise does not grow with the features around it; `unit` is 1 divided by all that these were divided by.
        """
        nodes: list[Tensor] = [module(state) for module, state in zip(self.inputs, states, strict=True)]
        for edge, (source, target) in self.endpoints.items():  # by target
            if target == len(nodes):
                nodes.append(zero_features(nodes[0], self.channels, self.stride))
            for operation, module in self.edges[edge].items():
                weight = alpha[self.type_index, edge, operation]
                term = weight * module(nodes[source])
                nodes[target] = nodes[target] + (unit * term if self.random[operation] else term)
        return torch.cat([nodes[node] for node in self.outputs], dim=1)


class Interior(nn.Module):
    """A module as it acts away from the image border, on maps of one pixel.

    It runs on a wide map that is constant, and its result is read off in the middle: a kernel acts as the sum of its
    taps, a pooling as the identity.
    """

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, x: Tensor) -> Tensor:
        """Map `(B, c_in, 1, 1)` to `(B, c_out, 1, 1)`."""
        result: Tensor = self.module(x.expand(-1, -1, WIDE, WIDE))
        middle = result.shape[3] // 2
        return result[:, :, middle : middle + 1, middle : middle + 1]


class DrawnNoise(nn.Module):
    """The same map `(C, H, W)` whatever comes in."""

    def __init__(self, noise: Tensor) -> None:
        super().__init__()
        self.noise = nn.Parameter(noise, requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the map for every image of `x`, `(B, C, H, W)`."""
        return self.noise.expand(len(x), -1, -1, -1)


def weighted_module(drawn: WeightedLayers, normalised: bool, dtype: torch.dtype) -> nn.Module:
    """Return layers as a torch module with the weights drawn for them, which need no gradient.

    Where `normalised`, batch norm takes the statistics of what comes in; otherwise it is left out, and rectifiers have
    no bound, the unit of features being arbitrary. Raises `ValueError` where the weights do not fit the module.
    """
    with torch.device("meta"):  # draws nothing
        bare = sequence(drawn.layers, drawn.c_in, drawn.c_out, drawn.stride)
    weights = iter([weight.to(dtype) for weight in drawn.weights])
    module = _weighted(bare, weights, normalised)
    if next(weights, None) is not None:
        raise ValueError(f"more weights are drawn for {drawn.layers} than their torch module has")
    return module


def _weighted(module: nn.Module, weights: Iterator[Tensor], normalised: bool) -> nn.Module:
    """Return `module`, or what takes its place, with the next of the `weights`, in the order of its parameters."""
    match module:
        case nn.BatchNorm2d():
            statistics = nn.BatchNorm2d(module.num_features, affine=False, track_running_stats=False)
            return statistics if normalised else nn.Identity()
        case nn.Hardtanh() if not normalised:
            return nn.ReLU()
        case GaussianNoise():
            return DrawnNoise(next(weights))
    for name, parameter in list(module.named_parameters(recurse=False)):
        weight = next(weights, None)
        if weight is None or weight.shape != parameter.shape:
            shape = None if weight is None else tuple(weight.shape)
            raise ValueError(f"{module} has weights of shape {tuple(parameter.shape)}; {shape} drawn")
        setattr(module, name, nn.Parameter(weight, requires_grad=False))
    for name, child in list(module.named_children()):
        setattr(module, name, _weighted(child, weights, normalised))
    return module
