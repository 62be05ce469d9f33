"""The start of a server and of a session: workers and drawing warmed up, variables read, a login asked for."""

from __future__ import annotations

import gc

import pandas as pd  # noqa: F401  (see warm_up)
import streamlit as st

from dashboard.learn.toy import Toy, toy_bars
from dashboard.parts import heatmap
from dashboard.parts.cell import selected_arrows
from dashboard.parts.text import plain
from dashboard.parts.view import Selection, View
from dashboard.server import limits, session
from dashboard.server.examples import example_of
from engine.exports.drawing import cell_dot, render_svg


def enter() -> None:
    """Stop the page while a variable of the server cannot be read, or a login is set up (`[auth]`) and missing."""
    if complaint := limits.setup_complaint():
        st.error(plain(complaint), icon=":material/error:")
        st.stop()
    if (logged_in := st.user.get("is_logged_in")) is None:
        return
    if not logged_in:
        st.markdown("#### FreeNAS")
        st.button("Log in", icon=":material/login:", key="log in", on_click=st.login)
        st.stop()
    st.sidebar.button("Log out", icon=":material/logout:", key="log out", on_click=st.logout)


@st.cache_resource(show_spinner="Starting …")
def warm_up() -> None:
    """Start the workers, draw once, and let the collector of garbage pass over all that is there by then.

    Plotly, pandas and Graphviz load on first use, which must not happen in the threads of two sessions at once: plotly
    looks into a pandas that another thread is still importing.
    """
    session.job_queue(session.LONG)
    session.job_queue(session.QUICK)
    result = example_of("nas-bench-201")
    view = View(result, result.space.cell_types[0])
    heatmap.heatmap(view, Selection(0, None))
    toy_bars(Toy(1, 1)).to_json()
    render_svg(cell_dot(result.space, view.kind, selected_arrows(view, everything=False)))
    gc.collect()
    gc.freeze()
