"""SWAP against patterns counted as sets of tuples."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from engine import parse_genotype
from engine.genotypes.population import Population
from engine.measures import MeasureSetting, swap
from engine.measures.scoring import prepare_networks
from engine.measures.swap import activation_patterns
from tests.engine.derived import derived, wholly_live

CPU = MeasureSetting(seed=1, device="cpu")
BEST = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|"
NOTHING = BEST.replace("nor_conv_3x3", "none")


def columns(features: torch.Tensor) -> list[tuple[bool, ...]]:
    """For every rectifier, which images switch it on."""
    return [tuple(column) for column in (features > 0).flatten(1).T.tolist()]


def test_a_pattern_names_the_images_that_switch_a_rectifier_on():
    features = torch.tensor([[1.0, -1, 2, 0], [1.0, 3, -2, 0], [0.5, -2, -1, 0]])[:, :, None, None]
    assert activation_patterns(features).tolist() == [0b111, 0b010, 0b001, 0]


@given(st.integers(1, 24), st.integers(1, 4), st.integers(1, 5), st.integers(0, 99))
def test_patterns_differ_where_the_columns_do(images: int, channels: int, side: int, seed: int):
    features = torch.randn(images, channels, side, side, generator=torch.Generator().manual_seed(seed))
    found = activation_patterns(features)
    assert len(found) == channels * side * side
    assert found.unique().numel() == len(set(columns(features)))


@pytest.mark.slow
@pytest.mark.parametrize("space", ["nas-bench-201", "darts"])
def test_the_score_is_that_of_a_plain_implementation(space: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(swap, "BATCH", 7)
    population = wholly_live(space, 2)
    networks, images, _ = prepare_networks(population, CPU, 7, "normal")
    expected = []
    for row in range(2):
        network, seen = derived(networks, population.genotype(row), population.space.search_size), []
        for module in network.modules():
            if isinstance(module, nn.ReLU):
                module.register_forward_hook(lambda module, inputs, output, seen=seen: seen.append(inputs[0] > 0))
        with torch.no_grad():
            network(images)
        codes = torch.cat([each.flatten(1) for each in seen], dim=1).numpy()
        expected.append(len({column.tobytes() for column in np.packbits(codes, axis=0).T}))
    np.testing.assert_allclose(swap.MEASURE.of(population, CPU), expected, atol=1)


@pytest.mark.slow
def test_regularisation_weighs_by_the_parameters():
    population = Population.of("nas-bench-201", [parse_genotype(BEST), parse_genotype(NOTHING)])
    counted, weighed = (measure.of(population, CPU) for measure in (swap.MEASURE, swap.REGULARISED))
    assert counted[1] == 1  # all rectifiers are off for all images
    factors = [math.exp(-((1.531546 - 1.5) ** 2) / 1.5), math.exp(-((0.073306 - 1.5) ** 2) / 1.5)]
    np.testing.assert_allclose(weighed, counted * factors, rtol=1e-12)


def test_a_batch_is_small_enough_to_number_its_patterns():
    assert 2**swap.BATCH <= 2**24
    assert str(swap.BATCH) in swap.MEASURE.summary
