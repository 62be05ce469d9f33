"""GraSP against central differences of the gradient of a supernet that shares no code."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import SPACES
from tests.engine.plain import Plain, setting
from tests.engine.proxies.questions import PARTS, question, raw, scored
from tests.engine.strategies import masks


@pytest.mark.slow
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


@pytest.mark.slow
@settings(max_examples=3)
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
