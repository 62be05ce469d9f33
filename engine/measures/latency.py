"""Latency as a measure, estimated from a lookup table of operations that are timed on this device once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.common.ties import Rounding
from engine.genotypes.population import Population
from engine.measures.base import Measure, MeasureSetting
from engine.networks.latency import latency_table

LATENCY_ROUNDING = Rounding(relative=1e-6)
"""The precision of a latency: milliseconds by a clock of nanoseconds, summed in float64 in any order."""


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
    rounding=LATENCY_ROUNDING,
)
