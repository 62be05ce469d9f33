"""Every registered measure keeps the contract, one that is joined too; broken ones do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from engine.common.ties import Rounding
from engine.genotypes.population import Population
from engine.measures import MEASURES, Measure, MeasureSetting, get_measure, latency
from engine.networks.latency import latency_table
from engine.spaces import SPACES
from engine.testing import check_measure


@pytest.fixture(autouse=True)
def _every_call_takes_a_millisecond(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """No time is measured here."""
    table = partial(latency_table, cache=tmp_path, time_call=lambda call, setup, seconds: [1e-3] * 3)
    monkeypatch.setattr(latency, "latency_table", table)


@pytest.mark.parametrize("name", [*MEASURES, "flow+naswot", "expressivity+naswot"])
def test_every_measure(name: str):
    before = list(SPACES)
    check_measure(get_measure(name))
    assert list(SPACES) == before


@pytest.mark.parametrize("space", ["darts", "nas-bench-1shot1-1", "nas-bench-macro"])
@pytest.mark.parametrize("name", ["flow", "params", "naswot"])
def test_in_other_spaces(name: str, space: str):
    check_measure(MEASURES[name], space)


def measure(score: Callable[[Population, MeasureSetting], np.ndarray], **parts: object) -> Measure:
    return replace(MEASURES["params"], name="own", of=score, **parts)


def convolutions(population: Population, setting: MeasureSetting) -> np.ndarray:
    return (population.operations > 1).sum((0, 2)).astype(float)


def test_an_own_measure():
    check_measure(measure(convolutions))


def rough(population: Population, setting: MeasureSetting) -> np.ndarray:
    return convolutions(population, setting) * (1 + 1e-7 * np.arange(len(population)))


def test_a_measure_says_how_exact_it_is():
    check_measure(measure(rough, rounding=Rounding(relative=1e-6)))
    check_measure(measure(rough, rounding=Rounding(absolute=1e-5)))
    with pytest.raises(AssertionError, match="differently, by more than its rounding"):
        check_measure(measure(rough))


def stubborn(population: Population, setting: MeasureSetting) -> np.ndarray:
    if setting.work.should_stop is not None:
        setting.work.should_stop()
    return convolutions(population, setting)


def falling(population: Population, setting: MeasureSetting) -> np.ndarray:
    setting.work.begin(5)
    for steps in (3, -2, 4):
        setting.work.step(steps)
    return convolutions(population, setting)


def unfinished(population: Population, setting: MeasureSetting) -> np.ndarray:
    setting.work.begin(5)
    setting.work.step()
    return convolutions(population, setting)


def looking(population: Population, setting: MeasureSetting) -> np.ndarray:
    brightness = 0.0 if setting.data is None else float(setting.data.images.mean())
    return convolutions(population, setting) + brightness


def rising(population: Population, setting: MeasureSetting, calls: list[int]) -> np.ndarray:
    calls.append(1)
    return convolutions(population, setting) + (len(calls) > 2)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (measure(lambda p, s: convolutions(p, s)[:, None]), "one float64 for every architecture"),
        (measure(lambda p, s: convolutions(p, s).astype(int)), "one float64 for every architecture"),
        (measure(lambda p, s: convolutions(p, s)[1:]), "one float64 for every architecture"),
        (measure(lambda p, s: convolutions(p, s) + np.inf), "gives inf"),
        (measure(lambda p, s: np.arange(float(len(p)))), "scores equal architectures differently"),
        (measure(lambda p, s: convolutions(p, s) + p.operations[0, 0].sum()), "the order of architectures"),
        (measure(partial(rising, calls=[])), "other scores for the same seed"),
        (measure(falling), r"the progress of measure 'own' falls: \[3, 1, 5\]"),
        (measure(unfinished), "does not end at its total"),
        (measure(stubborn), "goes on when it is told to stop"),
        (measure(looking), "says that it needs no data, and depends on it"),
        (measure(convolutions, needs_labels=True, needs_data=True), "needs labels, and scores Gaussian noise"),
        (measure(convolutions, needs_labels=True), "needs labels, and so it needs data"),
        (measure(convolutions, title=""), "its title '' is no printable text"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_broken_measure_is_named(broken: Measure, words: str):
    with pytest.raises(AssertionError, match=words):
        check_measure(broken)
