"""A question in the address bar: the link that holds it, and what is wrong with one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from dashboard.parts import links, space_picker
from engine import PROXIES, SearchConfig, explain
from engine.searches.config import CUSTOM

RECIPE_PARTS = ("normalisation", "alpha", "method")
"""The parts of a question that its recipe sets."""
CONSTRAINTS = ("pinned", "banned")
"""The parts of a question that are lists of operations on edges."""
BOUNDS = ("max_params", "max_macs", "max_latency")
"""The parts of a question that bound the cost of its answer."""
NO_BOUND = "none"
"""The value of a bound in an address that asks for none, where one without any part asks the first question."""
MENU_PARTS = (
    *("channels", "cells", "image_size", "field", "per_round", "device", "dtype", "data", "batch"),
    *RECIPE_PARTS,
    *CONSTRAINTS,
    *BOUNDS,
)
"""The parts of a question whose controls stand in menus, which write no address while they are closed."""
ADDRESS_PARTS = ("space", "proxy", "recipe", "seed", *MENU_PARTS)
"""The parts of a question that an address can hold."""
_FIELDS = SearchConfig.model_fields


def link_query(config: SearchConfig) -> dict[str, str | list[str]]:
    """Return the query parameters of a link to `config`, of no own space; a list stands for a repeated parameter."""
    hidden = set(RECIPE_PARTS) if config.recipe != CUSTOM else set()
    if not PROXIES[config.proxy].needs_data:
        hidden |= {"data", "batch"}
    values = {name: value for name, value in config.to_dict().items() if name not in hidden and value is not None}
    return {name: value if isinstance(value, list) else str(value) for name, value in values.items()}


def link_complaints(parameters: links.Parameters) -> dict[str, str]:
    """Return complaints about the parameters of a link, by name, each judged for the link's space, proxy and images."""
    query = {name: values[-1] for name, values in parameters.items() if values}
    context = _context(query)
    complaints = {name: _complaint(name, parameters[name], query, context) for name in query}
    return {name: complaint for name, complaint in complaints.items() if complaint}


def _complaint(name: str, values: list[str], query: Mapping[str, str], context: Mapping[str, Any]) -> str:
    value = query[name]
    if name == "space":
        return space_picker.space_rule(name, [value])
    if (name not in _FIELDS and name != "recipe") or (name, value) == ("recipe", CUSTOM):
        return ""
    if name in RECIPE_PARTS and query.get("recipe") != CUSTOM:
        return f"{name} is set by the recipe; the recipe {CUSTOM} lets a link choose it"
    try:
        SearchConfig.model_validate({**context, name: typed_value(name, values)})
    except ValueError as error:
        return explain(error)
    return ""


def _context(query: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters that decide which values the others may have, as far as they are there and valid."""
    space = space_picker.offered_spaces().get(query.get("space", ""))
    context = {} if space is None else {"space": space.reference}
    for name in ("proxy", "image_size"):
        if name in query:
            with suppress(ValueError):
                config = SearchConfig.model_validate(context | {name: typed_value(name, [query[name]])})
                context |= config.model_dump(include={name})
    return context


def typed_value(name: str, values: list[str]) -> Any:
    """Return the value of a parameter as the configuration takes it, or its text where it is no such value."""
    if name in CONSTRAINTS:
        return values
    value, field = values[-1], _FIELDS.get(name)
    if name in BOUNDS and value == NO_BOUND:
        return None
    if name == "max_latency":
        return float(value) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value) else value
    number = field is not None and field.annotation in (int, int | None)
    return int(value) if number and re.fullmatch(r"-?[0-9]{1,19}", value) else value
