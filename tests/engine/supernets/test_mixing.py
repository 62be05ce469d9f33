"""The weighted sums against `einsum`, and their gradients against autograd."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.supernets.mixing import AlphaBlock, Mixing

SHAPE = (2, 5, 3)
"""Cell types, edges, operations."""
CONFIGURATIONS, CHANNELS = 3, 4


def random(*shape: int, seed: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def positions(block: AlphaBlock) -> Tensor:
    kind, edges, operations = block
    return torch.from_numpy(np.ravel_multi_index(np.ix_((kind,), edges, operations), SHAPE).ravel())


def block_of(alpha: Tensor, block: AlphaBlock) -> Tensor:
    kind, edges, operations = block
    return alpha[:, kind][:, list(edges)][:, :, list(operations)]


@pytest.fixture
def alpha() -> Tensor:
    return random(CONFIGURATIONS, *SHAPE, seed=0)


def assert_gradients(mixing: Mixing, result: Tensor, pulled: Tensor, expected: Tensor, leaves: list[Tensor], seed: int):
    """The result, the gradient of the features and that of α are those of autograd."""
    torch.testing.assert_close(result, expected.detach())
    by_alpha, by_features = torch.autograd.grad(expected, leaves, random(*result.shape, seed=seed))
    torch.testing.assert_close(mixing.gradient(), by_alpha)
    torch.testing.assert_close(pulled, by_features)


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("block", [(1, (0, 2, 4), (0, 2)), (0, (1, 3), (1,)), (1, (3,), (0, 1, 2))])
def test_a_mix_is_a_sum_over_edges_and_operations(alpha: Tensor, block: AlphaBlock, size: int):
    edges, operations = len(block[1]), len(block[2])
    features = random(CONFIGURATIONS, size, size, edges * CHANNELS, seed=1)
    matrices = random(edges, operations, CHANNELS, CHANNELS, seed=2)
    mixing = Mixing(alpha, positions)
    result, pull = mixing.mix(features, matrices, block)
    leaves = [alpha.clone().requires_grad_(), features.clone().requires_grad_()]
    sources = leaves[1].unflatten(3, (edges, CHANNELS))
    expected = torch.einsum("beo,bhwec,eocd->bhwd", block_of(leaves[0], block), sources, matrices)
    assert_gradients(mixing, result, pull(random(*result.shape, seed=3)), expected, leaves, seed=3)


@pytest.mark.parametrize("edges", [(0,), (1, 2, 4)])
def test_features_are_scaled_by_the_alpha_of_their_edges(alpha: Tensor, edges: tuple[int, ...]):
    block: AlphaBlock = (1, edges, (2,))
    features = random(CONFIGURATIONS, 3, 2, len(edges) * CHANNELS, seed=1)
    mixing = Mixing(alpha, positions)
    result, pull = mixing.scale(features, block)
    leaves = [alpha.clone().requires_grad_(), features.clone().requires_grad_()]
    sources = leaves[1].unflatten(3, (len(edges), CHANNELS))
    expected = torch.einsum("beo,bhwec->bhwec", block_of(leaves[0], block), sources).flatten(3)
    assert_gradients(mixing, result, pull(random(*result.shape, seed=3)), expected, leaves, seed=3)


def test_noise_is_added_up_in_the_unit_of_the_features_and_has_no_source(alpha: Tensor):
    block: AlphaBlock = (0, (1, 2), (0,))
    noise, unit = random(2, 3, 3, CHANNELS, seed=1), random(CONFIGURATIONS, seed=2).exp()
    mixing = Mixing(alpha, positions)
    result, pull = mixing.add_noise(noise, unit, block)
    leaf = alpha.clone().requires_grad_()
    expected = torch.einsum("beo,b,ehwc->bhwc", block_of(leaf, block), unit, noise)
    torch.testing.assert_close(result, expected.detach())
    gradient = random(*result.shape, seed=3)
    assert pull(gradient).shape == (CONFIGURATIONS, 3, 3, 0)
    torch.testing.assert_close(mixing.gradient(), torch.autograd.grad(expected, leaf, gradient)[0])


def test_gradients_of_overlapping_blocks_add_up(alpha: Tensor):
    mixing = Mixing(alpha, positions)
    blocks: list[AlphaBlock] = [(1, (0, 2), (0,)), (1, (2, 3), (0,)), (1, (0, 2), (0,))]
    expected = torch.zeros_like(alpha)
    for seed, block in enumerate(blocks):
        features = random(CONFIGURATIONS, 2, 2, 2 * CHANNELS, seed=seed)
        _, pull = mixing.scale(features, block)
        pull(torch.ones_like(features))
        for place, edge in enumerate(block[1]):
            part = features[..., place * CHANNELS : (place + 1) * CHANNELS]
            expected[:, 1, edge, 0] += part.sum((1, 2, 3))
    torch.testing.assert_close(mixing.gradient(), expected)


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("kind", ["mix", "scale", "noise"])
def test_a_pull_leaves_what_it_is_given_and_returns_its_own(alpha: Tensor, kind: str, size: int):
    features = random(CONFIGURATIONS, size, size, 2 * CHANNELS, seed=1)
    matrices, noise = random(2, 1, CHANNELS, CHANNELS, seed=2), random(2, size, size, CHANNELS, seed=3)
    mixing, block = Mixing(alpha, positions), (0, (1, 2), (0,))
    steps = {
        "mix": lambda: mixing.mix(features, matrices, block),
        "scale": lambda: mixing.scale(features, block),
        "noise": lambda: mixing.add_noise(noise, torch.ones(CONFIGURATIONS, dtype=torch.float64), block),
    }
    given, (result, pull) = features.clone(), steps[kind]()
    gradient = random(*result.shape, seed=4)
    before = gradient.clone()
    pulled = pull(gradient)
    owners = [tensor.untyped_storage().data_ptr() for tensor in (pulled, features, result, gradient, alpha)]
    assert owners[0] not in owners[1:]
    pulled.zero_()
    assert torch.equal(gradient, before)
    assert torch.equal(features, given)
