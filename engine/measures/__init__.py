"""The registry of measures: architecture-level proxies and costs, one signature for all."""

from __future__ import annotations

from engine.errors import unknown
from engine.measures import cost, flow
from engine.measures.base import Measure, Setting

MEASURES: dict[str, Measure] = {measure.name: measure for measure in (flow.MEASURE, cost.PARAMS, cost.MACS)}


def measure(name: str) -> Measure:
    """The measure called `name`; `ValueError` names the value and what is allowed."""
    if name not in MEASURES:
        raise unknown("measure", name, MEASURES)
    return MEASURES[name]


__all__ = ["MEASURES", "Measure", "Setting", "measure"]
