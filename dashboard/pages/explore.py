"""Explore: ask a question, watch the search, look at what every operation is worth beside the cell that was found."""

import streamlit as st

from dashboard.explore.controls import question_controls
from dashboard.explore.opened import follow_link, opened_view
from dashboard.explore.result import result_view
from dashboard.explore.seeds import seeds_view
from dashboard.explore.shown import shown_result, start_search
from dashboard.parts import accuracy_table
from dashboard.parts.text import plain
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

if config is not None:
    tasks = {session.SEARCHING: session.search_task(config), session.PREVIEWING: session.preview_task(config)}
    for role, task in tasks.items():
        if failure := session.failure(role, task):
            st.error(plain(f"The {role} ended without a result: {failure}"), icon=":material/error:")
    if warning := session.warning(session.SEARCHING, tasks[session.SEARCHING]):
        st.warning(plain(f"This run was not kept: {warning}."), icon=":material/warning:")

shown = shown_result(config)
opened_view(config)
result_view(shown, config, table)
if config is not None:
    seeds_view(config)
