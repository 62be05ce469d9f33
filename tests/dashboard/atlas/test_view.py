"""The atlas on its page, drawn by itself over four cells."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.atlas.request import AtlasRequest
from tests.dashboard.atlas.conftest import CONVOLUTIONS, DEAD, MIXED, SKIPS
from tests.waiting import PATIENCE

REQUEST = AtlasRequest("nas-bench-201", 4, 0, 0)


def page(request, population, quantities, passing):
    from dashboard.atlas.view import atlas_view, rows_export

    atlas_view(request, population, quantities, passing, [])
    rows_export(population, quantities, passing)


@pytest.fixture
def at(population, quantities):
    quantities["params"] = replace(quantities["macs"], name="params", title="Parameters")
    fields = {"request": REQUEST, "passing": np.ones(4, dtype=bool)}
    fields |= {"population": population, "quantities": quantities}
    at = AppTest.from_function(page, kwargs=fields, default_timeout=PATIENCE)
    at.session_state["x"], at.session_state["y"] = "macs", "flow"
    at.run()
    assert not at.exception
    return at


def view(at):
    return at.session_state["AtlasState"].viewpoints[REQUEST.population_key]


def test_the_first_mark_is_offered_and_stays_out_of_the_link(at):
    assert at.code[0].value == CONVOLUTIONS
    assert at.number_input(key="atlas place").value == 1
    assert "row" not in at.query_params
    assert at.caption[0].value.startswith("3 of 4 shown.")
    assert "that no other beats in both" in at.caption[0].value


def test_a_choice_by_place_mark_or_notation_stands_in_the_link(at):
    at.number_input(key="atlas place").set_value(2).run()
    assert (at.code[0].value, at.query_params["row"]) == (MIXED, "2")
    at.selectbox(key="atlas mark").select("all skip").run()
    assert (at.code[0].value, at.query_params["row"]) == (SKIPS, "1")
    at.text_input(key="atlas notation").set_value(DEAD).run()
    assert (at.code[0].value, at.query_params["row"]) == (DEAD, "3")
    assert at.number_input(key="atlas place").value is None  # nothing flows: it has no place


def test_a_notation_that_is_not_there_is_said_until_another_is_written(at):
    at.text_input(key="atlas notation").set_value(SKIPS.replace("skip_connect~2", "none~2")).run()
    assert at.error[0].value.replace("\\", "").startswith("Not found: the sample does not hold this")
    assert at.code[0].value == CONVOLUTIONS
    at.text_input(key="atlas notation").set_value(" ").run()
    assert not at.error


def test_the_picture_is_drawn_anew_for_a_choice_that_the_browser_did_not_make(at):
    def figure():
        return json.loads(at.get("plotly_chart")[0].proto.spec)

    assert figure()["layout"]["meta"] == 0
    view(at).adopt(1)
    at.run()
    assert (figure()["layout"]["meta"], at.code[0].value) == (0, SKIPS)
    at.number_input(key="atlas place").set_value(2).run()
    assert figure()["layout"]["meta"] == 1


def test_a_lasso_is_kept_and_a_click_beside_lets_go_of_it(at):
    from dashboard.atlas import view as atlas

    def adopt(points, lasso=()):
        selection = SimpleNamespace(points=points, lasso=lasso, box=[])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(atlas, "widget_value", lambda key: SimpleNamespace(selection=selection))
            atlas._adopt_selection(view(at))
        at.run()

    adopt([{"customdata": 2}, {"customdata": [0]}], [{}])
    assert any("2 cells in the lasso" in each.value for each in at.markdown)
    adopt([{"customdata": 1}])
    assert (at.code[0].value, view(at).encircled) == (SKIPS, [0, 2])
    adopt([])
    assert view(at).encircled == []


def test_all_rows_are_files(at):
    assert not at.get("download_button")
    at.session_state["rows export"] = True
    at.run()
    assert [each.label for each in at.get("download_button")] == ["All rows, CSV", "All rows, Parquet"]
