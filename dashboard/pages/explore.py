"""Explore: ask a question, watch the search, look at what every operation is worth beside the cell that was found."""

import streamlit as st

from dashboard.explore.answer import answer_view
from dashboard.explore.controls import question_controls
from dashboard.explore.opened import follow_link
from dashboard.explore.seeds import seeds_view
from dashboard.explore.shown import start_search
from dashboard.parts import accuracy_table
from dashboard.server import limits, session

follow_link()
with st.sidebar:
    config = question_controls()
    current = session.job()
    searching = current is not None and current.active
    with st.container(horizontal=True):
        disabled = config is None or searching or bool(limits.refusal(session.search_task(config)))
        if st.button("Search", type="primary", icon=":material/search:", disabled=disabled, key="search"):
            if config is not None:
                start_search(config)
            st.rerun()
        st.button("Stop", icon=":material/stop_circle:", disabled=not searching, key="stop", on_click=session.stop)
    table = accuracy_table.choose_column(config.space) if config is not None else None

answer_view(config, table)
if config is not None:
    seeds_view(config)
