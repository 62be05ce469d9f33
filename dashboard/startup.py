"""What a server does once, before its first page."""

from __future__ import annotations

import pandas as pd  # noqa: F401  (see warm_up)
import streamlit as st

from dashboard import charts, state
from dashboard.examples import example_of
from dashboard.graph import selected_arrows
from dashboard.toy import Toy
from engine.drawing import cell_dot, render_svg


@st.cache_resource(show_spinner="Starting …")
def warm_up() -> None:
    """Start the workers, and draw once.

    Plotly, pandas and Graphviz load on first use, which must not happen in the threads of two sessions at once: plotly
    looks into a pandas that another thread is still importing.
    """
    state.jobs(searching=True)
    state.jobs(searching=False)
    result = example_of("nas-bench-201")
    view = charts.View(result, result.space.cell_types[0])
    charts.heatmap(view, charts.Choice(0, None)).to_json()
    charts.toy_bars(Toy(1, 1)).to_json()
    render_svg(cell_dot(result.space, view.kind, selected_arrows(view, everything=False)))
