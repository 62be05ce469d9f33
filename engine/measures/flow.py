"""log-flow: the logarithm of the flow of an image of ones through the network, in closed form.

See `engine.supernets.flow`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.genotypes.population import Population
from engine.measures.base import Measure, MeasureSetting
from engine.supernets.flow import FLOW_ROUNDING, population_flow


def log_flow(population: Population, setting: MeasureSetting) -> NDArray[np.float64]:
    """Return log R at the space's search size, away from the image border; -inf where nothing flows."""
    return population_flow(population, setting.seed, setting.work, device=setting.device)


MEASURE = Measure(
    name="flow",
    title="log-flow",
    unit="log R",
    summary="logarithm of the flow of an image of ones, in closed form",
    source="Zhang et al. 2021, arXiv 2106.11542 v1; Tanaka et al. 2020, arXiv 2006.05467",
    of=log_flow,
    rounding=FLOW_ROUNDING,
)
