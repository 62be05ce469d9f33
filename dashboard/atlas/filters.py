"""The filters of an atlas: sliders for ranges of quantities and counts of operations, kept by link and session."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

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
from dashboard.atlas.state import AtlasState, FilterRange
from dashboard.parts import links
from dashboard.parts.text import plain
from dashboard.server.state import set_widgets, state, widget_value
from engine.genotypes.population import Population
from engine.operations.registry import OPERATIONS, get_operation
from engine.spaces import OwnSpace

_BOUNDED = (ACCURACY, *FAST_MEASURES, "latency")
"""The quantities that can be filtered by their size."""
FILTER_RULES: dict[str, links.Rule] = {
    **{f"only_{name}": links.two_ends for name in _BOUNDED},
    **{f"count_{name}": links.two_ends for name in OPERATIONS},
}
"""The rules of the ranges that a link may ask for."""


def filters(
    request: AtlasRequest, quantities: Mapping[str, Quantity], population: Population, bar: DeltaGenerator
) -> RowMask:
    """Draw the filters in a bar, those that leave anything out as chips; return the mask of the rows that pass."""
    space, bounded = request.space, [name for name in _BOUNDED if name in quantities]
    counts = _operation_counts(request, population)
    names = population.space.operations
    with bar:
        chips = st.container(horizontal=True, vertical_alignment="bottom", width="content", key="filter chips")
        with st.popover("Filter", icon=":material/filter_alt:", key="filters"):
            ranges = {name: chosen for name in bounded if (chosen := _range(space, quantities[name]))}
            st.markdown("**How often each operation may stand in an architecture**")
            count_ranges = {
                column: _slider(space, f"count_{name}", get_operation(name).title, SliderSpan(0, most, 1))
                for column, name in enumerate(names)
                if (most := int(counts[:, column].max(initial=0)))
            }
    titles = {f"only_{name}": (quantities[name].title, quantities[name].unit) for name in ranges}
    titles |= {f"count_{names[column]}": (get_operation(names[column]).title, "") for column in count_ranges}
    with chips:
        _draw_chips(titles)
    return filter_mask(quantities, ranges, counts, count_ranges)


def _draw_chips(titles: Mapping[str, tuple[str, str]]) -> None:
    """Draw the filters that leave something out, each with the way to let go of it, by their `titles` and units."""
    ranges = state(AtlasState).ranges
    for key, (title, unit) in titles.items():
        low, high = ranges[key].chosen
        whole = ranges[key].whole
        if (low, high) != (whole.low, whole.high):
            st.button(
                plain(f"{title} {low:g} to {high:g} {unit}".rstrip()),
                icon=":material/close:",
                icon_position="right",
                key=f"chip {key}",
                help="Take this filter away.",
                on_click=set_widgets,
                args=[{key: (whole.low, whole.high)}],
            )


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
    links.keep_in_link(key, [] if current == whole[:2] else [f"{end:.6g}" for end in current])
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
