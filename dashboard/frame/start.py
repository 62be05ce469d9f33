"""The start of a server and of a session: workers and drawing warmed up, variables read, a login asked for."""

from __future__ import annotations

import gc

import pandas as pd  # noqa: F401  (see warm_up)
import streamlit as st

from dashboard.explore.picture import PictureLook, picture
from dashboard.parts.plain_figure import PlainFigure
from dashboard.parts.text import plain
from dashboard.server import limits, session
from dashboard.server.examples import example_of


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


@st.cache_resource(show_spinner="Starting …")
def warm_up() -> None:
    """Start the workers, draw once, and let the collector of garbage pass over all that is there by then.

    Plotly, pandas and Graphviz load on first use, which must not happen in the threads of two sessions at once: plotly
    looks into a pandas that another thread is still importing.
    """
    session.job_queue(session.LONG)
    session.job_queue(session.QUICK)
    picture(PictureLook(example_of("nas-bench-201")))
    PlainFigure([], {}).to_json()
    gc.collect()
    gc.freeze()
