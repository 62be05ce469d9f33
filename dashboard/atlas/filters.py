"""The filters of an atlas: sliders for ranges of quantities and counts of operations, kept by link and session."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard.atlas.quantities import (
    ACCURACY,
    Quantity,
    RowMask,
    SliderSpan,
    filter_mask,
    moved_range,
    slider_span,
)
from dashboard.atlas.request import FAST_MEASURES, AtlasRequest
from dashboard.atlas.state import AtlasState, FilterRange, keep_in_link
from dashboard.parts import links
from dashboard.server.state import set_widgets, state, widget_value
from engine.genotypes.population import Population
from engine.operations.registry import OPERATIONS
from engine.spaces import OwnSpace

_BOUNDED = (ACCURACY, *FAST_MEASURES, "latency")
"""The quantities that can be filtered by their size."""
FILTER_RULES: dict[str, links.Rule] = {
    **{f"only_{name}": links.two_ends for name in _BOUNDED},
    **{f"count_{name}": links.two_ends for name in OPERATIONS},
}
"""The rules of the ranges that a link may ask for."""


def filters(request: AtlasRequest, quantities: Mapping[str, Quantity], population: Population) -> RowMask:
    """Draw the filters; return the mask of the architectures that pass them."""
    space = request.space
    ranges = {name: chosen for name in _BOUNDED if name in quantities and (chosen := _range(space, quantities[name]))}
    counts = _operation_counts(request, population)
    with st.expander("Operations", icon=":material/tag:"):
        st.caption("How often each may stand in an architecture.")
        count_ranges = {
            column: _slider(space, f"count_{name}", name, SliderSpan(0, most, 1))
            for column, name in enumerate(population.space.operations)
            if (most := int(counts[:, column].max(initial=0)))
        }
    return filter_mask(quantities, ranges, counts, count_ranges)


def _range(space: str | OwnSpace, quantity: Quantity) -> tuple[float, float] | None:
    whole = slider_span(quantity.values)
    return None if whole is None else _slider(space, f"only_{quantity.name}", quantity.label, whole)


def _slider(space: str | OwnSpace, key: str, label: str, whole: SliderSpan) -> tuple[float, float]:
    """Draw a slider for a range, which its link and the session keep; return the range.

    Where its ends move, with another seed, what was set is kept as far as it goes; another space begins afresh.
    """
    ranges = state(AtlasState).ranges
    drawn = key in ranges and widget_value(key) is not None
    before = ranges.get(key) or FilterRange(space, whole, _range_in_link(key) or whole[:2])
    chosen = widget_value(key) if drawn else before.chosen
    if not drawn or before[:2] != (space, whole):
        ends = moved_range(chosen, before.whole, whole) if before.space == space else whole[:2]
        set_widgets({key: tuple(type(whole.low)(end) for end in ends)})
    current: tuple[float, float] = st.slider(label, whole.low, whole.high, whole[:2], whole.step, key=key)
    ranges[key] = FilterRange(space, whole, current)
    keep_in_link(key, [] if current == whole[:2] else [f"{end:.6g}" for end in current])
    return current


def _range_in_link(key: str) -> tuple[float, float] | None:
    try:
        low, high = (float(text) for text in st.query_params.get_all(key))
    except ValueError:
        return None
    return (low, high) if low <= high else None


def _operation_counts(request: AtlasRequest, population: Population) -> NDArray[np.int64]:
    """Return how often every operation stands in every architecture, `(architectures, operations)`."""
    return _cached_counts(*request.population_key, request.also, population)


@st.cache_resource(show_spinner=False, max_entries=8)
def _cached_counts(
    space: str | OwnSpace, count: int | None, sample_seed: int, also: tuple[str, ...], _population: Population
) -> NDArray[np.int64]:
    return _population.counts()
