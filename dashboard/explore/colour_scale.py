"""Colours of Plotly's heatmaps, by the logarithm of numbers or in proportion from 0."""

from __future__ import annotations

from typing import Any

import numpy as np
from plotly.colors import make_colorscale, sequential

from engine.searches.result import ScoreTable

_PALETTE = make_colorscale(sequential.Viridis)


def coloured(values: ScoreTable, limits: tuple[float, float], unit: str, log: bool) -> dict[str, Any]:
    """Return the arguments of a Plotly heatmap that colours `values`; its bar is labelled with the numbers themselves.

    Colours go by the logarithm of the numbers between the `limits`, or in proportion from 0 to the upper one.
    """
    bar = {"title": {"text": unit, "side": "right"}, "thickness": 12, "len": 1.0}
    look = {"colorscale": _PALETTE, "xgap": 2, "ygap": 2}
    if not log:
        return look | {"z": values, "zmin": 0, "zmax": limits[1], "colorbar": bar | {"tickformat": ".3~g"}}
    low, high = np.log10(limits)
    ticks = _decades(low, high)
    bar |= {"tickvals": ticks, "ticktext": [_power_text(tick) for tick in ticks]}
    return look | {"z": np.log10(values), "zmin": low, "zmax": max(high, low + 1e-9), "colorbar": bar}


def _decades(low: float, high: float) -> list[float]:
    whole = [float(tick) for tick in range(int(np.ceil(low)), int(np.floor(high)) + 1)]
    stride = max(1, len(whole) // 5)
    ticks = whole[::stride]
    return ticks if len(ticks) > 1 else [low, (low + high) / 2, high]


def _power_text(exponent: float) -> str:
    whole = exponent == int(exponent)
    if -3 <= exponent < 4:
        return f"{10.0**exponent:.2g}"
    return f"10<sup>{exponent:.{0 if whole else 1}f}</sup>" if whole or abs(exponent) > 15 else f"{10.0**exponent:.1e}"
