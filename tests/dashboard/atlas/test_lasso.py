"""Several architectures at once."""

from types import SimpleNamespace

import numpy as np
from streamlit.testing.v1 import AppTest

from dashboard.atlas.lasso import best_rows, lasso_rows
from dashboard.atlas.quantities import Quantity
from dashboard.atlas.state import Viewpoint
from tests.dashboard.conftest import texts
from tests.waiting import PATIENCE


def selection(*rows, lasso=True):
    points = [{"x": 1.0}, *({"customdata": row} for row in rows)]
    return SimpleNamespace(points=points, lasso=[{}] if lasso else [], box=[])


def test_rows_in_a_lasso_stand_once_and_a_click_is_none():
    assert lasso_rows(selection([3], 1, 3)) == [1, 3]
    assert lasso_rows(selection()) == []
    assert lasso_rows(selection(2, lasso=False)) is None
    assert lasso_rows(selection(2, -1, "x", [], [[1]], None, {}, 1.5)) == [2]


def test_the_best_are_compared_where_there_are_too_many():
    y = Quantity("macs", "MACs", "M", np.arange(30.0), cost=True)
    assert best_rows(y, np.array([4, 2])).tolist() == [4, 2]
    assert best_rows(y, np.arange(5, 30)).tolist() == [*range(5, 17)]


def page(population, quantities, view):
    from dashboard.atlas.lasso import lasso_view

    lasso_view(population, quantities, quantities["flow"], view)


def test_what_is_encircled_can_be_taken_away_and_compared(population, quantities):
    view = Viewpoint(encircled=[1, 2])
    fields = {"population": population, "quantities": quantities, "view": view}
    at = AppTest.from_function(page, kwargs=fields, default_timeout=PATIENCE).run()
    assert any("2 cells in the lasso" in text for text in texts(at))
    assert [each.label for each in at.get("download_button")] == ["Genotypes, CSV", "Genotypes, JSON"]
    assert at.button(key="compare lasso").label == "Compare these 2"
    at.button(key="compare lasso").click().run()
    assert at.button(key="compare lasso opens").label == "Compare 2"
    at.button(key="clear lasso").click().run()
    assert not at.markdown
