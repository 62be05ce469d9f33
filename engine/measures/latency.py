"""Latency as a measure, estimated from a lookup table of operations that are timed on this device once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.genotypes.population import Population
from engine.measures.base import Measure, MeasureSetting
from engine.networks.latency import latency_table


def latency(population: Population, setting: MeasureSetting) -> NDArray[np.float64]:
    """Estimate the milliseconds of one 32x32 image at the evaluation size, from operations measured on this device."""
    setting.work.begin(len(population))
    work = setting.work.part(len(population))
    table = latency_table(population.space, device=setting.device, work=work)
    setting.work.report()
    return table.milliseconds.of(population)


MEASURE = Measure(
    name="latency",
    title="Latency",
    unit="ms",
    summary="one 32x32 image at the evaluation size, estimated from measured operations on this device",
    source="measured",
    of=latency,
    cost=True,
)
