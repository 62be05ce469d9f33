"""The list of runs: filters, what can be done with those that are picked, and a page of the table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.runs.actions import action_bar, import_menu
from dashboard.runs.controls import query_controls
from dashboard.runs.state import RunsState
from dashboard.runs.table import PAGE_ROWS, run_table
from dashboard.server.navigation import open_page
from dashboard.server.state import set_widgets, state, widget_value
from engine.runs import Filter

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from engine.runs.store import RunStore


def run_listing(store: RunStore, total: int, bar: DeltaGenerator, top: DeltaGenerator) -> None:
    """Draw the filters in the place of the `bar`, the actions beside the title on `top`, and a page of the table."""
    values = store.values()
    with bar:
        query = query_controls(values)
    count = store.count(query.filters) if query.filters != Filter() else total
    pages = max(1, math.ceil(count / PAGE_ROWS))
    page = min(int(widget_value("runs_page", 1)), pages)
    set_widgets({"runs_page": page})
    first = (page - 1) * PAGE_ROWS
    runs = store.find(query.filters, order=query.order, descending=query.descending, limit=PAGE_ROWS, offset=first)
    with top:
        st.markdown(listing_words(count, total, len(state(RunsState).picked)), width="stretch")
        with st.container(horizontal=True, vertical_alignment="center", width="content", key="actions"):
            action_bar(query.filters, count, values["tags"])
            import_menu()
    if runs:
        run_table(runs, query.order, query.descending)
    else:
        st.info("No run passes these filters.", icon=":material/filter_alt_off:")
    if pages > 1:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.caption(f"{first + 1:,} to {first + len(runs):,} of {count:,} runs")
            st.pagination(pages, key="runs_page")


def listing_words(count: int, total: int, picked: int) -> str:
    """Return how many runs pass the filters of how many, and how many are chosen."""
    runs = f"{count:,} of {total:,} runs" if count != total else f"{total:,} run{'s' * (total != 1)}"
    return f"{runs}, **{picked:,} chosen**" if picked else runs


def invitation() -> None:
    """Draw what stands in place of the table while there are no runs."""
    with st.container(border=True, horizontal_alignment="center", gap="medium"):
        st.space("small")
        st.header("No runs yet", anchor=False, text_alignment="center")
        st.markdown(
            "Every search that ends is kept here, from this dashboard and from the command line: what was asked, what "
            "it found, and every score. Name it, tag it, compare it, and come back to it by its link.",
            text_alignment="center",
            width=560,
        )
        if st.button("Start a search", icon=":material/search:", key="ask"):
            open_page("explore")
        st.code("freenas search --space darts --recipe synaptic", language=None, wrap_lines=True, width=560)
        st.space("small")
