import json

import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.parts.plain_figure import PlainFigure
from tests.waiting import PATIENCE


def page(figure, tools):
    from dashboard.parts.chart import chart

    chart(figure, "some curves", "Two curves", tools, on_select=(lambda: None) if tools else None)


@pytest.mark.parametrize("figure", [go.Figure(go.Scatter(y=[1, 2])), PlainFigure([{"type": "scatter", "y": [1]}], {})])
@pytest.mark.parametrize("tools", [(), ("zoom2d", "lasso2d")])
def test_a_chart_has_a_camera_for_its_own_buttons_and_the_tools_asked_for(figure, tools):
    at = AppTest.from_function(page, kwargs={"figure": figure, "tools": tools}, default_timeout=PATIENCE).run()
    assert not at.exception
    drawn = at.get("plotly_chart")[0].proto
    assert drawn.alt == "Two curves"
    assert [name for group in json.loads(drawn.config)["modeBarButtons"] for name in group] == ["toImage", *tools]
