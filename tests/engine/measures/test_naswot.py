"""NASWOT against codes counted on paper and a plain second implementation."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from engine import parse_genotype
from engine.data.images import Data, gaussian
from engine.genotypes.population import Population
from engine.measures import MeasureSetting, naswot
from engine.measures.scoring import prepare_networks
from tests.engine.derived import derived, wholly_live

CPU = MeasureSetting(seed=3, device="cpu")


def plain(networks: nn.Module, population: Population, row: int, images: torch.Tensor) -> float:
    """log|det K| with a hook on every rectifier of the network as it is built, none shared, none dead."""
    network = derived(networks, population.genotype(row), population.space.search_size)
    kernel = torch.zeros(len(images), len(images), dtype=torch.float64)

    def hook(module: nn.Module, inputs: tuple[torch.Tensor], output: torch.Tensor) -> None:
        code = (inputs[0] > 0).flatten(1).double()
        nonlocal kernel
        kernel = kernel + code @ code.T + (1 - code) @ (1 - code).T

    for module in network.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        network(images)
    return float(torch.linalg.slogdet(kernel).logabsdet)


@pytest.mark.slow
@pytest.mark.parametrize("space", ["nas-bench-201", "darts"])
def test_the_score_is_that_of_a_plain_implementation(space: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(naswot, "BATCH", 6)
    population = wholly_live(space, 2)
    networks, images, _ = prepare_networks(population, CPU, 6, "uniform")
    expected = [plain(networks, population, row, images) for row in range(2)]
    np.testing.assert_allclose(naswot.MEASURE.of(population, CPU), expected, rtol=1e-3)


def test_images_that_no_rectifier_tells_apart_score_lowest(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(naswot, "BATCH", 4)
    images = gaussian(0, 4).images
    images[3] = images[0]
    population = Population.sample("nas-bench-201", 1, seed=0)
    assert naswot.naswot(population, MeasureSetting(device="cpu", data=Data("twins", images)))[0] == -np.inf


@pytest.mark.slow
def test_a_score_does_not_depend_on_its_company(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(naswot, "BATCH", 5)
    population = Population.sample("nas-bench-201", 6, seed=4)
    together = naswot.naswot(population, CPU)
    np.testing.assert_array_equal(naswot.naswot(population.take(np.array([4, 1])), CPU), together[[4, 1]])
    assert len(np.unique(together)) > 1
    assert not np.array_equal(naswot.naswot(population, MeasureSetting(seed=4, device="cpu")), together)


def test_a_cell_that_passes_nothing_scores_lowest(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(naswot, "BATCH", 3)
    nothing = parse_genotype("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|")
    assert naswot.naswot(Population.of("nas-bench-201", [nothing]), CPU)[0] == -np.inf
