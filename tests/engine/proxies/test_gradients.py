"""SNIP, gradient norm and GraSP against plain autograd on a supernet that shares no code, and central differences."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from engine import SPACES, NonFiniteScores, SearchConfig, search
from engine.proxies import get_proxy
from engine.proxies.base import Scores
from tests.conftest import tiny
from tests.engine.plain import Plain, setting
from tests.engine.strategies import masks

NAMES = ["nas-bench-201", "darts"]
PARTS = [{}, {"alpha": "noise", "seed": 3}, {"normalisation": "bypass", "seed": 1}]


def question(space: str, name: str = "snip", **parts: object) -> SearchConfig:
    return tiny(space, **{"proxy": name, "batch": 4, **parts})


def raw(scores: Scores) -> np.ndarray:
    return scores.shares * np.exp(scores.log_flow)


def scored(config: SearchConfig, live: np.ndarray | None = None) -> Scores:
    (found,) = get_proxy(config.proxy).open(setting(config))([config.live if live is None else live])
    return found


@pytest.fixture
def some_live() -> np.ndarray:
    """A mask of DARTS with holes: node 3 of the normal cell gets nothing, and some edges have one operation."""
    live = np.random.default_rng(4).random((2, 14, 8)) < 0.4
    live[0, 2:5] = False
    live[:, 0, 4] = True
    return live


@pytest.mark.parametrize("parts", PARTS)
@pytest.mark.parametrize("space", NAMES)
def test_logits_are_those_of_the_plain_supernet(space: str, parts: dict[str, object], monkeypatch: pytest.MonkeyPatch):
    config = question(space, **parts)
    plain = Plain(config, monkeypatch)
    with torch.no_grad():
        expected = plain.logits(plain.alphas)
    found = setting(config).trainable_supernet()(config.live)
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-12)
    assert found.std(dim=0).min() > 0, "images must not all look alike"


@pytest.mark.parametrize("parts", PARTS)
@pytest.mark.parametrize("space", NAMES)
def test_snip_and_gradient_norm_are_those_of_plain_autograd(
    space: str, parts: dict[str, object], monkeypatch: pytest.MonkeyPatch
):
    config = question(space, **parts)
    plain = Plain(config, monkeypatch)
    each = plain.gradients()
    snip = np.abs(plain.alpha.numpy() * plain.tied(each))
    norm = np.sqrt(plain.tied([gradient**2 for gradient in each]))
    for name, expected in (("snip", snip), ("gradient-norm", norm)):
        found = scored(question(space, name, **parts))
        np.testing.assert_allclose(raw(found), expected, rtol=1e-6, atol=1e-9 * expected.max())
        assert found.shares.sum() == pytest.approx(1)


def test_scores_of_what_pruning_leaves_are_those_of_plain_autograd(
    some_live: np.ndarray, monkeypatch: pytest.MonkeyPatch
):
    """Node 3 of the normal cell, which gets nothing, is as good as one that gets something times 0."""
    config = question("darts")
    plain = Plain(config, monkeypatch)
    fed = some_live.copy()
    fed[0, 2, 4] = True
    alphas = [alpha.clone() for alpha in plain.alphas]
    for cell, alpha in zip(plain.cells, alphas, strict=True):
        alpha[2, 4] *= cell.kind
    expected = some_live * np.abs(plain.tied(plain.gradients(fed, alphas)))
    found = raw(scored(config, some_live))
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9 * expected.max())
    assert (found[0, [edge for edge, (source, _) in enumerate(plain.edges) if source == 3]] == 0).all()


@pytest.mark.parametrize(("space", "parts"), [*(("nas-bench-201", parts) for parts in PARTS), ("darts", {})])
def test_grasp_is_a_central_difference_of_the_gradient_along_itself(
    space: str, parts: dict[str, object], monkeypatch: pytest.MonkeyPatch
):
    config = question(space, "grasp", **parts)
    plain = Plain(config, monkeypatch)
    along = plain.shared_gradient(np.zeros(plain.shape))
    step = 1e-6 / np.abs(along).max() * float(plain.alpha.max())
    up, down = plain.shared_gradient(step * along), plain.shared_gradient(-step * along)
    expected = plain.alpha.numpy() * (up - down) / (2 * step)
    supernet = setting(config).trainable_supernet()
    found = supernet.alpha * supernet.curvature(config.live)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4 * np.abs(expected).max())


def test_grasp_says_how_the_norm_of_the_gradient_changes_with_alpha(monkeypatch: pytest.MonkeyPatch):
    """d(gᵀg)/dα = 2 H g: an operation whose α shrinks by a part in a million changes it by -2 α (H g) / 10⁶."""
    config = question("nas-bench-201", "grasp")
    plain = Plain(config, monkeypatch)
    supernet = setting(config).trainable_supernet()
    saliency = supernet.alpha * supernet.curvature(config.live)
    for place in [(0, 0, 1), (0, 3, 3), (0, 5, 2), (0, 1, 4)]:
        step = np.zeros(plain.shape)
        step[place] = 1e-6
        up, down = (np.sum(plain.shared_gradient(sign * step) ** 2) for sign in (1, -1))
        assert (up - down) / 4e-6 == pytest.approx(saliency[place], rel=1e-3, abs=1e-4 * np.abs(saliency).max())


def test_snip_by_hand():
    """Central differences of the loss itself, the α of one operation moved in all cells."""
    config = question("nas-bench-201", alpha="noise", seed=2)
    supernet = setting(config).trainable_supernet()
    found = raw(scored(config))
    alpha = supernet._alpha.clone()
    for place in [(0, 0, 3), (0, 2, 1), (0, 4, 2), (0, 5, 4)]:
        losses = []
        for factor in (1 + 1e-5, 1 - 1e-5):
            supernet._alpha = alpha.clone()
            supernet._alpha[place] *= factor
            losses.append(float(F.cross_entropy(supernet(config.live), supernet.labels)))
        assert abs(losses[0] - losses[1]) / 2e-5 == pytest.approx(found[place], rel=1e-4)


def test_cells_cancel_each_other_in_snip_and_not_in_the_gradient_norm():
    snip, norm = (raw(scored(question("nas-bench-201", name, cells=2))) for name in ("snip", "gradient-norm"))
    passing = snip > 0
    assert (snip <= np.sqrt(6) * norm * (1 + 1e-9)).all()  # |Σ g| ≤ √cells · ‖g‖
    assert (snip[passing] < 0.5 * norm[passing]).any(), "gradients of opposite sign"
    assert (snip[passing] > norm[passing]).any()


@settings(max_examples=6)
@given(live=masks(SPACES["nas-bench-201"]), seed=st.integers(0, 99))
def test_grasp_keeps_the_order_of_the_saliencies(live: np.ndarray, seed: int):
    config = question("nas-bench-201", "grasp", seed=seed)
    supernet = setting(config).trainable_supernet()
    saliency, passing = supernet.alpha * supernet.curvature(live), supernet.passing(live)
    found = scored(config, live)
    assert (found.shares[passing] > 0).all()
    assert (found.shares[~passing] == 0).all()
    ours, theirs = raw(found)[passing], saliency[passing]
    assert (np.argsort(ours, kind="stable") == np.argsort(theirs, kind="stable")).all()
    np.testing.assert_allclose(ours - ours.min(), theirs - theirs.min(), rtol=1e-6, atol=1e-9 * np.ptp(theirs))


def test_grasp_in_single_precision_is_marked_as_rounding_error():
    """Known: skips and poolings of NAS-Bench-201 are not normalised, and what they carry grows tenfold a cell."""
    parts = {"space": "nas-bench-201", "proxy": "grasp", "channels": 4, "batch": 4, "device": "cpu"}
    single, double = (search(SearchConfig(dtype=dtype, image_size=16, **parts)) for dtype in ("float32", "float64"))
    assert single.has("rounding")
    assert not double.has("rounding")
    assert SearchConfig(**parts).dtype == "float64"


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


def test_a_loss_beyond_float32_gives_no_scores():
    config = tiny("nas-bench-201", proxy="grasp", normalisation="bypass", dtype="float32", cells=8, batch=2)
    with pytest.raises(NonFiniteScores, match=r"^the scores are not numbers: .*float32.*normalisation 'batch'$"):
        search(config)


def test_a_supernet_without_a_way_through_has_no_gradient():
    supernet = setting(question("nas-bench-201")).trainable_supernet()
    nothing = np.zeros(supernet.alpha.shape, dtype=bool)
    assert not supernet.gradient(nothing).any()
    assert not supernet.curvature(nothing).any()


@pytest.mark.parametrize("name", ["snip", "gradient-norm", "grasp", "zero-cost-pt-gradient-norm"])
def test_a_gradient_that_is_lost_on_its_way_gives_no_scores(name: str):
    """α of 10⁻³ and no batch norm: after 3 x 6 cells nothing is left that single precision can hold."""
    config = question("nas-bench-201", name, cells=6, alpha="noise", normalisation="bypass", batch=2, dtype="float32")
    with pytest.raises(NonFiniteScores, match=r"^the scores are all 0: .*; take normalisation 'batch'$"):
        search(config)


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
