"""The clock, and the conditions that a latency is measured under."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
import torch

from engine.networks.timing import Call, LatencySetup, time_prepared, time_repeatedly
from engine.spaces import get_space


def test_the_clock_times_with_the_threads_asked_for_and_puts_them_back():
    threads, before = [], torch.get_num_threads()
    times = time_repeatedly(
        lambda: threads.append(torch.get_num_threads()),
        LatencySetup.of(get_space("darts"), device="cpu", threads=2),
        1e-3,
    )
    assert set(threads) == {2}
    assert torch.get_num_threads() == before
    assert min(times) > 0


def test_a_warm_up_comes_before_the_clock(monkeypatch: pytest.MonkeyPatch):
    """Calls that are slow at first, as those on a GPU are, must not show."""

    calls = 0

    def clock() -> float:
        return 100.0 * min(calls, 3) + max(calls - 3, 0)

    def call() -> None:
        nonlocal calls
        calls += 1

    monkeypatch.setattr(time, "perf_counter", clock)
    assert set(time_repeatedly(call, LatencySetup.of(get_space("darts"), device="cpu"), 50.0)) == {1.0}
    assert calls > 50


def test_the_clock_waits_for_the_device(monkeypatch: pytest.MonkeyPatch):
    waited = []
    monkeypatch.setattr(torch.accelerator, "synchronize", waited.append)
    setup = replace(LatencySetup.of(get_space("darts"), device="cpu"), device="cuda:1")
    times = time_repeatedly(lambda: None, setup, 1e-4)
    assert set(waited) == {"cuda:1"}
    assert len(waited) >= 2 * len(times)


def test_a_setup_is_by_default_that_of_the_evaluation():
    setup = LatencySetup.of(get_space("darts"), device="cpu")
    assert setup.size == get_space("darts").evaluation_size
    assert (setup.image_size, setup.batch, setup.threads) == (32, 1, torch.get_num_threads())


def test_features_are_the_same_noise_every_time_and_touch_no_generator():
    setup, before = LatencySetup.of(get_space("darts"), batch=3, device="cpu"), torch.get_rng_state()
    features = setup.features(5, 7)
    assert features.shape == (3, 5, 7, 7)
    assert torch.equal(features, setup.features(5, 7))
    assert 0.8 < float(features.std()) < 1.2
    assert torch.equal(before, torch.get_rng_state())


def test_a_placed_module_is_in_evaluation_mode():
    setup = LatencySetup.of(get_space("darts"), device="cpu")
    assert not setup.place(torch.nn.BatchNorm2d(3).train()).training


def test_what_is_prepared_is_built_and_timed_at_inference_and_leaves_the_generator():
    setup, before, modes = LatencySetup.of(get_space("darts"), device="cpu"), torch.get_rng_state(), []

    def prepare() -> Call:
        modes.append(torch.is_inference_mode_enabled())
        torch.randn(3)
        return lambda: modes.append(torch.is_inference_mode_enabled())

    def time_once(call: Call, setup: LatencySetup, seconds: float) -> list[float]:
        call()
        return [seconds]

    assert time_prepared(prepare, setup, 0.25, time_once) == [0.25]
    assert modes == [True, True]
    assert torch.equal(before, torch.get_rng_state())
