"""The list of runs, drawn by itself over a store of the test's own."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.runs import listing
from tests.dashboard.conftest import small, texts
from tests.waiting import PATIENCE


def page():
    import streamlit as st

    from dashboard.runs.listing import run_listing
    from dashboard.server.run_store import store

    run_listing(store(), store().count(), st.container(), st.container())


def run_list(**state):
    at = AppTest.from_function(page, default_timeout=PATIENCE)
    for name, value in state.items():
        at.session_state[name] = value
    at.run()
    assert not at.exception
    return at


@pytest.fixture
def three_runs(store, monkeypatch):
    monkeypatch.setattr(listing, "PAGE_ROWS", 2)
    return [store.add(small(seed)) for seed in range(3)]


def test_a_page_says_its_place_among_all(three_runs):
    assert "1 to 2 of 3 runs" in texts(run_list())
    assert "3 to 3 of 3 runs" in texts(run_list(runs_page=2))


def test_a_page_beyond_the_last_is_the_last(three_runs):
    at = run_list(runs_page=9)
    assert [*at.dataframe[0].value["seed"]] == [0]
    assert at.session_state["runs_page"] == 2


def test_one_page_has_no_pages_to_choose_from(store):
    store.add(small(1))
    at = run_list()
    assert not at.get("pagination")
    assert not any(" to " in said for said in texts(at))


def test_the_list_says_how_many_there_are_pass_and_are_chosen():
    numbers = [(1, 1, 0), (1200, 1200, 2), (3, 1200, 1)]
    assert [listing.listing_words(*three) for three in numbers] == [
        "1 run",
        "1,200 runs, **2 chosen**",
        "3 of 1,200 runs, **1 chosen**",
    ]
