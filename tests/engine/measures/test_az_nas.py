"""AZ-NAS against numbers on paper and a second implementation that follows the paper step by step."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata
from torch import Tensor, nn

from engine import parse_genotype
from engine.common.work import Work
from engine.data.images import Data, gaussian
from engine.genotypes.population import ABSENT, Population
from engine.measures import MeasureSetting, az_nas
from engine.measures.az_nas import ProbeVectors, entropy, network_traits, stability
from engine.measures.live import effective_operations
from engine.measures.scoring import prepare_networks
from engine.networks.cost import network_cost
from engine.networks.shared import SharedNetworks
from tests.engine.derived import derived, wholly_live

CPU = MeasureSetting(seed=1, device="cpu")
IDENTITY = "|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|"
NOTHING = IDENTITY.replace("skip_connect", "none")


def features(columns: list[list[float]]) -> Tensor:
    """A batch of one-pixel images, one list a channel."""
    return torch.tensor(columns).T[:, :, None, None]


def test_entropy_of_two_channels_of_unequal_strength():
    independent = features([[3.0, 3, -3, -3], [1.0, -1, 1, -1]])  # variances 9 and 1
    assert entropy(independent) == pytest.approx(-(0.9 * math.log(0.9) + 0.1 * math.log(0.1)), abs=1e-6)
    assert entropy(independent + 100) == pytest.approx(entropy(independent), abs=1e-4)
    assert entropy(features([[1.0, 2, 3], [2.0, 4, 6]])) == pytest.approx(0, abs=1e-6)
    assert math.isnan(entropy(features([[1.0, 1, 1], [2.0, 2, 2]])))


@given(st.integers(1, 6), st.integers(2, 5), st.integers(1, 4), st.integers(0, 99))
def test_entropy_is_that_of_the_covariance(channels: int, images: int, side: int, seed: int):
    drawn = torch.randn(images, channels, side, side, generator=torch.Generator().manual_seed(seed))
    covariance = np.atleast_2d(np.cov(drawn.numpy().transpose(1, 0, 2, 3).reshape(channels, -1), bias=True))
    shares = np.linalg.svd(covariance, compute_uv=False)
    shares = shares[shares > 1e-12 * shares.max()] / shares.sum()
    assert entropy(drawn) == pytest.approx(-(shares * np.log(shares)).sum(), abs=1e-4)
    assert entropy(drawn) <= math.log(channels) + 1e-6


def step(module: nn.Module, images: Tensor, vector: Tensor) -> float:
    before = images.clone().requires_grad_()
    return stability(before, module(before), vector)


def test_stability_of_one_channel_on_paper():
    images = torch.randn(3, 1, 4, 4)
    signs = ProbeVectors(0).at(0, images)
    assert sorted(signs.unique().tolist()) == [-1, 1]
    scale = nn.Conv2d(1, 1, 1, bias=False)
    nn.init.constant_(scale.weight, 2.0)
    assert step(scale, images, signs) == pytest.approx(2 - 2 - 1 / 2, abs=1e-5)
    half = ProbeVectors(0).at(0, images[:, :, ::2, ::2])
    # four pixels get a quarter of the vector each: four channels to one, of norm sqrt(4 / 16) = 1/2
    assert step(nn.AvgPool2d(2), images, half) == pytest.approx(2 - 1 / 2 - 2, abs=1e-5)
    assert step(nn.Identity(), images, signs) == -np.inf


def test_what_no_gradient_passes_is_least_stable():
    before = torch.randn(2, 1, 2, 2).requires_grad_()
    lost = stability(before, torch.zeros(2, 1, 2, 2), torch.ones(2, 1, 2, 2))
    assert lost == stability(before, 0 * before, torch.ones(2, 1, 2, 2)) == pytest.approx(2 - 1e6)


def test_stability_of_many_channels_is_that_of_the_mean_outer_product():
    module = nn.Conv2d(3, 5, 3, stride=2, padding=1)
    images = torch.randn(2, 3, 6, 6)
    vector = ProbeVectors(3).at(0, torch.empty(2, 5, 3, 3))
    _, back = torch.autograd.functional.vjp(module, images, vector)
    total = np.zeros((12, 5))
    for image, row, column in np.ndindex(2, 3, 3):
        patch = back[image, :, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2].reshape(-1)
        total += np.outer(patch.numpy(), vector[image, :, row, column].numpy())
    largest = np.linalg.svd(total / 18)[1][0]
    assert step(module, images, vector) == pytest.approx(2 - largest - 1 / largest, abs=1e-4)


def plain(networks: SharedNetworks, genotype, images: Tensor, vectors: ProbeVectors) -> tuple[float, float, float]:
    """The traits of a NAS-Bench-201 cell, from the network as it is built."""
    network = derived(networks, genotype, genotype.space.search_size)
    modules: list[nn.Module] = []
    for cell in network.cells:
        if len(cell.inputs[0]):
            modules.append(cell.inputs[0])
        modules.append(Inner(cell))
    passed = [network.stem(images).detach()]
    scores = []
    for index, module in enumerate(modules):
        vector = vectors.at(index, module(passed[-1]))
        output, back = torch.autograd.functional.vjp(module, passed[-1], vector)
        if back.shape[2] > vector.shape[2]:
            back = torch.cat([back[:, :, row::2, column::2] for row in range(2) for column in range(2)], 1)
        matrix = torch.einsum("bihw,bohw->io", back.double(), vector.double()) / vector[:, 0].numel()
        largest = float(torch.linalg.svdvals(matrix)[0])
        scores.append(2 - largest - 1 / (largest + 1e-6))
        passed.append(output.detach())
    entropies = []
    for each in passed:
        rows = each.permute(1, 0, 2, 3).flatten(1).double().numpy()
        shares = np.linalg.eigvalsh(np.cov(rows, bias=True))
        shares /= shares.sum()
        entropies.append(-(shares * np.log(np.maximum(shares, 0) + 1e-8)).sum())
    return sum(entropies), min(b - a for a, b in pairwise(entropies)), np.mean(scores)


class Inner(nn.Module):
    """A cell without the layers before its input node."""

    def __init__(self, cell: nn.Module) -> None:
        super().__init__()
        self.cell = cell

    def forward(self, x: Tensor) -> Tensor:
        """From the features of the input node to those of the last."""
        kept, self.cell.inputs = self.cell.inputs, nn.ModuleList([nn.Identity()])
        output = self.cell([x])
        self.cell.inputs = kept
        return output


@pytest.mark.slow
def test_traits_are_those_of_a_plain_implementation(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(az_nas, "BATCH", 4)
    population = wholly_live("nas-bench-201", 3)
    networks, images, _ = prepare_networks(population, CPU, 4, "kaiming")
    expected = [plain(networks, genotype, images, ProbeVectors(CPU.seed)) for genotype in population.genotypes()]
    measures = (az_nas.EXPRESSIVITY, az_nas.PROGRESSIVITY, az_nas.TRAINABILITY)
    found = np.stack([measure.of(population, CPU) for measure in measures], axis=1)
    np.testing.assert_allclose(found, expected, rtol=2e-3, atol=2e-3)


@pytest.mark.slow
def test_darts_has_traits_too():
    population = Population.sample("darts", 1, seed=0)
    networks, images, _ = prepare_networks(population, CPU, 2, "kaiming")
    table = effective_operations(population)[:, 0]
    genes = {
        kind: [(edge, int(chosen)) for edge, chosen in enumerate(operations) if chosen != ABSENT]
        for kind, operations in zip(population.space.cell_types, table, strict=True)
    }
    assert np.isfinite(network_traits(networks, images, genes, ProbeVectors(0))).all()


def test_a_cell_that_does_nothing_has_no_trainability_and_one_that_passes_nothing_no_spread(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(az_nas, "BATCH", 2)
    population = Population.of("nas-bench-201", [parse_genotype(IDENTITY), parse_genotype(NOTHING)])
    assert az_nas.trainability(population, CPU)[0] == -np.inf
    assert np.isfinite(az_nas.expressivity(population, CPU)[0])
    assert az_nas.expressivity(population, CPU)[1] == az_nas.progressivity(population, CPU)[1] == -np.inf


def test_az_nas_joins_three_traits_and_macs_in_one_pass_and_takes_no_data(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(az_nas, "BATCH", 2)
    population = Population.sample("nas-bench-201", 5, seed=6)
    joined, reports = az_nas.AZ_NAS.of(population, CPU), []
    data = MeasureSetting(1, "cpu", Data("mine", 2 * gaussian(9, 3).images), work=Work(reports.append))
    scores = [measure.of(population, data) for measure in (az_nas.EXPRESSIVITY, az_nas.PROGRESSIVITY)]
    scores += [az_nas.TRAINABILITY.of(population, data), [network_cost(each).macs for each in population.genotypes()]]
    assert [report.done for report in reports] == [5, 5, 5]
    np.testing.assert_allclose(joined, sum(np.log(rankdata(each) / 5) for each in scores))
    assert not az_nas.AZ_NAS.needs_data
    assert not az_nas.AZ_NAS.needs_labels
