"""Runs: every search that ended here, to find, describe, open, compare, export and import."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.parts.text import plain
from dashboard.runs import actions, table
from dashboard.server import run_store
from engine.runs import Filter, StoreUnavailable

if TYPE_CHECKING:
    from engine.runs.store import RunStore


def listing(store: RunStore, total: int) -> None:
    """The filters, what can be done, and a page of the table."""
    values = store.values()
    with st.sidebar:
        wanted, order, falling = table.asked(values)
    count = store.count(wanted) if wanted != Filter() else total
    actions.actions(wanted, count, values["tags"])
    pages = max(1, math.ceil(count / table.ROWS))
    page = min(int(st.session_state.get("runs_page", 1)), pages)
    st.session_state.runs_page = page
    first = (page - 1) * table.ROWS
    found = store.find(wanted, order=order, descending=falling, limit=table.ROWS, offset=first)
    if found:
        table.table(found, order, falling)
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
        st.switch_page("dashboard/pages/explore.py", query_params={run_store.LINK: run_id})
    kept = run_store.store()
    with importing:
        actions.importer()
    actions.messages()
    if there := kept.count():
        listing(kept, there)
    else:
        table.invitation()
except (StoreUnavailable, ValueError) as error:
    st.error(plain(f"The runs cannot be shown: {error}."), icon=":material/error:")
    st.caption("Searching works all the same; what is found is not kept until this is mended.")
