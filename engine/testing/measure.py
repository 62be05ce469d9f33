"""The contract of a measure: a float for every architecture, whatever stands beside it; seeds, data, progress, stop."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.common.errors import SearchStopped
from engine.common.work import Progress, Work
from engine.data.images import Data, gaussian
from engine.genotypes.population import Population
from engine.measures import Measure, MeasureSetting
from engine.spaces import SPACES, SearchSpace, Size, get_space
from engine.testing.requirement import registered, require, require_texts

_ARCHITECTURES, _IMAGES, _PIXELS, _CHANNELS = 3, 16, 8, 4
"""Different architectures that a measure is tried on, images and their pixels a side, channels of the networks."""


def check_measure(measure: Measure, space: str | SearchSpace = "nas-bench-201") -> None:
    """Check that a measure scores architectures, at the smallest size of a space; raise `AssertionError` if it fails.

    It gives a float for every architecture, the same for equal ones and in any order, but for its `rounding`; a seed
    means the same scores. Progress rises to its total, and a caller that says stop is obeyed. Measures that need labels
    refuse images without them, and images make no difference to those that need none.
    """
    _check_description(measure)
    small = _smallest(get_space(space))
    with registered(SPACES, small.name, small):  # what a measure keeps of a space, it reads by the name of the space
        _check_population(measure, Population.sample(small, _ARCHITECTURES, seed=0))


def _check_population(measure: Measure, sample: Population) -> None:
    setting = MeasureSetting(device="cpu", data=_labelled_noise(0))
    population = sample.take(np.array([*range(_ARCHITECTURES), 0]))
    scores = _check_scores(measure, population, setting)
    _check_order(measure, population, setting, scores)
    again = measure.of(population, setting)  # of which no pass is remembered: others came between
    same = np.array_equal(again, scores, equal_nan=True)
    require(same, f"measure '{measure.name}' gives other scores for the same seed")
    _check_stop(measure, sample, setting)
    _check_data(measure, population, setting, scores)


def _smallest(space: SearchSpace) -> SearchSpace:
    """Return a space whose networks are as small as can be, at evaluation too."""
    size = Size(_CHANNELS, space.cells_range.low)
    return replace(space, name=f"{space.name}-smallest", search_size=size, evaluation_size=size)


def _check_description(measure: Measure) -> None:
    name = f"measure '{measure.name}'"
    texts = [(field, getattr(measure, field)) for field in ("name", "title", "summary", "source")]
    require_texts(name, texts if not measure.unit else [*texts, ("unit", measure.unit)])
    require(measure.needs_data or not measure.needs_labels, f"{name} needs labels, and so it needs data")


def _labelled_noise(seed: int) -> Data:
    """Return images of independent normal pixels with labels drawn at random."""
    noise = gaussian(seed, _IMAGES, _PIXELS)
    return replace(noise, labels=np.random.default_rng((seed, 1)).integers(noise.classes, size=_IMAGES))


def _check_scores(measure: Measure, population: Population, setting: MeasureSetting) -> NDArray[np.float64]:
    """Check the shape and type of the scores, and the progress on the way; return the scores."""
    reports: list[Progress] = []
    scores = measure.of(population, replace(setting, work=Work(reports.append)))
    counts = [report.done for report in reports]
    require(counts == sorted(counts), f"the progress of measure '{measure.name}' falls: {counts}")
    complete = not reports or reports[-1].done == reports[-1].total
    require(complete, f"the progress of measure '{measure.name}' does not end at its total: {reports[-1:]}")
    require(
        isinstance(scores, np.ndarray) and scores.shape == (len(population),) and scores.dtype == np.float64,
        f"measure '{measure.name}' does not give one float64 for every architecture, (architectures,)",
    )
    require(
        not np.isposinf(scores).any(), f"measure '{measure.name}' gives inf; what has no score is -inf or not a number"
    )
    same = _tied(measure, scores[:1], scores[-1:])
    require(same, f"measure '{measure.name}' scores equal architectures differently, by more than its rounding")
    return scores


def _check_order(
    measure: Measure, population: Population, setting: MeasureSetting, scores: NDArray[np.float64]
) -> None:
    rows = np.roll(np.arange(len(population)), -1)
    rolled = measure.of(population.take(rows), setting)
    same = _tied(measure, rolled, scores[rows])
    require(
        same, f"the scores of measure '{measure.name}' depend on the order of architectures, by more than its rounding"
    )


def _check_stop(measure: Measure, population: Population, setting: MeasureSetting) -> None:
    """Check that a measure which asks whether to stop does so; one that takes no time need not ask."""
    questions = 0

    def should_stop() -> bool:
        nonlocal questions
        questions += 1
        return True

    try:
        measure.of(population, replace(setting, seed=3, work=Work(should_stop=should_stop)))
    except SearchStopped:
        return
    require(not questions, f"measure '{measure.name}' goes on when it is told to stop")


def _check_data(measure: Measure, population: Population, setting: MeasureSetting, scores: NDArray[np.float64]) -> None:
    if measure.needs_labels:
        try:
            measure.of(population, replace(setting, data=None))
        except ValueError:
            return
        raise AssertionError(f"measure '{measure.name}' needs labels, and scores Gaussian noise, which has none")
    if not measure.needs_data:
        other = measure.of(population, replace(setting, data=_labelled_noise(1)))
        same = _tied(measure, other, scores)
        require(same, f"measure '{measure.name}' says that it needs no data, and depends on it")


def _tied(measure: Measure, one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    """Return True where scores differ by no more than the rounding that the measure names."""
    rounding = measure.rounding
    return np.allclose(one, other, rtol=rounding.relative, atol=rounding.absolute, equal_nan=True)
