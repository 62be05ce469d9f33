"""Runs: every search that ended here, to find, edit, open, compare, export and import."""

import streamlit as st

from dashboard.parts.text import plain
from dashboard.runs.actions import action_messages, import_menu, pending_notice
from dashboard.runs.listing import invitation, run_listing
from dashboard.runs.state import take_run_to_open
from dashboard.server import run_store
from dashboard.server.navigation import open_page
from engine.runs import StoreUnavailable

bar = st.container()
top = st.container(horizontal=True, vertical_alignment="center", key="title")
top.title("Runs", anchor=False, width="content")
pending_notice()
try:
    if run_id := take_run_to_open():
        open_page("explore", {run_store.RUN_PARAMETER: run_id})
    store = run_store.store()
    action_messages()
    if total := store.count():
        run_listing(store, total, bar, top)
    else:
        with top:
            import_menu()
        invitation()
except (StoreUnavailable, ValueError) as error:
    st.error(plain(f"The runs cannot be shown: {error}."), icon=":material/error:")
    st.caption("Searching works all the same; what is found waits in the memory of the server until this is mended.")
