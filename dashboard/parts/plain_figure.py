"""Figures that are plain data, which Plotly neither checks nor copies: a third of the time of a page would go there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.basedatatypes import BaseFigure


class PlainFigure(BaseFigure):  # type: ignore[misc]
    """A figure of traces and a layout as Plotly's own JSON has them, arrays of numbers aside.

    It stands for the same picture as `plotly.graph_objects.Figure`, which raises where a name or value is wrong.
    """

    def __init__(self, traces: Sequence[Mapping[str, Any]], layout: Mapping[str, Any]) -> None:
        self._parts: dict[str, Any] = {
            "data": [{name: _plain(value) for name, value in trace.items()} for trace in traces],
            "layout": {"template": _template()} | dict(layout),
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the figure as plain data, which is not to be changed."""
        return self._parts


def _plain(value: Any) -> Any:
    """Return an array as lists of numbers, None for those that are none; anything else as it is."""
    if not isinstance(value, np.ndarray):
        return value
    numbers = value.astype(object)
    numbers[~np.isfinite(value)] = None
    return numbers.tolist()


@cache
def _template() -> dict[str, Any]:
    """Return the look that Streamlit makes every figure begin with."""
    template: dict[str, Any] = go.Figure().to_dict()["layout"]["template"]
    return template
