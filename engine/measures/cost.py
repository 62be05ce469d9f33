"""Parameters and multiply-accumulates as measures: the baselines that any proxy must beat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.genotypes.population import Population
from engine.measures.base import Measure, MeasureSetting
from engine.measures.live import effective_operations
from engine.networks.cost import edge_costs


def params(population: Population, setting: MeasureSetting) -> NDArray[np.float64]:
    """Return the parameters at the evaluation size."""
    return edge_costs(population.space)["params"].of(population)


def live_params(population: Population, setting: MeasureSetting) -> NDArray[np.float64]:
    """Return the parameters at the evaluation size without those of edges that take no part."""
    live = Population(population.space, effective_operations(population))
    return edge_costs(population.space)["params"].of(live)


def macs(population: Population, setting: MeasureSetting) -> NDArray[np.float64]:
    """Return the multiply-accumulates of one image at the evaluation size."""
    return edge_costs(population.space)["macs"].of(population)


PARAMS = Measure(
    name="params",
    title="Parameters",
    unit="",
    summary="trainable parameters at the evaluation size",
    source="counted",
    of=params,
    cost=True,
)
LIVE_PARAMS = Measure(
    name="live-params",
    title="Live parameters",
    unit="",
    summary="trainable parameters at the evaluation size, without those of edges on no path from input to output",
    source="counted; ours",
    of=live_params,
    cost=True,
)
MACS = Measure(
    name="macs",
    title="MACs",
    unit="",
    summary="multiply-accumulates of one 32x32 image at the evaluation size",
    source="counted",
    of=macs,
    cost=True,
)
