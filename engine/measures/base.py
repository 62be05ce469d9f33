"""Measures: numbers for every architecture of a population, computed without training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from engine.common.environment import resolve_device
from engine.common.processes import processes_worth
from engine.common.threads import computing_threads
from engine.common.ties import EXACT, Rounding, tie
from engine.common.work import Phase, Progress, Work
from engine.genotypes.population import Population
from engine.spaces import SearchSpace, Size

if TYPE_CHECKING:
    from engine.data.images import Data


NetSize = Literal["small", "full"]
"""The size of the networks that measures run: small ones (`small_size`), or those of the search size."""
NET_SIZES: tuple[NetSize, ...] = get_args(NetSize)
SMALL_CHANNELS, SMALL_CELLS = 8, 2
"""The most channels of small networks, and the most cells in each of their stages."""
SMALL_IMAGES, SMALL_PIXELS = 16, 16
"""The most images in the batch of small networks, and their pixels a side."""
TRIED = 9
"""Architectures of a trial, which tells how long a measure takes."""
_WORTH_A_TRIAL = 200
"""Architectures that are worth a trial."""


@dataclass(frozen=True)
class MeasureSetting:
    """The setting of a measure: the `seed` of weights and data, the device, images, and the work it is part of.

    `data` is for measures that need images, Gaussian noise where it is None. A measure counts architectures as steps
    of `work`, and checks it as often as it can stop. It takes so many `threads` of the CPU, one where None. `net_size`
    is the size of the networks that it runs, if any, and of their batch.
    """

    seed: int = 0
    device: str = "auto"
    data: Data | None = None
    work: Work = field(default_factory=Work)
    threads: int | None = None
    net_size: NetSize = "full"


@dataclass(frozen=True)
class Measure:
    """An architecture-level proxy, or a cost.

    `of(population, setting)` gives a float for every architecture, `(architectures,)`, larger for those it holds to be
    more accurate; -inf or nan where it has none. It raises `SearchStopped` where the work of `setting` is stopped.
    `one_by_one` marks one that runs the network of each architecture in turn, so that a few of them tell how long all
    take. `cost` marks a quantity that should be small; `needs_labels` a measure that takes labelled images alone,
    `needs_data` one that takes a batch from the setting, Gaussian noise where it has none; `cells_only` one that
    refuses spaces of layers. `rounding` is the difference between two values that processors, numbers of threads and
    orders of summation may make of one.
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
    one_by_one: bool = False
    cells_only: bool = False

    def fits(self, space: SearchSpace) -> bool:
        """Return True for a space that the measure is made for."""
        return not (self.cells_only and space.layered)

    def check_fits(self, space: SearchSpace) -> None:
        """Raise `ValueError` for a space that the measure is not made for."""
        if not self.fits(space):
            raise ValueError(
                f"{self.title} is a measure of cells, and the networks of {space.title} are chains of layers"
            )

    def scores(self, population: Population, setting: MeasureSetting) -> NDArray[np.float64]:
        """Return `of(population, setting)` with the values that differ by rounding alone made equal, to rank by."""
        with computing_threads(setting.threads):
            return tie(self.of(population, setting), self.rounding)

    @property
    def turn(self) -> tuple[bool, bool]:
        """Return the key that measures are taken in turn by: first those whose time only they themselves tell."""
        return self.one_by_one, self.rounding != EXACT

    def pace(self, population: Population, setting: MeasureSetting) -> float | None:
        """Return the seconds that an architecture takes, by a trial of a few; None where that is not worth it."""
        if not self.one_by_one or len(population) < _WORTH_A_TRIAL:
            return None
        reports: list[Progress] = []
        few = population.take(np.linspace(0, len(population) - 1, TRIED).astype(int))
        self.scores(few, replace(setting, work=Work(reports.append, setting.work.should_stop)))
        if not reports:
            return None
        first, last = reports[0], reports[-1]  # what comes before the first network, and that one, is no measure
        return (last.elapsed - first.elapsed) / (last.done - first.done) if last.done > first.done else 0.0


def small_size(space: SearchSpace) -> Size:
    """Return the size of the small networks of a space; with as many cells as at search where all are counted."""
    size = space.search_size
    counted_in_all = space.cells_range.low > 1
    cells = size.cells if counted_in_all else min(size.cells, SMALL_CELLS)
    return Size(min(size.channels, SMALL_CHANNELS), cells)


def plan_of(measures: Sequence[Measure], population: Population, setting: MeasureSetting, steps: float) -> list[Phase]:
    """Return the phases of taking measures, in order, each of so many `steps`."""
    phases, device = [], resolve_device(setting.device)
    for measure in measures:
        if (pace := measure.pace(population, setting)) is not None:
            seconds = pace * len(population)
            pace = seconds / processes_worth(seconds, device) / steps if steps else 0.0
        phases.append(Phase(measure.name, steps, pace))
    return phases
