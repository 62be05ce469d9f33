"""One cell of a pass against the same cell of the plain supernet, by autograd."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from engine import SPACES
from engine.supernets.arrangement import Builder
from engine.supernets.cell_pass import CellPass
from engine.supernets.mixing import Mixing
from engine.supernets.plain import PlainCell, weighted_module
from engine.supernets.spec import SupernetSpec
from engine.supernets.supernet import Supernet
from engine.supernets.weights import CellWeights, SupernetWeights, image_sizes
from tests.conftest import tiny
from tests.engine.strategies import NORMALISED

CONFIGURATIONS = 2
FIRST = [(name, 0, normalisation) for name in SPACES for normalisation in ("bypass", "batch")]
REDUCING = [
    (name, index, normalisation)
    for name, index in (("darts", 1), ("robust-darts-s4", 1), ("nas-bench-201", 1), ("nas-bench-macro", 2))
    for normalisation in ("bypass", "batch")
]


def spec_of(name: str, normalisation: str) -> SupernetSpec:
    return tiny(name, normalisation=normalisation, **NORMALISED[name]).supernet


def drawn_cell(spec: SupernetSpec, index: int) -> CellWeights:
    return list(SupernetWeights(spec).cells())[index]


def random(*shape: int, seed: int) -> Tensor:
    """Positive numbers: without normalisation a cell is built for such features."""
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def states_of(spec: SupernetSpec, index: int) -> list[Tensor]:
    """What a cell takes, each `(B, C, H, W)`, of the size that it has in the network."""
    plan = spec.space.plan(spec.size)
    cell, entered = plan.cells[index], image_sizes(plan, spec.image_size)[index] * plan.cells[index].stride
    return [
        random(CONFIGURATIONS, c_in, entered * stride, entered * stride, seed=node)
        for node, ((c_in, _), stride) in enumerate(zip(cell.inputs, cell.input_stride, strict=True))
    ]


def pixels(state: Tensor) -> Tensor:
    return state.permute(0, 2, 3, 1).contiguous()


@pytest.mark.parametrize(("name", "index", "normalisation"), FIRST + REDUCING)
def test_a_cell_and_its_gradients_are_those_of_modules_and_autograd(name: str, index: int, normalisation: str):
    spec = spec_of(name, normalisation)
    weights, builder = drawn_cell(spec, index), Builder(spec, torch.device("cpu"), torch.float64)
    candidates = spec.space.candidates
    live = candidates & (np.random.default_rng(index).random(candidates.shape) < 0.7)
    alpha = random(CONFIGURATIONS, *live.shape, seed=9) * torch.from_numpy(live)
    states = states_of(spec, index)

    mixing = Mixing(alpha, Supernet(spec, "cpu", torch.float64).positions)
    cell = CellPass(builder.cell(weights), mixing, live.tolist(), torch.zeros(CONFIGURATIONS, dtype=torch.float64))
    result = cell.forward([pixels(state) for state in states])
    gradient = random(*result.shape, seed=5)
    given = gradient.clone()
    pulled = cell.backward(gradient)

    plain = PlainCell(spec.space, weights, lambda drawn: weighted_module(drawn, spec.normalised, torch.float64))
    leaves = [alpha.clone().requires_grad_(), *(state.clone().requires_grad_() for state in states)]
    unit = torch.ones((), dtype=torch.float64)
    rows = [
        plain([state[row : row + 1] for state in leaves[1:]], leaves[0][row], unit) for row in range(CONFIGURATIONS)
    ]
    expected = torch.cat(rows).permute(0, 2, 3, 1)
    by_alpha, *by_states = torch.autograd.grad(expected, leaves, gradient, materialize_grads=True)
    torch.testing.assert_close(result, expected.detach())
    for one, other in zip(pulled, by_states, strict=True):
        torch.testing.assert_close(one.permute(0, 3, 1, 2), other)
    mask = torch.from_numpy(live)  # operations of a group are computed together, where any of them is live
    torch.testing.assert_close(mixing.gradient() * mask, by_alpha * mask)
    assert torch.equal(gradient, given)
    memory = [tensor.untyped_storage().data_ptr() for tensor in (*pulled, gradient, result, *states)]
    assert len(set(memory)) == len(memory)


def test_a_cell_that_nothing_is_live_in_passes_zeros_both_ways():
    spec = spec_of("nas-bench-201", "bypass")
    weights, builder = drawn_cell(spec, 0), Builder(spec, torch.device("cpu"), torch.float64)
    nothing = np.zeros_like(spec.space.candidates)
    mixing = Mixing(torch.ones(1, *nothing.shape, dtype=torch.float64), Supernet(spec).positions)
    cell = CellPass(builder.cell(weights), mixing, nothing.tolist(), torch.zeros(1, dtype=torch.float64))
    assert not cell.forward([random(1, 8, 8, 4, seed=0)]).any()
    (pulled,) = cell.backward(random(1, 8, 8, 4, seed=1))
    assert not pulled.any()
    assert not mixing.gradient().any()


def test_noise_is_in_the_unit_of_the_features():
    """Features that were divided by e³ have noise that is divided by it."""
    spec = spec_of("robust-darts-s4", "bypass")
    weights, builder = drawn_cell(spec, 0), Builder(spec, torch.device("cpu"), torch.float64)
    live = spec.space.candidates & (np.array(spec.space.operations) == "noise")
    alpha = torch.from_numpy(live).double()[None]
    results = []
    for log_scale in (0.0, 3.0):
        mixing = Mixing(alpha, Supernet(spec).positions)
        cell = CellPass(builder.cell(weights), mixing, live.tolist(), torch.full((1,), log_scale, dtype=torch.float64))
        results.append(cell.forward([pixels(state[:1]) for state in states_of(spec, 0)]))
    assert results[0].any()
    torch.testing.assert_close(results[1], results[0] / np.e**3)
