"""Explore: ask a question, watch the search, look at what every operation is worth beside the cell that was found."""

import streamlit as st

from dashboard import controls, state
from dashboard.progress import watch
from dashboard.results import result_view

with st.sidebar:
    config = controls.question()
    current = state.job()
    searching = current is not None and current.active
    with st.container(horizontal=True):
        if st.button(
            "Search", type="primary", icon=":material/search:", disabled=config is None or searching, key="search"
        ):
            if config is not None:
                state.start(config)
            st.rerun()
        if st.button("Stop", icon=":material/stop_circle:", disabled=not searching, key="stop"):
            state.stop()
            st.rerun()
    if current is not None and searching:
        watch(current)

if failure := state.failure():
    st.error(f"The search ended without a result: {failure}", icon=":material/error:")

result_view(state.shown(config), config)
