"""The controls of an atlas: a population and its measures in a bar, axes beside the axes; in the address bar, all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.atlas.filters import FILTER_RULES
from dashboard.atlas.quantities import ACCURACY, QUANTITY_TITLES, Quantity, is_traded
from dashboard.atlas.request import FAST_MEASURES, MOST_OF_TABLE, AtlasRequest
from dashboard.atlas.state import AtlasState
from dashboard.parts import links, measure_picker, space_picker
from dashboard.server.state import forget_widget, set_widgets, state, widget_value
from engine.data.images import DATA
from engine.genotypes.population import listable
from engine.measures import MEASURES
from engine.spaces.fields import as_space_field
from engine.tables.task import TableTask

FEWEST, DEFAULT, MOST = 1_000, 10_000, 100_000
"""Sizes of a sample; a space that is no larger than the largest is drawn whole where it can be listed."""
_LAST_SEED = 2**32 - 1
_AXES = ("x", "y", "colour")


def _more_measures() -> list[str]:
    return [name for name in MEASURES if name not in FAST_MEASURES]


ATLAS_RULES = {
    "space": space_picker.space_rule,
    "sample": links.whole_between(FEWEST, MOST),
    "sample_seed": links.whole_between(0, _LAST_SEED),
    "seed": links.whole_between(0, _LAST_SEED),
    "measures": links.some_of(_more_measures()),
    "data": links.one_of(DATA),
    **dict.fromkeys(_AXES, links.one_of(QUANTITY_TITLES)),
    "front": links.one_of(["true", "false"]),
    **FILTER_RULES,
    **dict.fromkeys(("row", "mark"), links.whole_between(0, MOST + MOST_OF_TABLE + 999)),
}
"""The rules of what a link may ask of this page."""


class Axes(NamedTuple):
    """The quantities drawn on either axis and as colour, and True where the Pareto front is drawn."""

    x: Quantity
    y: Quantity
    colour: Quantity
    with_front: bool


def atlas_complaints(parameters: links.Parameters) -> dict[str, str]:
    """Return what is wrong with the parameters of a link, by name; rows are those of its space, which must be there."""
    complaints = links.checker(ATLAS_RULES)(parameters)
    lost = parameters.keys() & {"row", "mark"} if "space" in complaints else ()
    return complaints | {name: f"{name} stands for an architecture of that space" for name in sorted(lost)}


def request_controls(bar: DeltaGenerator) -> AtlasRequest | None:
    """Draw the controls of the population in a bar; None, with an error shown, if they ask for what there is not."""
    links.mend_link(
        "atlas",
        atlas_complaints,
        {
            "space": space_picker.space_titles(),
            **measure_picker.option_titles("measures"),
            **dict.fromkeys(_AXES, QUANTITY_TITLES),
        },
    )
    with bar:
        space = space_picker.choose_space()
        with st.popover("More", icon=":material/tune:", key="more"):
            whole = listable(space) and space.architectures() <= MOST
            count, sample_seed = (None, 0) if whole else _sample()
            seed = _whole_number("seed", "Seed", (0, _LAST_SEED), 0, "Draws the weights of the networks.")
            more = measure_picker.choose_measures(
                "More measures", _more_measures(), "measures", "Computed when chosen; they may take long."
            )
            data = measure_picker.choose_images(more)
            space_picker.upload_space()
    seeds_fit = all(0 <= value <= _LAST_SEED for value in (seed, sample_seed))
    if not seeds_fit or (count is not None and not FEWEST <= count <= MOST):
        st.error(f"Seeds go from 0 to {_LAST_SEED:,}; a sample has {FEWEST:,} to {MOST:,} architectures.")
        links.warn_of_link("atlas", None)
        return None
    request = AtlasRequest(as_space_field(space), count, sample_seed, seed, tuple(more), data=data)
    links.warn_of_link("atlas", request)
    return request


def _sample() -> tuple[int, int]:
    help = "Architectures drawn uniformly from the space."
    count = _whole_number("sample", "Sample size", (FEWEST, MOST), DEFAULT, help)
    return count, _whole_number("sample_seed", "Seed of the sample", (0, _LAST_SEED), 0, "Draws the architectures.")


def _whole_number(key: str, label: str, bounds: tuple[int, int], default: int, help: str) -> int:
    number = st.number_input(label, *bounds, default, 1, key=key, bind="query-params", help=help)
    return -1 if number is None else int(number)


def put_accuracy_up(table: tuple[TableTask, str] | None) -> None:
    """Have accuracy drawn over flow where a `table` just came, unless the link that opened the page chose axes."""
    memory = state(AtlasState)
    if memory.axes_linked is None:
        memory.axes_linked = not {"x", "y"}.isdisjoint(st.query_params)
    if table is not None and table != memory.table:
        if not memory.axes_linked:
            set_widgets({"x": "flow", "y": ACCURACY})
        memory.axes_linked = False
    memory.table = table


def axis_controls(quantities: Mapping[str, Quantity]) -> tuple[Axes, DeltaGenerator]:
    """Draw the choice of both axes and the colour where each of them is; return it, and the place of the picture."""
    y = next(name for name in (ACCURACY, "flow", "params") if name in quantities)
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="upper axes"
    ):
        up = _axis(quantities, "y", "Up", y)
        between = st.container(width="content")
        colour = _axis(quantities, "colour", "Colour", "params")
    picture = st.container()
    with st.container(horizontal=True, horizontal_alignment="center", key="lower axis"):
        across = _axis(quantities, "x", "Across", "flow" if y == ACCURACY and "flow" in quantities else "macs")
    with between:
        front = _front_control(is_traded(across, up))
    return Axes(across, up, colour, front), picture


def _front_control(traded: bool) -> bool:
    help = None if traded else "A front needs a cost on one axis, and something else on the other."
    return st.toggle("Pareto front", True, key="front", bind="query-params", disabled=not traded, help=help) and traded


def _axis(quantities: Mapping[str, Quantity], key: str, label: str, default: str) -> Quantity:
    names = list(quantities)
    if widget_value(key) not in (None, *names):
        forget_widget(key)
    chosen = st.selectbox(
        label,
        names,
        names.index(default),
        key=key,
        width=190,
        bind="query-params",
        format_func=lambda name: quantities[name].title,
        label_visibility="collapsed",
    )
    return quantities[chosen if chosen in quantities else default]
