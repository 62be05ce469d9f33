"""One pass, several measures: a pass remembers its last answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import numpy as np
from numpy.typing import NDArray

from engine.data.images import Data
from engine.genotypes.population import Population
from engine.measures.base import MeasureSetting
from engine.spaces import SearchSpace

Take = Callable[[Population, MeasureSetting], NDArray[np.float64]]
"""A pass: numbers of every architecture, `(architectures, ...)`."""


def once(take: Take) -> Take:
    """`take`, not repeated when it is asked the same twice in a row; what it gives cannot be written to."""
    last: list[tuple[tuple[SearchSpace, bytes, int, str], Data | None, NDArray[np.float64]]] = []

    @wraps(take)
    def again(population: Population, setting: MeasureSetting) -> NDArray[np.float64]:
        asked = (population.space, population.operations.tobytes(), setting.seed, setting.device)
        for known, data, answer in tuple(last):
            if known == asked and data is setting.data:
                setting.work.begin(len(population))
                setting.work.finish()
                return answer
        answer = take(population, setting)
        answer.flags.writeable = False
        last[:] = [(asked, setting.data, answer)]
        return answer

    return again
