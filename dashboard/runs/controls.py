"""The controls of the list of runs, in a bar: text, lists of values and order; each bound to the address bar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from dashboard.parts import links
from dashboard.server.state import set_widgets, widget_value
from engine.proxies import PROXIES
from engine.runs import ORDERS, Filter
from engine.spaces import SPACES

ORDER_TITLES = {
    "created": "Date",
    "name": "Name",
    "space": "Space",
    "proxy": "Score",
    "recipe": "Recipe",
    "seed": "Seed",
    "device": "Device",
    "seconds": "Seconds",
    "params": "Parameters",
    "macs": "MACs",
}
"""The titles of the orders of runs, which are those of their columns."""
_LISTS = {"spaces": "Space", "tags": "Tags", "proxies": "Score", "recipes": "Recipe", "devices": "Device"}
_WIDTH = 170
"""Pixels of a list, two of which stand side by side on a phone."""
_RARE = ("proxies", "recipes", "devices")
"""The lists that do not stand in the bar while they ask for nothing."""


class RunQuery(NamedTuple):
    """The filters that runs pass, and their order."""

    filters: Filter
    order: str
    descending: bool


def space_title(name: str) -> str:
    """Return the title of a space, by its name; one of a user's own is called by its name."""
    return SPACES[name].title if name in SPACES else name


def proxy_title(name: str) -> str:
    """Return the title of a proxy, by its name."""
    return PROXIES[name].title if name in PROXIES else name


_TITLES = {"spaces": space_title, "proxies": proxy_title}


def query_controls(values: Mapping[str, list[str]]) -> RunQuery:
    """Draw the filters, with the `values` of the runs in the store, in a bar; return what they ask for."""
    _mend_link(values)
    with st.container(horizontal=True, vertical_alignment="bottom", key="bar"):
        text = st.text_input(
            "Search",
            key="runs_text",
            bind="query-params",
            max_chars=200,
            icon=":material/search:",
            placeholder="name, note, tag, genotype …",
            help="Runs with all these words in their name, note, tags, genotype, space or id.",
            on_change=show_first_page,
            width=260,
        )
        telling = [name for name in _LISTS if len(values[name]) > (name != "tags")]
        idle = [name for name in telling if name in _RARE and not _is_asked(name)]
        lists = {name: _list_filter(name, values[name]) for name in telling if name not in idle}
        order = st.selectbox(
            "Sort by",
            ORDERS,
            key="runs_order",
            bind="query-params",
            format_func=ORDER_TITLES.__getitem__,
            on_change=show_first_page,
            help="A click on the head of a column does the same, a second one turns the order around.",
            width=150,
        )
        rising = st.toggle("Ascending", key="runs_rising", bind="query-params", on_change=show_first_page)
        if idle:
            with st.popover("More", icon=":material/tune:", key="more"):
                lists |= {name: _list_filter(name, values[name]) for name in idle}
    query = RunQuery(Filter(text or "", **lists), order or ORDERS[0], not rising)
    links.warn_of_link("runs", query)
    return query


def _mend_link(values: Mapping[str, list[str]]) -> None:
    rules = {f"runs_{name}": links.some_of(values[name]) for name in _LISTS}
    rules |= {"runs_order": links.one_of(ORDERS), "runs_rising": links.one_of(["true", "false"])}
    titles = {f"runs_{name}": {value: title(value) for value in values[name]} for name, title in _TITLES.items()}
    links.mend_link("runs", links.checker(rules), {"runs_order": ORDER_TITLES, **titles})


def _is_asked(name: str) -> bool:
    """Return True where a list asks for anything, in its control or in the link before that is drawn."""
    key = f"runs_{name}"
    return bool(widget_value(key, st.query_params.get_all(key)))


def _list_filter(name: str, options: list[str]) -> tuple[str, ...]:
    chosen = st.multiselect(
        _LISTS[name],
        options,
        key=f"runs_{name}",
        bind="query-params",
        format_func=_TITLES.get(name, str),
        placeholder="all",
        on_change=show_first_page,
        width=_WIDTH,
    )
    return tuple(chosen)


def show_first_page() -> None:
    """Begin with the first page of the table again."""
    set_widgets({"runs_page": 1})
