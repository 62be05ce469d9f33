"""The controls that put a question together, each bound to the address bar, so that a link holds the whole question."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engine import RECIPES, SearchConfig, explain, spaces
from engine.config import CUSTOM
from engine.spaces import space as space_named

_FIELDS = SearchConfig.model_fields
_PARTS = ("normalisation", "alpha", "method")
_DEVICES = ("auto", "cpu", "cuda", "mps")


def question() -> SearchConfig | None:
    """Draw the controls; the question they ask, or None with an error shown if it is not a valid one."""
    complaint = _check_link()
    values: dict[str, Any] = {"space": _space(), "seed": _seed(), "recipe": _recipe()}
    values |= _supernet(values["space"]) | _parts(values["recipe"]) | _device()
    if complaint:
        st.warning(complaint, icon=":material/link_off:")
    try:
        return SearchConfig.model_validate(values)
    except ValueError as error:
        st.error(explain(error))
        return None


def link_query(config: SearchConfig) -> dict[str, str]:
    """The query parameters of a link to `config`."""
    values = config.to_dict()
    hidden = {"proxy"} | (set(_PARTS) if config.recipe != CUSTOM else set())
    return {name: str(value) for name, value in values.items() if name not in hidden}


def _check_link() -> str:
    """One sentence if the link that opened this session asks for what is not allowed, else nothing."""
    if "link_complaint" not in st.session_state:
        st.session_state.link_complaint = _complaint(st.query_params.to_dict())
    return str(st.session_state.link_complaint)


def _complaint(query: dict[str, str]) -> str:
    known = {name: value for name, value in query.items() if name in _FIELDS or name == "recipe"}
    space = {"space": known["space"]} if known.get("space") in spaces() else {}
    for name, value in known.items():
        field = _FIELDS.get(name)
        number = field is not None and field.annotation is int
        try:
            SearchConfig.model_validate(space | {name: _integer(value) if number else value})
        except ValueError as error:
            return f"This link was not understood in full: {explain(error)}. The default is used instead."
    return ""


def _integer(value: str) -> int | str:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 20 else value


def _space() -> str:
    def adopt_size() -> None:
        st.session_state.cells = space_named(st.session_state.space).search_size.cells

    return str(
        st.selectbox(
            "Search space",
            list(spaces()),
            key="space",
            bind="query-params",
            on_change=adopt_size,
            help="\n".join(f"- **{each.title}**: {each.summary} ({each.source})" for each in spaces().values()),
        )
    )


def _seed() -> int:
    return _number("seed", "Seed", 0, 2**32 - 1, 0, "Draws the weights of the supernet, and α where it is noise.")


def _recipe() -> str:
    recipe = st.segmented_control(
        "Recipe",
        [*RECIPES, CUSTOM],
        default="synaptic",
        required=True,
        key="recipe",
        bind="query-params",
        help=(
            "**synaptic**: batch norm bypassed, α = 1, pruned iteratively. "
            "**released**: batch norm in training mode, α = 10⁻³·|noise|, one-shot, as in the authors' public code. "
            "**custom**: choose the parts below. The recipe decides the outcome more than the seed does."
        ),
    )
    return str(recipe)


def _supernet(name: Any) -> dict[str, Any]:
    described = space_named(name) if name in spaces() else space_named("nas-bench-201")
    low, high = described.cells_range
    with st.expander("Supernet", icon=":material/layers:"):
        return {
            "channels": _number("channels", "Channels", 4, 64, 16, "Channels of the first cells (even).", step=2),
            "cells": _number(
                "cells", "Cells", low, high, described.search_size.cells, f"{described.cells_meaning.capitalize()}."
            ),
            "image_size": _number(
                "image_size",
                "Image size",
                8,
                64,
                32,
                "Pixels on a side of the all-ones image (a multiple of 4).",
                step=4,
            ),
            "field": _segments(
                "field",
                "Field",
                ["full", "interior"],
                "**full**: the whole image, exact. **interior**: the closed form away from the border, where every "
                "feature map is constant and a kernel acts as the sum of its taps; many times faster.",
            ),
        }


def _parts(recipe: Any) -> dict[str, Any]:
    custom = recipe == CUSTOM
    with st.expander("Pruning", icon=":material/content_cut:"):
        if not custom:
            st.caption("The recipe sets the first three; choose the recipe *custom* to change them.")
        shown = RECIPES.get(recipe, {})
        parts = {
            "normalisation": _segments(
                "normalisation",
                "Normalisation",
                ["bypass", "batch"],
                "Batch norm left out, or in training mode.",
                custom,
            ),
            "alpha": _segments("alpha", "α", ["ones", "noise"], "1, or 10⁻³·|N(0, 1)| drawn from the seed.", custom),
            "method": _segments(
                "method",
                "Method",
                ["iterative", "one-shot"],
                "Score again after every round of pruning, or keep the best operation of every edge at once.",
                custom,
            ),
        }
        if shown:
            st.caption(" · ".join(f"{name}: {value}" for name, value in shown.items()))
        per_round = _number("per_round", "Pruned a round", 1, 64, 1, "Operations pruned between two passes.")
    return ({} if not custom else parts) | {"per_round": per_round}


def _device() -> dict[str, Any]:
    with st.expander("Device", icon=":material/memory:"):
        return {
            "device": st.selectbox(
                "Device",
                _DEVICES,
                key="device",
                bind="query-params",
                help="**auto** takes a CUDA GPU, then Apple's, then the CPU of the server.",
            ),
            "dtype": _segments("dtype", "Precision", ["float32", "float64"], "Floating-point type of the passes."),
        }


def _number(key: str, label: str, low: int, high: int, value: int, text: str, step: int = 1) -> int:
    return int(st.number_input(label, low, high, value, step, key=key, bind="query-params", help=text) or 0)


def _segments(key: str, label: str, options: list[str], text: str, enabled: bool = True) -> str:
    return str(
        st.segmented_control(
            label,
            options,
            default=options[0],
            required=True,
            key=key,
            bind="query-params",
            help=text,
            disabled=not enabled,
        )
    )
