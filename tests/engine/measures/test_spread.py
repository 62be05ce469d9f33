"""Spread against the eigenvalues of features of the networks as they are built."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from engine import SPACES, parse_genotype
from engine.data.images import Data, gaussian
from engine.genotypes.population import Population
from engine.measures import MeasureSetting
from engine.measures.base import small_size
from engine.measures.spread import MEASURE, feature_spread
from engine.networks.shared import SharedNetworks
from engine.spaces.plan import walk
from tests.engine.derived import derived, wholly_live

CPU = MeasureSetting(seed=2, device="cpu")


def plain_spread(networks: SharedNetworks, population: Population, row: int) -> float:
    """The entropy of the features behind the last cell, by NumPy."""
    network = derived(networks, population.genotype(row), small_size(population.space))
    images = torch.from_numpy(gaussian(CPU.seed, 16, 16).images)
    with torch.no_grad():
        states = [network.stem(images)] * network.inputs
        last = walk(network.cells, states, lambda cell, states: cell(states))[-1]
    rows = last.double().numpy().transpose(1, 0, 2, 3).reshape(last.shape[1], -1)
    eigenvalues = np.linalg.eigvalsh(np.cov(rows, bias=True))
    shares = np.maximum(eigenvalues, 1e-300) / eigenvalues.sum()
    return float(-(shares * np.log(shares)).sum())


@pytest.mark.slow
@pytest.mark.parametrize("space", ["nas-bench-201", "darts"])
def test_the_score_is_that_of_a_plain_implementation(space: str):
    population = wholly_live(space, 2)
    size = small_size(population.space)
    networks = SharedNetworks(population.space, size, 10, CPU.seed, "kaiming", multiplicity=population.multiplicity)
    expected = [plain_spread(networks, population, row) for row in range(2)]
    np.testing.assert_allclose(feature_spread(population, CPU), expected, atol=1e-4)
    assert max(expected) < math.log(4 * 8 * 4)


def test_equal_live_parts_are_equal_and_nothing_has_no_spread():
    texts = (
        "|none~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_1x1~0|none~1|none~2|",
        "|none~0|+|none~0|none~1|+|nor_conv_1x1~0|none~1|none~2|",
        "|nor_conv_3x3~0|+|none~0|none~1|+|none~0|none~1|none~2|",
    )
    population = Population.of("nas-bench-201", [parse_genotype(text) for text in texts])
    first, second, nothing = MEASURE.scores(population, CPU)
    assert first == second > nothing == -np.inf


def test_the_images_are_noise_and_the_network_small_in_any_setting():
    population = Population.sample("nas-bench-201", 2, seed=3)
    data = Data("mine", 2 * gaussian(9, 20).images)
    other = MeasureSetting(CPU.seed, "cpu", data, net_size="small")
    np.testing.assert_array_equal(feature_spread(population, CPU), feature_spread(population, other))


def test_chains_of_layers_have_no_spread():
    with pytest.raises(ValueError, match=r"Spread is a measure of cells, and .* NAS-Bench-Macro are chains"):
        feature_spread(Population.sample(SPACES["nas-bench-macro"], 1, seed=0), CPU)
