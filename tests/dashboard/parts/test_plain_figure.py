"""A plain figure is what Plotly's own would be, without its checks."""

import json

import numpy as np
import plotly.graph_objects as go
import plotly.io
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from streamlit.testing.v1 import AppTest

from dashboard.parts.plain_figure import PlainFigure
from tests.waiting import PATIENCE

TABLES = arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 4)), elements=st.floats(width=64))


@given(TABLES)
def test_the_numbers_of_an_array_stand_in_it_and_none_for_what_is_no_number(table):
    field = PlainFigure([{"type": "heatmap", "z": table}], {}).to_dict()["data"][0]
    assert field["type"] == "heatmap"
    expected = [[number if np.isfinite(number) else None for number in row] for row in table.tolist()]
    assert field["z"] == expected


@pytest.mark.parametrize("layout", [{}, {"title": {"text": "A title"}, "height": 300, "dragmode": False}])
def test_it_is_the_figure_that_plotly_would_make(layout):
    traces = [{"type": "scatter", "x": [1, 2], "y": [3.5, 4], "mode": "markers", "marker": {"size": [5, 6]}}]
    checked = json.loads(plotly.io.to_json(go.Figure(traces, layout)))
    assert json.loads(plotly.io.to_json(PlainFigure(traces, layout).to_dict(), validate=False)) == checked


def _page():
    import streamlit as st

    from dashboard.parts.plain_figure import PlainFigure

    st.plotly_chart(PlainFigure([{"type": "scatter", "x": [1], "y": [2]}], {"title": {"text": "drawn"}}))


def test_streamlit_draws_it_without_asking_plotly(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a figure was checked")

    monkeypatch.setattr(go.Scatter, "__init__", refuse)
    (chart,) = AppTest.from_function(_page, default_timeout=PATIENCE).run().get("plotly_chart")
    spec = json.loads(chart.proto.spec)
    assert (spec["data"], spec["layout"]["title"]) == ([{"type": "scatter", "x": [1], "y": [2]}], {"text": "drawn"})
