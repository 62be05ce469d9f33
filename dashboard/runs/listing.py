"""The list of runs: filters, what can be done with those that are picked, and a page of the table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.runs.actions import action_bar
from dashboard.runs.controls import query_controls
from dashboard.runs.table import PAGE_ROWS, run_table
from dashboard.server.navigation import open_page
from dashboard.server.state import set_widgets, widget_value
from engine.runs import Filter

if TYPE_CHECKING:
    from engine.runs.store import RunStore


def run_listing(store: RunStore, total: int) -> None:
    """Draw the filters, the actions, and a page of the table of a store of `total` runs."""
    values = store.values()
    with st.sidebar:
        query = query_controls(values)
    count = store.count(query.filters) if query.filters != Filter() else total
    action_bar(query.filters, count, values["tags"])
    pages = max(1, math.ceil(count / PAGE_ROWS))
    page = min(int(widget_value("runs_page", 1)), pages)
    set_widgets({"runs_page": page})
    first = (page - 1) * PAGE_ROWS
    runs = store.find(query.filters, order=query.order, descending=query.descending, limit=PAGE_ROWS, offset=first)
    if runs:
        run_table(runs, query.order, query.descending)
    else:
        st.info("No run passes these filters.", icon=":material/filter_alt_off:")
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        whole = f" ({total:,} in all)" if count != total else ""
        st.caption(f"{first + 1:,} to {first + len(runs):,} of {count:,} run{'s' * (count > 1)}{whole}" if runs else "")
        if pages > 1:
            st.pagination(pages, key="runs_page")


def invitation() -> None:
    """Draw what stands in place of the table while there are no runs."""
    with st.container(border=True, horizontal_alignment="center", gap="medium"):
        st.space("small")
        st.markdown("#### :material/history: No runs yet", text_alignment="center")
        st.markdown(
            "Every search that ends is kept here, from this dashboard and from the command line: what was asked, what "
            "it found, and every score. Name it, tag it, compare it, and come back to it by its link.",
            text_alignment="center",
            width=560,
        )
        if st.button("Ask a question", icon=":material/grid_view:", key="ask"):
            open_page("explore")
        st.code("python -m engine search --space darts --recipe synaptic", language=None, wrap_lines=True, width=560)
        st.space("small")
