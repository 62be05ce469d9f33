"""Zero-Cost-PT against brute force: every operation left out of a plain supernet, one by one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from engine import SPACES, NonFiniteScores, Progress, SearchConfig, search
from engine.proxies import get_proxy
from engine.proxies.base import ProxySetting, Scores
from engine.proxies.zero_cost_pt import _drops
from tests.conftest import tiny
from tests.engine import reference
from tests.engine.plain import Plain, setting
from tests.engine.reference import Reference

FLOW, NORM, NASWOT = (f"zero-cost-pt-{inner}" for inner in ("flow", "gradient-norm", "naswot"))


def scored(config: SearchConfig, live: np.ndarray | None = None) -> Scores:
    (found,) = get_proxy(config.proxy).open(setting(config))([config.live if live is None else live])
    return found


def drops(inner: Callable[[np.ndarray], float], live: np.ndarray, places: list[tuple[int, ...]]) -> np.ndarray:
    """What `inner` loses without each operation at the `places`."""
    found = []
    for place in places:
        without = live.copy()
        without[place] = False
        found.append(inner(live) - inner(without))
    return np.array(found)


def passing(live: np.ndarray) -> list[tuple[int, ...]]:
    """The places of live operations but `none`, where every edge carries something."""
    return [tuple(place) for place in np.argwhere(live).tolist() if place[2]]


def shifted(expected: np.ndarray) -> np.ndarray:
    """Scores so that the smallest is their range divided by their number."""
    return expected - expected.min() + np.ptp(expected) / len(expected)


def assert_raw(found: Scores, places: list[tuple[int, ...]], expected: np.ndarray, tolerance: float) -> None:
    """Raw scores are `expected`, and 0 elsewhere."""
    raw = found.shares * np.exp(found.log_flow)
    ours = np.array([raw[place] for place in places])
    np.testing.assert_allclose(ours, expected, rtol=tolerance, atol=tolerance * np.abs(expected).max())
    raw[tuple(np.array(places).T)] = 0
    assert not raw.any()


@pytest.mark.parametrize("parts", [{}, {"alpha": "noise", "seed": 3, "cells": 2}])
def test_flow_without_every_operation_of_nas_bench_201(parts: dict[str, object]):
    config = tiny("nas-bench-201", proxy=FLOW, **parts)
    plain = Reference("nas-bench-201", seed=config.seed, cells=config.cells, alpha=config.alpha, wrap=True)
    expected = drops(lambda live: float(plain.flow(plain.alpha, live).log()), config.live, passing(config.live))
    assert expected.min() > 0
    assert_raw(scored(config), passing(config.live), expected, 1e-5)


@pytest.mark.slow
def test_flow_without_some_operations_of_darts():
    config = tiny("darts", proxy=FLOW)
    plain = Reference("darts", wrap=True)
    places = passing(config.live)[::23]
    expected = drops(lambda live: float(plain.flow(plain.alpha, live).log()), config.live, places)
    raw = scored(config)
    found = np.array([raw.shares[place] for place in places]) * np.exp(raw.log_flow)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("space", ["nas-bench-201", "darts"])
def test_flow_in_single_precision_is_that_of_doubles(space: str):
    """Also where an operation carries so little that its drop is lost in rounding: it still counts as something."""
    config = tiny(space, proxy=FLOW, dtype="float32")
    single, double = (
        get_proxy(FLOW).open(ProxySetting(config.supernet, dtype=dtype))([config.live])[0]
        for dtype in ("float32", "float64")
    )
    passing = double.shares > 0
    assert (single.shares[passing] > 0).all()
    np.testing.assert_allclose(single.shares, double.shares, rtol=0, atol=1e-4)
    assert not search(config).has("rounding")


def test_doubles_tell_operations_apart_that_carry_next_to_nothing():
    """Into the reduction cells of DARTS through the older input comes a billionth of the flow."""
    shares = scored(SearchConfig(space="darts", proxy=FLOW, cells=8, channels=8)).shares[1, 0]
    order = ["none", "max_pool_3x3", "avg_pool_3x3", "skip_connect", "dil_conv_3x3", "dil_conv_5x5"]
    order += ["sep_conv_3x3", "sep_conv_5x5"]
    assert shares.max() < 1e-7
    assert [SPACES["darts"].operations[index] for index in np.argsort(shares, kind="stable")] == order


@pytest.mark.slow
def test_gradient_norm_without_every_operation(monkeypatch: pytest.MonkeyPatch):
    config = tiny("nas-bench-201", proxy=NORM, batch=4)
    plain = Plain(config, monkeypatch)
    expected = drops(lambda live: float(np.linalg.norm(plain.gradients(live))), config.live, passing(config.live))
    assert expected.min() < 0 < expected.max()
    assert_raw(scored(config), passing(config.live), shifted(expected), 1e-6)


@pytest.mark.slow
def test_naswot_without_every_operation(monkeypatch: pytest.MonkeyPatch):
    """Whether two images are on the same side of a rectifier, counted one pair at a time."""
    config = tiny("nas-bench-201", proxy=NASWOT, batch=5)
    plain, relu, codes = Plain(config, monkeypatch), torch.relu, []

    def recording(x: torch.Tensor) -> torch.Tensor:
        codes.append((x > 0).flatten(1).numpy())
        return relu(x)

    def inner(live: np.ndarray) -> float:
        codes.clear()
        with torch.no_grad():
            plain.logits(plain.alphas, live)
        joined = np.concatenate(codes, axis=1)
        return float(np.log(np.linalg.det([[(one == other).sum() for other in joined] for one in joined])))

    with monkeypatch.context() as patched:
        patched.setattr(reference.F, "relu", recording)
        expected = drops(inner, config.live, passing(config.live))
    assert_raw(scored(config), passing(config.live), shifted(expected), 1e-9)


def test_an_operation_that_all_flow_passes_counts_twice_the_largest_other():
    config = tiny("nas-bench-201", proxy=FLOW, cells=1)
    live = np.zeros((1, 6, 5), dtype=bool)
    live[..., 0] = True
    live[0, 0, 1] = live[0, 4, [1, 3]] = True  # 0→1 skip, 1→3 skip and convolution
    found = scored(config, live)
    raw = found.shares * np.exp(found.log_flow)
    assert raw[0, 0, 1] == pytest.approx(2 * max(raw[0, 4, 1], raw[0, 4, 3]))
    live[0, 4, 3] = False  # now one path is left, and nothing flows without any part of it
    shares = scored(config, live).shares
    assert shares[0, 0, 1] == shares[0, 4, 1] == pytest.approx(0.5)


def test_drops_by_hand():
    np.testing.assert_array_equal(_drops(np.array([5.0, 4.0, 6.5, -np.inf])), [1.0, -1.5, 3.0])
    np.testing.assert_array_equal(_drops(np.array([5.0, -np.inf])), [1.0])
    for bad in ([np.nan, 1.0], [-np.inf, 1.0], [1.0, np.nan], [1.0, np.inf]):
        with pytest.raises(NonFiniteScores, match="equal images"):
            _drops(np.array(bad))


@pytest.mark.slow
@pytest.mark.parametrize("name", [FLOW, NASWOT, NORM])
@pytest.mark.parametrize("method", ["one-shot", "iterative"])
def test_progress_counts_every_perturbed_supernet(name: str, method: str):
    config = tiny("nas-bench-201", proxy=name, method=method, batch=2, per_round=6, pinned=("0-1:skip_connect",))
    seen: list[Progress] = []
    result = search(config, on_progress=seen.append)
    lives = [sum(int((table > 0).sum()) for table in found.shares.values()) for found in result.passes]
    assert len(lives) == (1 if method == "one-shot" else 4)
    guard = {FLOW: 1 + lives[0], NASWOT: 0, NORM: 1}[name]
    total = sum(1 + count for count in lives) + guard
    assert seen[-1].done == total
    assert {progress.total for progress in seen} == {total}
    done = [progress.done for progress in seen]
    assert done == sorted(done)
    assert done[: total - guard + 1] == list(range(total - guard + 1))
