"""The controls of the list of runs: text, lists of values and order; each bound to the address bar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from dashboard.parts import links
from dashboard.server.state import set_widgets
from engine.runs import ORDERS, Filter

ORDER_TITLES = {
    "created": "Kept (UTC)",
    "name": "Name",
    "space": "Space",
    "proxy": "Proxy",
    "recipe": "Recipe",
    "seed": "Seed",
    "device": "Device",
    "seconds": "Seconds",
    "params": "Parameters",
    "macs": "MACs",
}
"""The titles of the orders of runs, which are those of their columns."""
_LISTS = {"spaces": "Spaces", "proxies": "Proxies", "recipes": "Recipes", "devices": "Devices", "tags": "Tags"}


class RunQuery(NamedTuple):
    """The filters that runs pass, and their order."""

    filters: Filter
    order: str
    descending: bool


def query_controls(values: Mapping[str, list[str]]) -> RunQuery:
    """Draw the filters, with the `values` of the runs in the store; return what they ask for."""
    rules = {f"runs_{name}": links.some_of(values[name]) for name in _LISTS}
    rules |= {"runs_order": links.one_of(ORDERS), "runs_rising": links.one_of(["true", "false"])}
    links.mend_link("runs", links.checker(rules), {"runs_order": ORDER_TITLES})
    text = st.text_input(
        "Look for",
        key="runs_text",
        bind="query-params",
        max_chars=200,
        icon=":material/search:",
        placeholder="name, note, tag, genotype …",
        on_change=show_first_page,
    )
    telling = {name: title for name, title in _LISTS.items() if len(values[name]) > (name != "tags")}
    lists = {name: _list_filter(name, title, values[name]) for name, title in telling.items()}
    order = st.selectbox(
        "Sort by",
        ORDERS,
        key="runs_order",
        bind="query-params",
        format_func=ORDER_TITLES.__getitem__,
        on_change=show_first_page,
        help="A click on the head of a column does the same, a second one turns the order around.",
    )
    rising = st.toggle("Least first", key="runs_rising", bind="query-params", on_change=show_first_page)
    query = RunQuery(Filter(text, **lists), order or ORDERS[0], not rising)
    links.warn_of_link("runs", query)
    return query


def _list_filter(name: str, title: str, options: list[str]) -> tuple[str, ...]:
    key = f"runs_{name}"
    return tuple(
        st.multiselect(title, options, key=key, bind="query-params", placeholder="all", on_change=show_first_page)
    )


def show_first_page() -> None:
    """Begin with the first page of the table again."""
    set_widgets({"runs_page": 1})
