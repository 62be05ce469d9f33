"""The clock, and the conditions that a latency is measured under."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
import torch

from engine.networks.timing import LatencySetup, time_repeatedly
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
