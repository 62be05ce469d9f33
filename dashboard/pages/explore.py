"""Explore: ask a question, watch the search, look at what every operation is worth beside the cell that was found."""

import streamlit as st

from dashboard.explore import controls
from dashboard.explore.result import result_view
from dashboard.explore.seeds import seeds_view
from dashboard.parts import accuracy_table
from dashboard.parts.text import plain
from dashboard.runs.table import opened_view
from dashboard.server import limits, run_store, session

run_store.follow_link()
with st.sidebar:
    config = controls.question()
    current = session.job()
    searching = current is not None and current.active
    with st.container(horizontal=True):
        disabled = config is None or searching or bool(limits.check(session.search_of(config)))
        if st.button("Search", type="primary", icon=":material/search:", disabled=disabled, key="search"):
            if config is not None:
                session.start(session.search_of(config))
            st.rerun()
        st.button("Stop", icon=":material/stop_circle:", disabled=not searching, key="stop", on_click=session.stop)
    table = accuracy_table.chosen(config.space) if config is not None else None

asked = (
    {}
    if config is None
    else {session.SEARCHING: session.search_of(config), session.PREVIEWING: session.preview_of(config)}
)
for role, task in asked.items():
    if failure := session.failure(role, task):
        st.error(plain(f"The {role} ended without a result: {failure}"), icon=":material/error:")

if config is not None and (warning := session.warning(session.SEARCHING, session.search_of(config))):
    st.warning(plain(f"This run was not kept: {warning}."), icon=":material/warning:")

shown = session.shown(config)
opened_view(config)
result_view(shown, config, table)
if config is not None:
    seeds_view(config)
