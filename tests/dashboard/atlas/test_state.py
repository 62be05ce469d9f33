"""The memory of a session for atlases."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.atlas.state import Viewpoint
from tests.waiting import PATIENCE


def test_a_choice_is_drawn_anew_unless_the_browser_made_it():
    view = Viewpoint()
    view.adopt(3)
    assert (view.chosen, view.drawings) == (3, 0)
    view.choose(4)
    assert (view.chosen, view.drawings) == (4, 1)


def test_a_row_that_is_offered_is_offered_until_one_is_chosen():
    view = Viewpoint()
    view.offer(7)
    assert (view.chosen, view.offered) == (7, 7)
    view.choose(7)
    assert (view.chosen, view.offered) == (7, None)


def test_a_second_mark_lets_go():
    view = Viewpoint()
    for row in (1, 2, 1, 3):
        view.mark(row)
    assert view.marked == [2, 3]


def test_the_browser_shows_a_lasso_and_forgets_it_with_the_next_drawing():
    view = Viewpoint()
    view.encircle([1, 2])
    assert (view.encircled, view.drawings) == ([1, 2], 0)
    view.encircle([])
    assert (view.encircled, view.drawings) == ([], 1)


def page(size, seeds):
    import streamlit as st

    from dashboard.atlas.request import AtlasRequest
    from dashboard.atlas.state import viewpoint
    from dashboard.parts.links import keep_in_link

    views = [viewpoint(AtlasRequest("darts", 1000, seed, 0), size) for seed in seeds]
    st.session_state["views"] = [(view.chosen, view.marked) for view in views]
    keep_in_link("mark", [str(row) for row in views[-1].marked])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, (None, [])),
        ({"row": "4", "mark": ["2", "1"]}, (4, [2, 1])),
        ({"row": "5", "mark": ["2", "2", "-1", "x", "²", "99999999"]}, (None, [2])),
    ],
)
def test_the_first_population_begins_with_the_rows_of_its_link_that_it_has(query, expected):
    at = AppTest.from_function(page, kwargs={"size": 5, "seeds": (0, 1, 0)}, default_timeout=PATIENCE)
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    assert at.session_state["views"] == [expected, (None, []), expected]


def test_rows_beyond_a_smaller_population_are_let_go():
    at = AppTest.from_function(page, kwargs={"size": 5, "seeds": (0,)}, default_timeout=PATIENCE)
    at.query_params["row"], at.query_params["mark"] = "4", ["1", "3"]
    at.run()
    smaller = AppTest.from_function(page, kwargs={"size": 3, "seeds": (0,)}, default_timeout=PATIENCE)
    smaller.session_state["AtlasState"] = at.session_state["AtlasState"]
    smaller.run()
    assert smaller.session_state["views"] == [(None, [1])]
    assert smaller.query_params["mark"] == "1"
