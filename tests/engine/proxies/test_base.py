"""Scores as shares, on paper; the proxies of the trainable supernet where nothing or too much comes through."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine import NonFiniteScores, SearchConfig, search
from engine.proxies import Scores
from tests.conftest import tiny
from tests.engine.plain import Plain, setting
from tests.engine.proxies.questions import CASES, NAMES, question


@pytest.mark.parametrize("values", [[0.0, 2.0, 6.0], [0.0, 0.0, 0.0]])
def test_shares_are_parts_of_the_sum(values: list[float]):
    found = Scores.of(np.array(values))
    np.testing.assert_allclose(found.shares * np.exp(found.log_flow), values)
    assert found.shares.sum() == pytest.approx(float(any(values)))


def test_signed_scores_by_hand():
    """-2, 1 and 4 have a range of 6, a third of which the smallest keeps: 2, 5 and 8."""
    values, passing = np.array([-2.0, 0.0, 1.0, 4.0]), np.array([True, False, True, True])
    found = Scores.of_signed(values, passing)
    np.testing.assert_allclose(found.shares, np.array([2, 0, 5, 8]) / 15)
    assert found.log_flow == pytest.approx(np.log(15))
    positive = Scores.of_signed(np.array([1.0, 9.0, 3.0]), np.array([True, False, True]))
    np.testing.assert_allclose(positive.shares, [0.25, 0, 0.75])
    np.testing.assert_allclose(Scores.of_signed(np.array([-3.0, -3.0]), np.array([True, True])).shares, [0.5, 0.5])
    assert not Scores.of_signed(np.array([1.0]), np.array([False])).shares.any()


@pytest.mark.slow
@pytest.mark.parametrize("space", NAMES)
def test_scores_of_a_batch_are_no_rounding_error(space: str):
    """Unlike the flow of one image through the batch norms of DARTS."""
    config = question(space)
    single, double = (
        search(SearchConfig.model_validate(config.to_dict() | {"dtype": dtype})) for dtype in ("float32", "float64")
    )
    for kind in single.space.cell_types:
        np.testing.assert_allclose(single.shares[kind], double.shares[kind], rtol=0, atol=1e-4)
    assert not single.has("rounding")
    assert not double.has("rounding")


@pytest.mark.slow
def test_a_loss_beyond_float32_gives_no_scores():
    config = tiny("nas-bench-201", proxy="grasp", normalisation="bypass", dtype="float32", cells=8, batch=2)
    with pytest.raises(NonFiniteScores, match=r"^the scores are not numbers: .*float32.*normalisation 'batch'$"):
        search(config)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["snip", "zero-cost-pt-gradient-norm"])
def test_a_gradient_that_is_lost_on_its_way_gives_no_scores(name: str):
    """α of 10⁻³ and no batch norm: after 3 x 6 cells nothing is left that single precision can hold."""
    config = question("nas-bench-201", name, cells=6, alpha="noise", normalisation="bypass", batch=2, dtype="float32")
    with pytest.raises(NonFiniteScores, match=r"^the scores are all 0: .*; take float64 or normalisation 'batch'$"):
        search(config)


@pytest.mark.slow
@pytest.mark.parametrize(("space", "parts"), CASES)
def test_logits_are_those_of_the_plain_supernet(space: str, parts: dict[str, object], monkeypatch: pytest.MonkeyPatch):
    config = question(space, **parts)
    plain = Plain(config, monkeypatch)
    with torch.no_grad():
        expected = plain.logits(plain.alphas)
    found = setting(config).trainable_supernet()(config.live)
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-12)
    assert found.std(dim=0).min() > 0, "images must not all look alike"


def test_a_supernet_without_a_way_through_has_no_gradient():
    supernet = setting(question("nas-bench-201")).trainable_supernet()
    nothing = np.zeros(supernet.alpha.shape, dtype=bool)
    assert not supernet.gradient(nothing).any()
    assert not supernet.curvature(nothing).any()


def test_memory_does_not_grow_with_the_operations():
    """Between forward and backward pass only α and the features of the nodes are kept."""
    supernet = setting(question("nas-bench-201", image_size=16)).trainable_supernet()
    kept: dict[int, int] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        kept[tensor.data_ptr()] = tensor.numel()
        return tensor

    few = np.zeros(supernet.alpha.shape, dtype=bool)
    few[:, :, 3] = True
    every = few | np.array([False, True, True, True, True])
    sizes = []
    for live in (few, every):
        kept.clear()
        alpha = supernet._alpha[supernet.type_indices].requires_grad_()
        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            supernet._loss(alpha, live)
        sizes.append(sum(kept.values()))
    assert sizes[1] <= 1.1 * sizes[0]
