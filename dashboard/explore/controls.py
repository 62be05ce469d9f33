"""The controls that put a question together, each bound to the address bar, so that a link holds the whole question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.explore.question_link import (
    ADDRESS_PARTS,
    BOUNDS,
    CONSTRAINTS,
    MENU_PARTS,
    NO_BOUND,
    RECIPE_PARTS,
    link_complaints,
    typed_value,
)
from dashboard.explore.state import ExploreState
from dashboard.parts import links, space_picker
from dashboard.parts.table_choice import went_back
from dashboard.parts.text import plain
from dashboard.server.examples import FIRST_QUESTION
from dashboard.server.navigation import entered_page
from dashboard.server.run_store import RUN_PARAMETER
from dashboard.server.session import worker_devices
from dashboard.server.state import forget_widget, set_widgets, state, widget_value
from engine import PROXIES, SearchConfig, explain
from engine.data.images import DATA
from engine.genotypes.population import listable
from engine.operations.registry import get_operation
from engine.proxies import Proxy
from engine.searches.config import CUSTOM, field_bounds
from engine.searches.constraints import candidate_operations, parse_edge_operation
from engine.spaces import SearchSpace

_SHORTEST_LATENCY = 0.001


class Question(NamedTuple):
    """The question that the controls ask, None where it is not valid, and the reason why it is not."""

    config: SearchConfig | None
    complaint: str = ""


def question_bar() -> tuple[Question, DeltaGenerator]:
    """Draw the question as a bar, what bounds the answer always in sight; return it, and the place of what it does."""
    if entered_page() or went_back():
        state(ExploreState).address_taken = False
    proxies = {name: proxy.title for name, proxy in PROXIES.items()}
    links.mend_link("explore", link_complaints, {"space": space_picker.space_titles(), "proxy": proxies})
    _take_address()
    with st.container(horizontal=True, vertical_alignment="bottom", key="bar"):
        space = _choose_space()
        proxy = _choose_proxy()
        values: dict[str, Any] = {"space": space.reference, "proxy": proxy.name, "recipe": _choose_recipe(proxy)}
        help = "Draws the weights of the supernet, and α where it is noise."
        values["seed"] = _number("seed", "Seed", help, width=145, bind="query-params")
        chips = st.container(horizontal=True, vertical_alignment="bottom", width="content", key="chips")
        with st.popover("Limit", icon=":material/add:", key="limits"):
            limits = _constraint_controls(space)
        with chips:
            _draw_chips(space, limits)
        with st.popover(_rare_label(space, proxy), icon=":material/tune:", key="more"):
            values |= limits | _rare_controls(space, proxy, values["recipe"])
        action = st.container(width=190, key="action")
    links.warn_of_link("explore", values)
    _write_address(space, proxy, values)
    try:
        return Question(SearchConfig.model_validate(values)), action
    except ValueError as error:
        return Question(None, explain(error)), action


def _take_address() -> None:
    """Take the controls of menus from an address that holds a question; the first visit of none begins with a limit.

    They are taken when the page is entered, and when the browser goes back: what an address of a late click says is
    older than what its controls do.
    """
    explore, parameters = state(ExploreState), st.query_params
    if explore.address_taken:
        return
    if RUN_PARAMETER in parameters:  # its question has been taken
        explore.space = None
    elif any(name in parameters for name in ADDRESS_PARTS):
        explore.space = None
        taken = {name: typed_value(name, parameters.get_all(name)) for name in MENU_PARTS if name in parameters}
        for name in MENU_PARTS:
            forget_widget(name)
        set_widgets(taken)
    elif not explore.visited:
        set_widgets(FIRST_QUESTION)
    explore.address_taken = explore.visited = True


def _rare_controls(space: SearchSpace, proxy: Proxy, recipe: str) -> dict[str, Any]:
    """Draw what few questions change: the parts of the recipe, images, supernet, device, and a space of one's own."""
    values = _pruning_controls(space, proxy, recipe) | _image_controls(proxy)
    values |= _supernet_controls(space, proxy) | _device_controls(proxy)
    space_picker.upload_space()
    return values


def _rare_label(space: SearchSpace, proxy: Proxy) -> str:
    """Return the label of the rare controls, with the number of those that were changed."""
    usual = _usual_values(space, proxy)
    changed = sum(widget_value(name, value) not in (value, None) for name, value in usual.items())
    return f"More ({changed} changed)" if changed else "More"


def _usual_values(space: SearchSpace, proxy: Proxy) -> dict[str, Any]:
    """Return the defaults of the rare controls."""
    return {
        **space.search_size._asdict(),
        **{name: field_bounds(name).default for name in ("image_size", "per_round", "device", "batch")},
        "field": proxy.fixed.get("field", field_bounds("field").default),
        "data": DATA[0],
        "dtype": _precision(proxy),
    }


def _write_address(space: SearchSpace, proxy: Proxy, values: Mapping[str, Any]) -> None:
    """Have the address hold the controls of menus, which write it themselves only while their menu is open."""
    usual = _usual_values(space, proxy) | {name: field_bounds(name).default for name in RECIPE_PARTS}
    usual |= dict.fromkeys(BOUNDS) | dict.fromkeys(CONSTRAINTS, ())
    for name, default in usual.items():
        value = values.get(name, default)
        texts = [] if value == default else [*map(str, value)] if name in CONSTRAINTS else [str(value)]
        links.keep_in_link(name, texts)
    if not any(name in st.query_params for name in ADDRESS_PARTS):
        links.keep_in_link(BOUNDS[0], [NO_BOUND])


def _draw_chips(space: SearchSpace, limits: Mapping[str, Any]) -> None:
    """Draw what bounds the answer, each with the way to let go of it."""
    texts = {name: f"≤ {amount_words(name, limits[name])}" for name in BOUNDS if limits[name] is not None}
    for key in CONSTRAINTS:
        if places := limits[key]:
            words = _place_words(space, places[0]) if len(places) == 1 else str(len(places))
            texts[key] = f"{key.capitalize()}: {words}"
    for key, text in texts.items():
        st.button(
            text,
            icon=":material/close:",
            icon_position="right",
            key=f"chip {key}",
            help="Take this limit away.",
            on_click=set_widgets,
            args=[{key: [] if key in CONSTRAINTS else None}],
        )


def amount_words(name: str, value: float) -> str:
    """Return an upper bound, by its name, as it stands on a chip."""
    match name:
        case "max_params":
            return f"{value / 1e6:.4g} M params"
        case "max_macs":
            return f"{value / 1e6:.4g} M MACs"
        case _:
            return f"{value:g} ms"


def _place_words(space: SearchSpace, text: str) -> str:
    place = parse_edge_operation(text, space)
    return f"{get_operation(place.operation).title} on {space.edge_name(place.edge)}"


def toggle_constraint(key: str, text: str) -> None:
    """Add an operation on an edge to those that are `pinned` or `banned`, or take it away."""
    texts = list(widget_value(key, []))
    set_widgets({key: [other for other in texts if other != text] if text in texts else [*texts, text]})


def _choose_space() -> SearchSpace:
    """Draw the choice of a space; of another one than before, the controls ask at its own size and without limits."""
    explore, space = state(ExploreState), space_picker.choose_space(width=200)
    if explore.space not in (None, space.reference):
        set_widgets(space.search_size._asdict() | {key: [] for key in CONSTRAINTS} | dict.fromkeys(BOUNDS))
    explore.space = space.reference
    return space


def _adopt_proxy() -> None:
    """Let the controls ask about the proxy that was just chosen, as its default recipe does."""
    proxy = PROXIES[widget_value("proxy")]
    set_widgets(
        {
            "recipe": next(iter(proxy.recipes)),
            "field": proxy.fixed.get("field", field_bounds("field").default),
            "dtype": _precision(proxy),
        }
    )


def _choose_proxy() -> Proxy:
    """Draw the choice of the score of operations, and tell what it needs."""
    summaries = "\n".join(f"- **{proxy.title}**: {proxy.summary} ({proxy.source})" for proxy in PROXIES.values())
    name = st.selectbox(
        "Score",
        list(PROXIES),
        key="proxy",
        bind="query-params",
        persist_state="session",
        on_change=_adopt_proxy,
        format_func=lambda name: PROXIES[name].title,
        help=f"The proxy that scores operations.\n{summaries}",
        width=150,
    )
    return PROXIES.get(name) or PROXIES["freeflow"]


def _image_controls(proxy: Proxy) -> dict[str, Any]:
    """Draw the batch of images, for a proxy that looks at some."""
    if not proxy.needs_data:
        return {}
    needs = [noun for noun, needed in (("images", proxy.needs_data), ("labels", proxy.needs_labels)) if needed]
    st.caption(f"{proxy.title} needs {' and '.join(needs)}. Gaussian noise has none: its labels are random.")
    return {
        "data": _segments("data", "Images", DATA, "Gaussian noise, white or smooth, or the digits of scikit-learn."),
        "batch": _number("batch", "Batch", "How many images the proxy looks at."),
    }


def _choose_recipe(proxy: Proxy) -> str:
    options = [*proxy.recipes, CUSTOM]
    if widget_value("recipe") not in (None, *options):
        forget_widget("recipe")
    recipe = st.selectbox(
        "Recipe",
        options,
        key="recipe",
        width=130,
        bind="query-params",
        persist_state="session",
        help=(
            "**synaptic**: batch norm bypassed, α = 1, pruned iteratively. "
            "**released**: batch norm in training mode, α = 10⁻³·|noise|, one-shot, as in the authors' public code. "
            "**plain**, of proxies that look at a network as it is trained: batch norm in training mode, α = 1, "
            "one-shot. **custom**: choose the parts below. The recipe decides the outcome more than the seed does."
        ),
    )
    return str(recipe)


def _supernet_controls(space: SearchSpace, proxy: Proxy) -> dict[str, Any]:
    size = space.search_size
    widths = "Channels at the start of the network (even); all widths are in proportion."
    pixels = "Pixels on a side of the images, or of the image of ones."
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sizes = {
            "channels": _multiple("channels", "Channels", size.channels, widths),
            "cells": _number("cells", "Cells", f"{space.cells_meaning.capitalize()}.", space.cells_range, size.cells),
            "image_size": _multiple("image_size", "Image size", field_bounds("image_size").default, pixels),
        }
    return sizes | {"field": _choose_field(proxy)}


def _choose_field(proxy: Proxy) -> str:
    fixed = proxy.fixed.get("field")
    return _segments(
        "field",
        "Field",
        field_bounds("field").choices if fixed is None else [fixed],
        "**full**: the whole image, exact. **interior**: the closed form away from the border, where every "
        "feature map is constant and a kernel acts as the sum of its taps; many times faster.",
    )


def _pruning_controls(space: SearchSpace, proxy: Proxy, recipe: str) -> dict[str, Any]:
    if recipe == CUSTOM:
        parts = _part_controls(space)
    else:
        parts = {}
        recipe_parts = proxy.recipes.get(recipe, {}).items()
        values = ", ".join(f"{name} {value}" for name, value in recipe_parts if name in RECIPE_PARTS)
        st.caption(f"The recipe sets {values}. Choose the recipe *custom* to change them.")
    return parts | {"per_round": _number("per_round", "Pruned a round", "Operations pruned between two passes.")}


def _part_controls(space: SearchSpace) -> dict[str, Any]:
    """Draw the parts that a recipe stands for."""
    labels = {
        "normalisation": ("Normalisation", "Batch norm left out, or in training mode."),
        "alpha": ("α", "1, or 10⁻³·|N(0, 1)| drawn from the seed."),
        "method": (
            "Method",
            f"Score again after every round of pruning, or keep the best operation of every {space.edge_noun} at once.",
        ),
    }
    return {name: _segments(name, label, field_bounds(name).choices, help) for name, (label, help) in labels.items()}


def _constraint_controls(space: SearchSpace) -> dict[str, Any]:
    edge, cell = space.edge_noun, space.cell_noun
    st.caption(
        f"Of the derived network at its evaluation size. The best {cell} within them is found "
        + (f"by listing all {cell}s." if listable(space) else "by pruning least flow per cost, then exchanges.")
    )
    return {
        "max_params": _bound("max_params", "Most parameters", 100_000, "Such as 900000."),
        "max_macs": _bound("max_macs", "Most MACs", 10_000_000, "Multiply-accumulates of one 32² image."),
        "max_latency": _bound(
            "max_latency",
            "Longest latency (ms)",
            0.5,
            "Of one image on the device of the search; operations are measured once on it, which takes a while.",
        ),
        "pinned": _choose_places(
            "pinned",
            "Pinned operations",
            [text for text in candidate_operations(space) if text.split(":")[-1] in space.genotype_operations],
            f"Every {edge} keeps what is pinned to it. Select a field of the heatmap to pin it.",
        ),
        "banned": _choose_places(
            "banned", "Banned operations", candidate_operations(space), f"Operations that their {edge} must not have."
        ),
    }


def _bound(key: str, label: str, step: float, help: str) -> Any:
    low = int(field_bounds(key).low or 0) if isinstance(step, int) else _SHORTEST_LATENCY
    return st.number_input(
        label, low, None, None, step, key=key, help=help, placeholder="no bound", persist_state="session"
    )


def _choose_places(key: str, label: str, options: list[str], help: str) -> tuple[str, ...]:
    return tuple(st.multiselect(label, options, key=key, help=help, placeholder="none", persist_state="session"))


def _precision(proxy: Proxy) -> str:
    """Return the floating-point type that the default recipe of a proxy asks for."""
    return next(iter(proxy.recipes.values())).get("dtype", str(field_bounds("dtype").default))


def device_options(available: Iterable[str], named: Iterable[str | None]) -> list[str]:
    """Return the devices to choose from: those of the server, and those asked for by a link or a run, there or not."""
    return [*dict.fromkeys(["auto", *available, "cpu", *(name for name in named if name is not None)])]


def _choose_device() -> str:
    available = worker_devices()
    device = st.selectbox(
        "Device",
        device_options(available, [widget_value("device")]),
        key="device",
        persist_state="session",
        help="**auto** takes a CUDA GPU, then Apple's, then the CPU of the server.",
    )
    meant = next(iter(available), "") if device == "auto" else f"{device}:0" if device == "cuda" else device
    if meant in available:
        st.caption(plain(f"{meant}: {available[meant]}"))
    return device


def _device_controls(proxy: Proxy) -> dict[str, Any]:
    return {
        "device": _choose_device(),
        "dtype": _segments(
            "dtype",
            "Precision",
            field_bounds("dtype").choices,
            "Floating-point type of the passes. A proxy that rounding would spoil begins with float64.",
            _precision(proxy),
        ),
    }


def _ends(key: str) -> tuple[int, int]:
    bounds = field_bounds(key)
    return int(bounds.low or 0), int(bounds.high or 0)


def _number(
    key: str,
    label: str,
    help: str,
    ends: tuple[int, int] | None = None,
    default: int | None = None,
    width: int | Literal["stretch"] = "stretch",
    bind: Literal["query-params"] | None = None,
) -> int:
    """Draw a whole number, within the bounds of its field and with its default where these are not given."""
    low, high = ends or _ends(key)
    value = int(field_bounds(key).default) if default is None else default
    number = st.number_input(
        label, low, high, value, 1, key=key, bind=bind, help=help, width=width, persist_state="session"
    )
    return int(number or 0)


def _multiple(key: str, label: str, default: int, help: str) -> int:
    """Draw the choice of a number among the multiples that its field allows."""
    low, high = _ends(key)
    options = range(low, high + 1, int(field_bounds(key).step or 1))
    chosen = st.selectbox(label, options, options.index(default), key=key, help=help, persist_state="session")
    return int(chosen or default)


def _segments(key: str, label: str, options: Sequence[str], help: str, default: str | None = None) -> str:
    chosen = st.segmented_control(
        label,
        options,
        default=default or options[0],
        required=True,
        key=key,
        persist_state="session",
        help=help,
    )
    return str(chosen or options[0])
