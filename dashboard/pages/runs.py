"""Runs: every search that ended here, to find, describe, open, compare, export and import."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import runs, runs_actions, runs_view
from dashboard.text import plain
from engine.runs import Filter, StoreUnavailable

if TYPE_CHECKING:
    from engine.runs.store import RunStore


def listing(store: RunStore, total: int) -> None:
    """The filters, what can be done, and a page of the table."""
    values = store.values()
    with st.sidebar:
        wanted, order, falling = runs_view.asked(values)
    count = store.count(wanted) if wanted != Filter() else total
    runs_actions.actions(wanted, count, values["tags"])
    pages = max(1, math.ceil(count / runs_view.ROWS))
    page = min(int(st.session_state.get("runs_page", 1)), pages)
    st.session_state.runs_page = page
    first = (page - 1) * runs_view.ROWS
    found = store.find(wanted, order=order, descending=falling, limit=runs_view.ROWS, offset=first)
    if found:
        runs_view.table(found, order, falling)
    else:
        st.info("No run passes these filters.", icon=":material/filter_alt_off:")
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        whole = f" ({total:,} in all)" if count != total else ""
        st.caption(
            f"{first + 1:,} to {first + len(found):,} of {count:,} run{'s' * (count > 1)}{whole}" if found else ""
        )
        if pages > 1:
            st.pagination(pages, key="runs_page")


with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    st.markdown("#### Runs")
    importing = st.container(width="content")

try:
    if run_id := st.session_state.pop("run to open", ""):
        st.switch_page("dashboard/pages/explore.py", query_params={runs.LINK: run_id})
    kept = runs.store()
    with importing:
        runs_actions.importer()
    runs_actions.messages()
    if there := kept.count():
        listing(kept, there)
    else:
        runs_view.invitation()
except (StoreUnavailable, ValueError) as error:
    st.error(plain(f"The runs cannot be shown: {error}."), icon=":material/error:")
    st.caption("Searching works all the same; what is found is not kept until this is mended.")
