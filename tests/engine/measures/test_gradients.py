"""Gradient norm and SNIP against a plain backward pass, and against differences of the loss."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from engine.common.work import Work
from engine.data.images import Data, gaussian
from engine.genotypes.population import Population
from engine.measures import MeasureSetting, gradients
from engine.measures.scoring import prepare_networks
from tests.engine.derived import derived, wholly_live

LABELLED = Data("noise with labels", gaussian(5, 6).images, np.array([0, 1, 2, 0, 1, 2]), 3)
CPU = MeasureSetting(seed=2, device="cpu", data=LABELLED)


@pytest.mark.slow
@pytest.mark.parametrize("space", ["nas-bench-201", "darts"])
def test_scores_are_those_of_a_plain_backward_pass(space: str):
    population = wholly_live(space, 2)
    networks, images, labels = prepare_networks(population, CPU, 6, "uniform")
    norms, saliencies = [], []
    for row in range(2):
        network = derived(networks, population.genotype(row), population.space.search_size, 3)
        logits = network(images)
        loss = -(logits.log_softmax(1)[torch.arange(6), labels]).mean()
        loss.backward()
        weights = [layer.weight for layer in network.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
        norms.append(sum(float(weight.grad.square().sum() ** 0.5) for weight in weights))
        saliencies.append(sum(float((weight.detach() * weight.grad).abs().sum()) for weight in weights))
    np.testing.assert_allclose(gradients.GRADIENT_NORM.of(population, CPU), norms, rtol=2e-3)
    np.testing.assert_allclose(gradients.SNIP.of(population, CPU), saliencies, rtol=2e-3)


def test_without_labels_there_is_no_loss():
    population = Population.sample("darts", 1, seed=0)
    with pytest.raises(ValueError, match="Gaussian noise has no labels"):
        gradients.snip(population, MeasureSetting(device="cpu"))
    with pytest.raises(ValueError, match="mine has no labels"):
        gradients.gradient_norm(population, MeasureSetting(device="cpu", data=Data("mine", LABELLED.images)))


@pytest.mark.slow
def test_labels_matter():
    population = wholly_live("nas-bench-201", 1)
    turned = Data("noise", LABELLED.images, LABELLED.labels[::-1].copy(), 3)
    one, other = (gradients.snip(population, MeasureSetting(device="cpu", data=data)) for data in (LABELLED, turned))
    assert one[0] != other[0]


def test_both_scores_come_from_one_pass():
    population, reports = wholly_live("nas-bench-201", 2), []
    gradients.snip(population, CPU)
    gradients.gradient_norm(population, MeasureSetting(2, "cpu", LABELLED, work=Work(reports.append)))
    assert [report.done for report in reports] == [2]


def test_they_say_what_they_need():
    assert all(each.needs_labels and each.needs_data for each in (gradients.GRADIENT_NORM, gradients.SNIP))
