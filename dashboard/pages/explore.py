"""Explore: ask a question, watch the search, look at what every operation is worth beside the cell that was found."""

import streamlit as st

from dashboard import controls, limits, runs, state, tables
from dashboard.results import result_view
from dashboard.runs_view import opened_view
from dashboard.seeds import seeds_view
from dashboard.text import plain

runs.follow_link()
with st.sidebar:
    config = controls.question()
    current = state.job()
    searching = current is not None and current.active
    with st.container(horizontal=True):
        disabled = config is None or searching or bool(limits.check(state.search_of(config)))
        if st.button("Search", type="primary", icon=":material/search:", disabled=disabled, key="search"):
            if config is not None:
                state.start(state.search_of(config))
            st.rerun()
        st.button("Stop", icon=":material/stop_circle:", disabled=not searching, key="stop", on_click=state.stop)
    table = tables.chosen(config.space) if config is not None else None

asked = {} if config is None else {state.SEARCHING: state.search_of(config), state.PREVIEWING: state.preview_of(config)}
for role, task in asked.items():
    if failure := state.failure(role, task):
        st.error(plain(f"The {role} ended without a result: {failure}"), icon=":material/error:")

if config is not None and (warning := state.warning(state.SEARCHING, state.search_of(config))):
    st.warning(plain(f"This run was not kept: {warning}."), icon=":material/warning:")

shown = state.shown(config)
opened_view(config)
result_view(shown, config, table)
if config is not None:
    seeds_view(config)
