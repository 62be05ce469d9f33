"""The supernet as it is trained: its gradients against differences, and recomputation against plain autograd."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine import SPACES
from engine.common.errors import NonFiniteScores, SearchStopped
from engine.common.work import Work
from engine.data.images import gaussian
from engine.supernets.spec import SupernetSpec
from engine.supernets.trainable import TrainableSupernet, _recomputed, bypass_norms

SPEC = SupernetSpec(space=SPACES["nas-bench-201"], channels=4, cells=1, image_size=8, normalisation="batch", seed=3)


def supernet(spec: SupernetSpec = SPEC, work: Work | None = None) -> TrainableSupernet:
    batch = replace(gaussian(seed=0, batch=3, image_size=spec.image_size), labels=np.array([0, 4, 9]))
    return TrainableSupernet(spec, batch, "cpu", torch.float64, work or Work())


def loss(network: TrainableSupernet, live: np.ndarray) -> float:
    return float(F.cross_entropy(network(live), network.labels))


@pytest.mark.slow
@pytest.mark.parametrize("space", ["nas-bench-201", "darts"])
def test_the_gradient_is_that_of_central_differences(space: str):
    network = supernet(SPEC.model_copy(update={"space": SPACES[space], "cells": SPACES[space].cells_range.low}))
    live = SPACES[space].candidates
    gradient = network.tied(network.gradient(live))
    for place in np.random.default_rng(0).permutation(np.argwhere(network.passing(live)))[:3]:
        values = []
        for step in (1e-5, -1e-5):
            network._alpha[tuple(place)] += step
            values.append(loss(network, live))
            network._alpha[tuple(place)] -= step
        assert gradient[tuple(place)] == pytest.approx((values[0] - values[1]) / 2e-5, rel=1e-4, abs=1e-8)


def test_the_curvature_is_the_change_of_the_gradient_along_itself():
    network, live = supernet(), SPEC.space.candidates
    direction = torch.from_numpy(network.tied(network.gradient(live)))
    gradients = []
    for step in (1e-4, -1e-4):
        network._alpha += step * direction
        gradients.append(network.tied(network.gradient(live)))
        network._alpha -= step * direction
    expected = (gradients[0] - gradients[1]) / 2e-4
    np.testing.assert_allclose(network.curvature(live), expected, rtol=1e-4, atol=1e-8)


def test_values_of_cells_are_added_up_by_type():
    network = supernet(SPEC.model_copy(update={"space": SPACES["darts"], "cells": 5}))
    values = np.random.default_rng(0).random((5, 14, 8))
    reductions = [1, 3]
    assert network.type_indices == [0, 1, 0, 1, 0]
    tied = network.tied(values)
    np.testing.assert_allclose(tied[1], values[reductions].sum(0))
    np.testing.assert_allclose(tied.sum(0), values.sum(0))


def test_an_operation_that_nothing_reaches_is_not_passing():
    network, live = supernet(), SPEC.space.candidates.copy()
    live[0, 0] = False  # nothing into node 1
    passing = network.passing(live)
    assert not passing[0, [2, 4]].any()  # out of node 1
    assert passing[0, [1, 3, 5], 1:].all()


def test_a_loss_that_is_no_number_is_refused():
    network = supernet()
    network.images *= torch.inf
    with pytest.raises(NonFiniteScores, match="float64"):
        network.gradient(SPEC.space.candidates)


def test_a_pass_can_be_stopped():
    stopped = False
    network = supernet(work=Work(should_stop=lambda: stopped))
    network(SPEC.space.candidates)
    stopped = True
    with pytest.raises(SearchStopped):
        network(SPEC.space.candidates)


def test_a_recomputed_term_has_the_first_and_second_derivatives_of_the_term():
    def term(alpha: Tensor, x: Tensor) -> Tensor:
        return alpha * x.sin() * x

    def derivatives(run) -> list[Tensor]:
        alpha = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
        x = torch.linspace(-1, 1, 5, dtype=torch.float64, requires_grad=True)
        value = run(alpha, x).square().sum()
        first = torch.autograd.grad(value, [alpha, x], create_graph=True)
        second = torch.autograd.grad(sum(part.square().sum() for part in first), [alpha, x])
        return [value.detach(), *(part.detach() for part in first), *second]

    for one, other in zip(derivatives(term), derivatives(lambda a, x: _recomputed(term, a, x)), strict=True):
        torch.testing.assert_close(one, other)


def test_every_norm_is_bypassed_wherever_it_stands():
    module = nn.Sequential(nn.BatchNorm2d(3), nn.Sequential(nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3)))
    bypass_norms(module)
    assert not any(isinstance(child, nn.BatchNorm2d) for child in module.modules())
    assert sum(isinstance(child, nn.Conv2d) for child in module.modules()) == 1
