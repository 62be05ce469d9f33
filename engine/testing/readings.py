"""The readings of a description in layers, held against each other: cost, torch module, drawn weights, adjoint.

The torch module is the reference: what the derived network does is what the others must count, draw and compute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from engine.networks.cost import layers_cost
from engine.networks.derived import sequence
from engine.operations.layers import Layer
from engine.supernets.adjoint import Pull, Stack
from engine.supernets.plain import weighted_module
from engine.supernets.weights import WeightStream
from engine.testing.requirement import require, succeeding

_EDGES, _CONFIGURATIONS = 2, 2
"""Edges and configurations that are computed side by side."""
_TOLERANCE = 1e-9
"""The relative error of numbers in double precision."""


class Case(NamedTuple):
    """Channels before and behind some layers, their stride, and pixels a side of the image before them."""

    c_in: int
    c_out: int
    stride: int
    size: int

    def __str__(self) -> str:
        return f"from {self.c_in} to {self.c_out} channels at stride {self.stride} on {self.size} pixels"


@dataclass(frozen=True)
class Reading:
    """Layers in a case, called `name` in sentences, with the weights drawn for some edges, and a module for each."""

    name: str
    layers: tuple[Layer, ...]
    case: Case
    weights: tuple[tuple[Tensor, ...], ...]
    modules: tuple[nn.Module, ...]

    @property
    def random(self) -> bool:
        """True for layers that pass a map of noise, drawn as a weight `(C, H, W)`, in place of their features."""
        return any(weight.dim() == 3 for weight in self.weights[0])


def result_shape(layers: tuple[Layer, ...], case: Case) -> tuple[int, int] | None:
    """Return channels and pixels a side of the result of the torch module; None where it does not take the case."""
    with torch.device("meta"), torch.no_grad():  # computes nothing, and draws nothing
        module = sequence(layers, *case[:3]).eval()
        try:
            _, channels, height, width = module(torch.empty(1, case.c_in, case.size, case.size)).shape
        except (RuntimeError, ValueError):
            return None
    return (channels, height) if height == width else None


def check_readings(name: str, layers: tuple[Layer, ...], case: Case) -> None:
    """Check that all readings of `layers` agree in a case that their torch module takes."""
    shape = result_shape(layers, case)
    assert shape is not None
    _check_cost(name, layers, case, shape[1])
    reading = _drawn(name, layers, case, shape[1])
    if reading.random:
        return
    with torch.enable_grad():
        features = _random((_CONFIGURATIONS, _EDGES * case.c_in, case.size, case.size), seed=1)
        result, pull = _fast(reading, features)
        _check_result(reading, features, result)
        _check_vjp(reading, features, result, pull)
        if _linear(reading, features):
            _check_adjoint(reading, features, result, pull)


def _check_cost(name: str, layers: tuple[Layer, ...], case: Case, size: int) -> None:
    """Check parameters, multiply-accumulates and the size of the result against the torch module."""
    with succeeding(f"the cost of {name} can be counted {case} (engine.networks.cost)"):
        cost, counted_size = layers_cost(layers, *case[:2], case.size, case.stride)
    with torch.device("meta"), torch.no_grad(), FlopCounterMode(display=False) as counter:
        module = sequence(layers, *case[:3]).eval()
        module(torch.empty(1, case.c_in, case.size, case.size))
    params, macs = sum(parameter.numel() for parameter in module.parameters()), counter.get_total_flops() // 2
    require(cost.params == params, f"{name} costs {cost.params} parameters {case}; its torch module has {params}")
    require(cost.macs == macs, f"{name} costs {cost.macs} multiply-accumulates {case}; its torch module takes {macs}")
    require(counted_size == size, f"{name} has {counted_size} pixels behind it {case}; its torch module has {size}")


def _drawn(name: str, layers: tuple[Layer, ...], case: Case, size: int) -> Reading:
    """Draw weights as a supernet does, check them, and give them to torch modules."""
    with succeeding(f"weights of {name} can be drawn {case} (engine.supernets.weights)"):
        stream = WeightStream(0)
        drawn = [stream.layers(layers, *case[:3], size) for _ in range(_EDGES)]
    for weight in drawn[0].weights:
        if weight.dim() == 3:
            sizes = tuple(weight.shape[1:])
            require(sizes == (size, size), f"the noise drawn for {name} is of {sizes} pixels {case}, not of {size}")
        else:
            fan_in = weight[0].numel()
            within = bool((weight >= 0).all() and (weight <= fan_in**-0.5).all())
            require(
                within, f"the weights drawn for {name} do not lie between 0 and 1 / sqrt({fan_in}), of their fan in"
            )
    with succeeding(f"the weights drawn for {name} are those of its torch module {case}"):
        modules = tuple(weighted_module(part, True, torch.float64) for part in drawn)
    return Reading(name, layers, case, tuple(part.weights for part in drawn), modules)


def _random(shape: Sequence[int], seed: int) -> Tensor:
    """Return normal numbers in double precision, the same for the same seed, from no global generator."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _plain(reading: Reading, features: Tensor) -> Tensor:
    """Return the result of the torch modules for every edge and configuration by itself, `(B, edges * C, H, W)`."""
    rows = []
    for configuration in features.chunk(len(features)):
        columns = configuration.chunk(_EDGES, dim=1)
        rows.append(torch.cat([module(part) for module, part in zip(reading.modules, columns, strict=True)], dim=1))
    return torch.cat(rows)


def _fast(reading: Reading, features: Tensor) -> tuple[Tensor, Pull]:
    """Return the result of the fast path and its pull, between feature maps `(B, edges * C, H, W)`."""
    with succeeding(f"{reading.name} can be computed {reading.case} (engine.supernets.adjoint)"):
        stacked = [torch.stack(weights).double() for weights in zip(*reading.weights, strict=True)]
        stack = Stack.of(reading.layers, stacked, reading.case.stride)
        result, pull = stack(features.permute(0, 2, 3, 1).contiguous(), tuple(range(_EDGES)))

    def pull_maps(gradient: Tensor) -> Tensor:
        pixels = gradient.permute(0, 2, 3, 1).contiguous()
        before = pixels.clone()
        with succeeding(f"the pull of {reading.name} can be taken {reading.case} (engine.supernets.adjoint)"):
            pulled = pull(pixels)
        unchanged = torch.equal(pixels, before) and pulled.data_ptr() != pixels.data_ptr()
        require(unchanged, f"the pull of {reading.name} changes the gradient that it is given, or returns it itself")
        return pulled.permute(0, 3, 1, 2)

    return result.permute(0, 3, 1, 2), pull_maps


def _check_result(reading: Reading, features: Tensor, result: Tensor) -> None:
    expected = _plain(reading, features)
    require(
        result.shape == expected.shape and _close(result, expected),
        f"{reading.name} in a supernet computes other features than its torch module {reading.case}",
    )


def _check_vjp(reading: Reading, features: Tensor, result: Tensor, pull: Pull) -> None:
    """Check the pull against the gradient of the torch modules by autograd."""
    leaf = features.clone().requires_grad_()
    gradient = _random(result.shape, seed=2)
    (expected,) = torch.autograd.grad(_plain(reading, leaf), leaf, gradient, materialize_grads=True)
    pulled = pull(gradient)
    require(
        pulled.shape == expected.shape and _close(pulled, expected),
        f"the pull of {reading.name} is not its vector-Jacobian product by autograd {reading.case}",
    )


def _linear(reading: Reading, features: Tensor) -> bool:
    """Return True where the torch modules are additive, by trial."""
    other = _random(features.shape, seed=4)
    return _close(_plain(reading, features + other), _plain(reading, features) + _plain(reading, other))


def _check_adjoint(reading: Reading, features: Tensor, result: Tensor, pull: Pull) -> None:
    """Check the dot test ⟨A u, v⟩ = ⟨u, Aᵀ v⟩ on the fast path alone."""
    gradient = _random(result.shape, seed=3)
    left, right = (result * gradient).sum(), (features * pull(gradient)).sum()
    scale = float(result.norm() * gradient.norm())
    require(
        abs(float(left - right)) <= _TOLERANCE * scale,
        f"the pull of {reading.name} is not its adjoint {reading.case}: ⟨A u, v⟩ is {left:.6g}, ⟨u, Aᵀ v⟩ {right:.6g}",
    )


def _close(one: Tensor, other: Tensor) -> bool:
    one, other = one.detach(), other.detach()
    return bool((one - other).abs().max() <= _TOLERANCE * max(1.0, float(other.abs().max())))
