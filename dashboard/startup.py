"""What a server does once, before its first page."""

from __future__ import annotations

import pandas as pd  # noqa: F401  (see warm_up)
import streamlit as st

from dashboard.how_it_works.toy import Toy
from dashboard.parts import heatmap
from dashboard.parts.cell import selected_arrows
from dashboard.server import session
from dashboard.server.examples import example_of
from engine.exports.drawing import cell_dot, render_svg


@st.cache_resource(show_spinner="Starting …")
def warm_up() -> None:
    """Start the workers, and draw once.

    Plotly, pandas and Graphviz load on first use, which must not happen in the threads of two sessions at once: plotly
    looks into a pandas that another thread is still importing.
    """
    session.jobs(searching=True)
    session.jobs(searching=False)
    result = example_of("nas-bench-201")
    view = heatmap.View(result, result.space.cell_types[0])
    heatmap.heatmap(view, heatmap.Choice(0, None)).to_json()
    heatmap.toy_bars(Toy(1, 1)).to_json()
    render_svg(cell_dot(result.space, view.kind, selected_arrows(view, everything=False)))
