import json

import numpy as np
import pytest

from dashboard.atlas import charts
from dashboard.atlas.charts import Mark, Picture
from dashboard.atlas.quantities import Quantity

ACROSS = np.array([1.0, 2.0, 2.0, 3.0, 4.0, 5.0])
UP = np.array([10.0, 30.0, 20.0, 30.0, 50.0, -np.inf])
COLOUR = np.array([0.5, np.nan, 0.1, 0.2, 0.3, 0.4])


def picture(**parts):
    plain = {
        "x": Quantity("macs", "MACs", "M", ACROSS, cost=True),
        "y": Quantity("flow", "log-flow", "log R", UP),
        "colour": Quantity("accuracy", "Accuracy", "%", COLOUR),
        "passing": np.array([True, True, True, True, False, True]),
    }
    return Picture(**(plain | parts))


def traces(drawn):
    """What is drawn by its name, but for the images of the marks."""
    return {trace.name: trace for trace in charts.scatter(drawn).data if trace.hoverinfo != "skip"}


def fronts(drawn):
    return {trace.name: trace for trace in charts.scatter(drawn).data if trace.mode == "lines"}


def test_every_point_drawn_has_its_numbers_and_its_row():
    named = traces(picture())
    assert set(named) == {"", "no Accuracy"}
    for name, rows in (("", [0, 2, 3]), ("no Accuracy", [1])):
        assert named[name].customdata.tolist() == rows
        np.testing.assert_array_equal(named[name].x, ACROSS[rows].astype(np.float32))
        np.testing.assert_array_equal(named[name].y, UP[rows].astype(np.float32))
    np.testing.assert_array_equal(named[""].marker.color, COLOUR[[0, 2, 3]].astype(np.float32))
    assert all(trace.type == "scattergl" for trace in named.values())


def test_a_point_costs_fewer_than_thirty_bytes_on_the_wire():
    size = 20_000
    values = np.random.default_rng(0).normal(size=size)
    drawn = picture(
        x=Quantity("macs", "MACs", "M", values, cost=True),
        y=Quantity("flow", "log-flow", "log R", values),
        colour=Quantity("params", "Parameters", "M", values, cost=True),
        passing=np.ones(size, dtype=bool),
    )
    text = charts.scatter(drawn).to_json()
    assert len(text) < 30 * size
    points = next(trace for trace in json.loads(text)["data"] if trace["type"] == "scattergl")
    sent = {name: points[name]["dtype"] for name in ("x", "y", "customdata")}
    assert sent == {"x": "f4", "y": "f4", "customdata": "i4"}


def test_the_front_is_that_of_the_points_shown():
    line = fronts(picture(with_front=True))["Pareto front (2)"]
    assert (line.x.tolist(), line.y.tolist()) == ([1, 2], [10, 30])
    everything = picture(with_front=True, passing=np.ones(6, dtype=bool))
    assert fronts(everything)["Pareto front (3)"].y.tolist() == [10, 30, 50]
    assert "the 2 that no other beats in both (less MACs and more log-flow is better)" in charts.front_sentence(
        picture(with_front=True)
    )


def test_marks_are_drawn_where_their_architecture_is():
    marks = (Mark(3, "found", "star", "#fff"), Mark(4, "filtered out", "square", "#fff"), Mark(5, "no y", "x", "#fff"))
    named = traces(picture(marks=marks))
    assert "filtered out" not in named
    assert "no y" not in named
    found = named["found"]
    assert (found.x.tolist(), found.y.tolist(), found.customdata.tolist()) == ([3], [30], [3])
    assert (found.marker.symbol, found.showlegend) == ("star", None)
    image = charts.scatter(picture(marks=marks)).data[-1]
    assert (image.type, image.name, image.marker.symbol, image.x.tolist()) == ("scattergl", "found", "star", [3])
    assert "found" in charts.scatter_alt(picture(marks=marks))


def test_a_long_label_is_wrapped_so_that_a_narrow_legend_holds_it():
    label = "search (synaptic, seed 0) = highest log-flow = most parameters"
    trace = next(trace for trace in charts.scatter(picture(marks=(Mark(0, label, "star", "#fff"),))).data[2:])
    assert trace.name.replace("<br>", " ") == label
    assert max(map(len, trace.name.split("<br>"))) <= 46


@pytest.mark.parametrize("row", [0, 1, 2, 3])
def test_what_is_chosen_is_selected_where_it_stands(row):
    for trace in traces(picture(chosen=row)).values():
        rows = trace.customdata.tolist()
        assert list(trace.selectedpoints or ()) == ([rows.index(row)] if row in rows else [])


def test_what_has_no_place_is_not_drawn_as_chosen():
    for row in (None, 4, 5):
        assert all(trace.selectedpoints is None for trace in traces(picture(chosen=row)).values())


def test_another_drawing_is_another_figure():
    first, again, other = (charts.scatter(picture(drawings=number)).to_json() for number in (0, 0, 1))
    assert first == again
    assert first != other


def test_what_cannot_be_drawn_is_counted():
    assert charts.missing_sentence(picture()) == "Not drawn: 1 whose log-flow is −∞ (nothing flows)."
    accuracy = picture().colour
    assert charts.missing_sentence(picture(y=accuracy)) == "Not drawn: 1 whose Accuracy is not known."
    nothing = picture(y=accuracy, passing=np.zeros(6, dtype=bool))
    assert charts.missing_sentence(nothing) == ""
    assert charts.scatter_alt(nothing).startswith("An empty scatter")
    charts.scatter(nothing)


def test_axes_hover_and_alternative_text_name_quantities_and_units():
    drawn = picture()
    figure = charts.scatter(drawn)
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("MACs (M)", "log-flow (log R)")
    assert traces(drawn)[""].marker.colorbar.title.text == "Accuracy (%)"
    hover = traces(drawn)[""].hovertemplate
    assert all(part in hover for part in ("MACs %{x:", "log-flow %{y:", "Accuracy %{marker.color:"))
    assert "Scatter of 4 architectures: MACs 1 to 3 M across, log-flow 10 to 30 log R up" in charts.scatter_alt(drawn)


def test_accuracies_begin_at_the_fifth_percentile_and_errors_end_at_the_95th():
    every = np.ones(101, dtype=bool)
    accuracy = Quantity("accuracy", "Accuracy", "%", np.arange(101.0))
    error = Quantity("accuracy", "Error", "%", np.arange(101.0), lower_is_better=True)
    assert charts.axis_ends(accuracy, every) == (5, 100)
    assert charts.axis_ends(error, every) == (0, 95)
    assert charts.axis_ends(accuracy, np.arange(101) < 20) is None
    assert charts.axis_ends(Quantity("flow", "log-flow", "log R", np.arange(101.0)), every) is None
    flow = Quantity("flow", "log-flow", "log R", np.arange(101.0))
    drawn = picture(x=flow, y=accuracy, colour=error, passing=every)
    figure = charts.scatter(drawn)
    assert figure.layout.yaxis.range == pytest.approx((1.2, 103.8))
    assert figure.layout.xaxis.range is None
    assert (figure.data[0].marker.cmin, figure.data[0].marker.cmax) == (0, 95)
    assert charts.beyond_sentence(drawn) == "Beyond the axis: 5 with accuracy below 5 %; double-click to see all."
    assert charts.beyond_sentence(picture()) == ""


def test_spearman_stands_in_the_empty_corner_and_counts_what_nothing_flows_through():
    drawn = picture(passing=np.ones(6, dtype=bool))
    first, second = charts.scatter(drawn).layout.annotations[0], charts.scatter(picture()).layout.annotations[0]
    assert drawn.correlation == pytest.approx(1.25 / 17)  # of the ranks 1 2.5 2.5 4 5 6 and 2 4.5 3 4.5 6 1
    assert (first.text, first.xanchor) == ("<b>Spearman 0.07</b>", "right")
    assert (second.text, second.xanchor) == ("<b>Spearman −0.13</b>", "left")
    assert "Spearman 0.07." in charts.scatter_alt(drawn)
    assert not charts.scatter(picture(x=picture().y)).layout.annotations
