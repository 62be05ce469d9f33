"""What was put aside, as the address bar holds it."""

import json

from streamlit.testing.v1 import AppTest

from dashboard.parts.comparison import MOST_COMPARED, ComparisonState
from engine import SearchConfig, parse_genotype
from tests.dashboard.atlas.conftest import CONVOLUTIONS
from tests.dashboard.conftest import small
from tests.paths import FILES
from tests.waiting import PATIENCE

QUESTION = {"space": "darts", "seed": 3, "cells": 8}


def page():
    import streamlit as st

    from dashboard.compare.chosen import follow_item_link, item_answers, item_link_complaint, write_link
    from dashboard.parts.comparison import compared_items, item_space

    st.session_state["linked"] = follow_item_link()
    items = compared_items()
    write_link(items)
    st.session_state["items"], st.session_state["complaint"] = items, item_link_complaint()
    spaces = {item_space(item).name: item_space(item) for item in items}
    st.session_state["answers"] = [item_answers(compared_items(space)) for space in spaces.values()]


def opened(**query):
    at = AppTest.from_function(page, default_timeout=PATIENCE)
    at.query_params.update(query)
    at.run()
    assert not at.exception
    return at


def test_a_link_names_runs_questions_and_architectures(store):
    run = store.add(small(61), name="one")
    at = opened(run=[run.id, run.id], question=[json.dumps(QUESTION)], genotype=[CONVOLUTIONS])
    expected = [run, SearchConfig(**QUESTION), parse_genotype(CONVOLUTIONS)]
    assert (at.session_state["items"], at.session_state["complaint"]) == (expected, "")
    first, second = at.session_state["answers"]
    assert list(first) == ["one", "architecture 1"]
    assert first["one"].result.config.seed == 61
    assert list(second.values()) == [SearchConfig(**QUESTION)]  # not searched yet
    assert at.query_params["run"] == run.id
    assert json.loads(at.query_params["question"]) == QUESTION


def test_an_address_that_was_written_here_brings_nothing_back():
    at = opened(genotype=[CONVOLUTIONS])
    assert at.session_state["linked"]
    at.session_state["ComparisonState"].items.append(SearchConfig())
    at.run()
    assert not at.session_state["linked"]
    assert len(at.session_state["items"]) == 2
    assert at.query_params["question"] == "{}"
    at.session_state["ComparisonState"].items.clear()
    at.run()
    assert "genotype" not in at.query_params


def test_what_is_not_there_or_too_much_is_told(store_url):
    seeds = [json.dumps({"seed": seed}) for seed in range(MOST_COMPARED + 1)]
    at = opened(run=["nothing"], genotype=["x"], question=["{", '{"seed":-1}', *seeds])
    assert at.session_state["items"] == [SearchConfig(seed=seed) for seed in range(MOST_COMPARED)]
    complaint = at.session_state["complaint"]
    assert complaint.startswith("Not all of this link can be compared: ")
    for words in ("no run", "not JSON", "seed", "; and 2 more."):
        assert words in complaint
    at = opened(question=seeds)
    assert f"is one more than {MOST_COMPARED}" in at.session_state["complaint"]


def test_a_space_of_ones_own_stays_out_of_the_address():
    at = AppTest.from_function(page, default_timeout=PATIENCE)
    from engine import SearchResult

    own = SearchResult.from_json((FILES / "search-result-1.json").read_text()).genotype
    at.session_state["ComparisonState"] = ComparisonState([own])
    at.run()
    assert at.session_state["items"] == [own]
    assert not at.query_params
