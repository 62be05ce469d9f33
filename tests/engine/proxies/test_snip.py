"""SNIP against plain autograd on a supernet that shares no code, and by central differences of the loss."""

from __future__ import annotations

import numpy as np
import pytest
from torch.nn import functional as F

from tests.engine.plain import Plain, setting
from tests.engine.proxies.questions import CASES, question, raw, scored


@pytest.fixture
def some_live() -> np.ndarray:
    """A mask of DARTS with holes: node 3 of the normal cell gets nothing, and some edges have one operation."""
    live = np.random.default_rng(4).random((2, 14, 8)) < 0.4
    live[0, 2:5] = False
    live[:, 0, 4] = True
    return live


@pytest.mark.slow
@pytest.mark.parametrize(("space", "parts"), CASES)
def test_snip_is_that_of_plain_autograd(space: str, parts: dict[str, object], monkeypatch: pytest.MonkeyPatch):
    plain = Plain(question(space, **parts), monkeypatch)
    expected = np.abs(plain.alpha.numpy() * plain.tied(plain.gradients()))
    found = scored(question(space, "snip", **parts))
    np.testing.assert_allclose(raw(found), expected, rtol=1e-6, atol=1e-9 * expected.max())
    assert found.shares.sum() == pytest.approx(1)


@pytest.mark.slow
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
