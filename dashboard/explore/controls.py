"""The controls that put a question together, each bound to the address bar, so that a link holds the whole question."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import streamlit as st

from dashboard.parts import links, space_picker
from dashboard.parts.text import plain
from dashboard.server import limits
from engine import PROXIES, SearchConfig, explain
from engine.common.errors import quoted
from engine.data.images import DATA
from engine.genotypes.population import listable
from engine.proxies import Proxy
from engine.searches.config import CUSTOM
from engine.searches.constraints import places
from engine.searches.search import SearchTask
from engine.spaces import SearchSpace

_FIELDS = SearchConfig.model_fields
_PARTS = ("normalisation", "alpha", "method")
_LISTS = ("pinned", "banned")
_DEVICES = ("auto", "cpu", "cuda", "mps")


def question() -> SearchConfig | None:
    """Draw the controls; the question they ask, or None with an error shown if it is not a valid one."""
    links.check("explore", complaints, {"proxy": {name: each.title for name, each in PROXIES.items()}})
    described = space_picker.choose(adopt=_adopt)
    chosen = _proxy()
    values: dict[str, Any] = {"space": described.reference, "seed": _seed(), "proxy": chosen.name}
    values |= {"recipe": _recipe(chosen)} | _images(chosen)
    values |= (
        _supernet(described, chosen)
        | _parts(described, chosen, values["recipe"])
        | _constraints(described)
        | _device(chosen)
    )
    links.warn("explore", values)
    try:
        config = SearchConfig.model_validate(values)
    except ValueError as error:
        st.error(plain(explain(error)))
        return None
    limits.refuses(SearchTask(config=config))
    return config


def link_query(config: SearchConfig) -> dict[str, str | list[str]]:
    """The query parameters of a link to `config`, of no own space; a list stands for a repeated parameter."""
    hidden = set(_PARTS) if config.recipe != CUSTOM else set()
    if not PROXIES[config.proxy].needs_data:
        hidden |= {"data", "batch"}
    values = {name: value for name, value in config.to_dict().items() if name not in hidden and value is not None}
    return {name: value if isinstance(value, list) else str(value) for name, value in values.items()}


def toggle_constraint(key: str, text: str) -> None:
    """Add an operation on an edge to those that are `pinned` or `banned`, or take it away."""
    now = list(st.session_state.get(key, []))
    st.session_state[key] = [each for each in now if each != text] if text in now else [*now, text]


def complaints(parameters: links.Parameters) -> dict[str, str]:
    """What is wrong with the parameters of a link, by name, each judged for the space, proxy and image size asked."""
    query = {name: values[-1] for name, values in parameters.items() if values}
    context = _context(query)
    found = {}
    for name, value in query.items():
        field = _FIELDS.get(name)
        if name == "space":
            if said := space_picker.known(name, [value]):
                found[name] = said
            continue
        if (field is None and name != "recipe") or (name, value) == ("recipe", CUSTOM):
            continue
        if name in _PARTS and query.get("recipe") != CUSTOM:
            found[name] = f"{name} is set by the recipe; the recipe {CUSTOM} lets a link choose it"
            continue
        try:
            SearchConfig.model_validate(context | {name: _typed(name, parameters[name])})
            if name == "device" and value not in _DEVICES:
                found[name] = f"device {quoted(value)} cannot be chosen here; allowed: {', '.join(_DEVICES)}"
        except ValueError as error:
            found[name] = explain(error)
    return found


def _context(query: Mapping[str, str]) -> dict[str, Any]:
    """What decides which values the other parameters of a link may have, as far as it is there and valid."""
    described = space_picker.offered().get(query.get("space", ""))
    found = {} if described is None else {"space": described.reference}
    for name in ("proxy", "image_size"):
        if name in query:
            with suppress(ValueError):
                found |= SearchConfig.model_validate(found | {name: _typed(name, [query[name]])}).model_dump(
                    include={name}
                )
    return found


def _typed(name: str, values: list[str]) -> Any:
    """The value of a parameter as the configuration takes it, or its text where it is no such value."""
    if name in _LISTS:
        return values
    value, field = values[-1], _FIELDS.get(name)
    if name == "max_latency":
        return float(value) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value) else value
    number = field is not None and field.annotation in (int, int | None)
    return int(value) if number and re.fullmatch(r"-?[0-9]{1,19}", value) else value


def _adopt(described: SearchSpace) -> None:
    """Let the controls ask about a space that was just chosen, at its own size and without constraints."""
    st.session_state.update(described.search_size._asdict() | {key: [] for key in _LISTS})


def _seed() -> int:
    return _number("seed", "Seed", 0, 2**32 - 1, 0, "Draws the weights of the supernet, and α where it is noise.")


def _proxy() -> Proxy:
    """The score of operations, and what it needs."""

    def adopt_recipe() -> None:
        chosen = PROXIES[st.session_state.proxy]
        st.session_state.recipe = next(iter(chosen.recipes))
        st.session_state.field = chosen.fixed.get("field", "full")
        st.session_state.dtype = _precision(chosen)

    name = st.selectbox(
        "Proxy",
        list(PROXIES),
        key="proxy",
        bind="query-params",
        on_change=adopt_recipe,
        format_func=lambda name: PROXIES[name].title,
        help="What an operation is scored by.\n"
        + "\n".join(f"- **{each.title}**: {each.summary} ({each.source})" for each in PROXIES.values()),
    )
    found = PROXIES.get(name) or PROXIES["freeflow"]
    needs = [what for what, needed in (("images", found.needs_data), ("labels", found.needs_labels)) if needed]
    if needs:
        st.caption(f"{found.title} needs {' and '.join(needs)}. Gaussian noise has none: its labels are random.")
    return found


def _images(proxy: Proxy) -> dict[str, Any]:
    """The batch of images, for a proxy that looks at some."""
    if not proxy.needs_data:
        return {}
    with st.expander("Images", icon=":material/image:"):
        return {
            "data": _segments("data", "Images", list(DATA), "Gaussian noise, or the digits of scikit-learn."),
            "batch": _number("batch", "Batch", 2, 256, 32, "How many images the proxy looks at."),
        }


def _recipe(proxy: Proxy) -> str:
    options = [*proxy.recipes, CUSTOM]
    if st.session_state.get("recipe") not in (None, *options):
        del st.session_state["recipe"]
    recipe = st.segmented_control(
        "Recipe",
        options,
        default=options[0],
        required=True,
        key="recipe",
        bind="query-params",
        help=(
            "**synaptic**: batch norm bypassed, α = 1, pruned iteratively. "
            "**released**: batch norm in training mode, α = 10⁻³·|noise|, one-shot, as in the authors' public code. "
            "**plain**, of proxies that look at a network as it is trained: batch norm in training mode, α = 1, "
            "one-shot. **custom**: choose the parts below. The recipe decides the outcome more than the seed does."
        ),
    )
    return str(recipe)


def _supernet(described: SearchSpace, proxy: Proxy) -> dict[str, Any]:
    low, high = described.cells_range
    size = described.search_size
    with st.expander("Supernet", icon=":material/layers:"):
        return {
            "channels": _choice(
                "channels",
                "Channels",
                range(4, 65, 2),
                size.channels,
                "Channels at the start of the network (even); all widths are in proportion.",
            ),
            "cells": _number("cells", "Cells", low, high, size.cells, f"{described.cells_meaning.capitalize()}."),
            "image_size": _choice(
                "image_size",
                "Image size",
                range(8, 65, 4),
                32,
                "Pixels on a side of the images, or of the image of ones.",
            ),
            "field": _field(proxy),
        }


def _field(proxy: Proxy) -> str:
    fixed = proxy.fixed.get("field")
    return _segments(
        "field",
        "Field",
        ["full", "interior"] if fixed is None else [fixed],
        "**full**: the whole image, exact. **interior**: the closed form away from the border, where every "
        "feature map is constant and a kernel acts as the sum of its taps; many times faster.",
    )


def _parts(described: SearchSpace, proxy: Proxy, recipe: Any) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    with st.expander("Pruning", icon=":material/content_cut:"):
        if recipe == CUSTOM:
            parts = {
                "normalisation": _segments(
                    "normalisation", "Normalisation", ["bypass", "batch"], "Batch norm left out, or in training mode."
                ),
                "alpha": _segments("alpha", "α", ["ones", "noise"], "1, or 10⁻³·|N(0, 1)| drawn from the seed."),
                "method": _segments(
                    "method",
                    "Method",
                    ["iterative", "one-shot"],
                    "Score again after every round of pruning, or keep the best operation of every "
                    f"{described.edge_noun} at once.",
                ),
            }
        else:
            listed = ", ".join(f"{name} {value}" for name, value in proxy.recipes.get(recipe, {}).items())
            st.caption(f"The recipe sets {listed}. Choose the recipe *custom* to change them.")
        parts["per_round"] = _number("per_round", "Pruned a round", 1, 64, 1, "Operations pruned between two passes.")
    return parts


def _constraints(described: SearchSpace) -> dict[str, Any]:
    edge, cell = described.edge_noun, described.cell_noun
    with st.expander("Budget and constraints", icon=":material/tune:"):
        st.caption(
            f"Bounds on the derived network at its evaluation size. The best {cell} within them is found "
            + (f"by listing all {cell}s." if listable(described) else "by pruning least flow per cost, then exchanges.")
        )
        return {
            "max_params": _bound("max_params", "Most parameters", 100_000, "Such as 900000."),
            "max_macs": _bound("max_macs", "Most MACs", 10_000_000, "Multiply-accumulates of one 32² image."),
            "max_latency": _bound(
                "max_latency",
                "Longest latency [ms]",
                0.5,
                "Of one image on the device of the search; operations are measured once on it, which takes a while.",
            ),
            "pinned": _places(
                "pinned",
                "Pinned operations",
                [text for text in places(described) if text.split(":")[-1] in described.genotype_operations],
                f"Every {edge} keeps what is pinned to it. Select a field of the heatmap to pin it.",
            ),
            "banned": _places(
                "banned", "Banned operations", places(described), f"Operations that their {edge} must not have."
            ),
        }


def _bound(key: str, label: str, step: float, text: str) -> Any:
    low = 1 if isinstance(step, int) else 0.001
    return st.number_input(
        label, low, None, None, step, key=key, bind="query-params", help=text, placeholder="no bound"
    )


def _places(key: str, label: str, options: list[str], text: str) -> tuple[str, ...]:
    return tuple(st.multiselect(label, options, key=key, bind="query-params", help=text, placeholder="none"))


def _precision(proxy: Proxy) -> str:
    """The floating-point type that the default recipe of a proxy asks for."""
    return next(iter(proxy.recipes.values())).get("dtype", "float32")


def _device(proxy: Proxy) -> dict[str, Any]:
    with st.expander("Device", icon=":material/memory:"):
        return {
            "device": st.selectbox(
                "Device",
                _DEVICES,
                key="device",
                bind="query-params",
                help="**auto** takes a CUDA GPU, then Apple's, then the CPU of the server.",
            ),
            "dtype": _segments(
                "dtype",
                "Precision",
                ["float32", "float64"],
                "Floating-point type of the passes. A proxy that rounding would spoil begins with float64.",
                _precision(proxy),
            ),
        }


def _number(key: str, label: str, low: int, high: int, value: int, text: str) -> int:
    return int(st.number_input(label, low, high, value, 1, key=key, bind="query-params", help=text) or 0)


def _choice(key: str, label: str, options: range, value: int, text: str) -> int:
    chosen = st.selectbox(label, options, options.index(value), key=key, bind="query-params", help=text)
    return int(chosen or value)


def _segments(key: str, label: str, options: list[str], text: str, value: str | None = None) -> str:
    return str(
        st.segmented_control(
            label,
            options,
            default=value or options[0],
            required=True,
            key=key,
            bind="query-params",
            help=text,
        )
        or options[0]
    )
