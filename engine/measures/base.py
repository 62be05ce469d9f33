"""Measures: numbers for every architecture of a population, computed without training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.common.threads import computing_threads
from engine.common.ties import EXACT, Rounding, tie
from engine.common.work import Work
from engine.genotypes.population import Population

if TYPE_CHECKING:
    from engine.data.images import Data


@dataclass(frozen=True)
class MeasureSetting:
    """The setting of a measure: the `seed` of weights and data, the device, images, and the work it is part of.

    `data` is for measures that need images, Gaussian noise where it is None. A measure counts architectures as steps
    of `work`, and checks it as often as it can stop. It takes so many `threads` of the CPU, one where None.
    """

    seed: int = 0
    device: str = "auto"
    data: Data | None = None
    work: Work = field(default_factory=Work)
    threads: int | None = None


@dataclass(frozen=True)
class Measure:
    """An architecture-level proxy, or a cost.

    `of(population, setting)` gives a float for every architecture, `(architectures,)`, larger for those it holds to be
    more accurate; -inf or nan where it has none. It raises `SearchStopped` where the work of `setting` is stopped.
    `cost` marks a quantity that should be small; `needs_labels` a measure that takes labelled images alone,
    `needs_data` one that takes a batch from the setting, Gaussian noise where it has none. `rounding` is the difference
    between two values that processors, numbers of threads and orders of summation may make of one.
    """

    name: str
    title: str
    unit: str
    summary: str
    source: str
    of: Callable[[Population, MeasureSetting], NDArray[np.float64]]
    cost: bool = False
    needs_labels: bool = False
    needs_data: bool = False
    rounding: Rounding = EXACT

    def scores(self, population: Population, setting: MeasureSetting) -> NDArray[np.float64]:
        """Return `of(population, setting)` with the values that differ by rounding alone made equal, to rank by."""
        with computing_threads(setting.threads):
            return tie(self.of(population, setting), self.rounding)
