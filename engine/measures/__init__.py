"""The registry of measures: architecture-level proxies and costs, one signature for all."""

from __future__ import annotations

from engine.common.errors import unknown_name
from engine.measures import az_nas, cost, flow, gradients, latency, naswot, spread, swap, width
from engine.measures.base import Measure, MeasureSetting
from engine.measures.joined import join_measures

MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        flow.MEASURE,
        cost.PARAMS,
        cost.LIVE_PARAMS,
        cost.MACS,
        latency.MEASURE,
        width.MEASURE,
        spread.MEASURE,
        naswot.MEASURE,
        swap.MEASURE,
        swap.REGULARISED,
        az_nas.AZ_NAS,
        az_nas.EXPRESSIVITY,
        az_nas.PROGRESSIVITY,
        az_nas.TRAINABILITY,
        gradients.GRADIENT_NORM,
        gradients.SNIP,
    )
}


def get_measure(name: str) -> Measure:
    """Return the measure called `name`, or several joined, as in `flow+expressivity`.

    `ValueError` names the value and what is allowed.
    """
    parts = name.split("+")
    for part in parts:
        if part not in MEASURES:
            raise unknown_name("measure", part, MEASURES)
    return MEASURES[name] if len(parts) == 1 else join_measures([MEASURES[part] for part in parts])


__all__ = ["MEASURES", "Measure", "MeasureSetting", "get_measure"]
