"""What a measure is: a number for every architecture of a population, computed without training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.common.errors import SearchStopped
from engine.common.work import Progress
from engine.genotypes.population import Population

if TYPE_CHECKING:
    from engine.data.images import Data


@dataclass(frozen=True)
class MeasureSetting:
    """How a measure is taken: the `seed` of weights and data, the device, and who hears of it.

    `data` is for measures that need images, Gaussian noise where it is None. `on_progress` counts architectures;
    `stop_if_asked` raises `SearchStopped` when `should_stop` says so.
    """

    seed: int = 0
    device: str = "auto"
    data: Data | None = None
    on_progress: Callable[[Progress], None] | None = None
    should_stop: Callable[[], bool] | None = None

    def stop_if_asked(self) -> None:
        """Raise `SearchStopped` if the work is no longer wanted."""
        if self.should_stop is not None and self.should_stop():
            raise SearchStopped("the measure was stopped")


@dataclass(frozen=True)
class Measure:
    """An architecture-level proxy, or a cost.

    `of(population, setting)` gives a float for every architecture, `(architectures,)`, larger for those it holds to be
    more accurate; -inf or nan where it has none. It raises `SearchStopped` as `setting` says. `cost` marks what one
    would rather have less of; `needs_data` what takes a batch from the setting, Gaussian noise where it has none.
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
