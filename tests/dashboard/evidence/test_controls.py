"""The controls of the scores, drawn by themselves."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from engine.measures import MEASURES
from tests.waiting import PATIENCE


def page(table_column):
    import streamlit as st

    from dashboard.evidence.controls import evidence_controls

    st.session_state["answer"] = evidence_controls(table_column)


def controls(table_column, **query):
    at = AppTest.from_function(page, kwargs={"table_column": table_column}, default_timeout=PATIENCE)
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def test_without_enough_numbers_nothing_is_asked_and_nothing_drawn(table_column):
    table = table_column.table
    few = replace(table, population=table.population.take(slice(2)), values=table.values[:, :2])
    for column in (None, table_column._replace(table=few)):
        at = controls(column)
        assert at.session_state["answer"] is None
        assert not at.multiselect


def test_a_table_is_weighed_by_the_basic_scores(table_column):
    at = controls(table_column)
    request = at.session_state["answer"]
    assert (request.measures, request.columns, request.sample, request.seed) == ((), (), "", 0)
    assert at.multiselect(key="scores").help.startswith("log-flow, Parameters, MACs are always weighed.")
    assert at.multiselect(key="score_columns").options == ["place", "other"]


@pytest.mark.parametrize(
    ("query", "field", "expected"),
    [
        ({"scores": "naswot"}, "measures", ("naswot",)),
        ({"join": ["flow", "params"]}, "measures", ("flow+params",)),
        ({"join": "flow"}, "measures", ()),
        ({"score_columns": ["other", "place"]}, "columns", ("place", "other")),
        ({"sample": "1,000"}, "sample", "1,000"),
        ({"sample": "all"}, "sample", "all"),
        ({"seed": "12"}, "seed", 12),
    ],
)
def test_a_link_asks_for_evidence(table_column, query, field, expected):
    at = controls(table_column, **query)
    assert getattr(at.session_state["answer"], field) == expected
    assert not at.warning


def test_images_are_chosen_where_a_joined_measure_looks_at_some(table_column):
    assert MEASURES["naswot"].needs_data
    at = controls(table_column, join=["flow", "naswot"], data="digits")
    assert at.session_state["answer"].data == "digits"
    assert not [element for element in controls(table_column).selectbox if element.key == "data"]


@pytest.mark.parametrize("query", [{"scores": "taste"}, {"sample": "2 of them"}, {"score_columns": "acc"}])
def test_a_link_to_what_is_not_there_is_told(table_column, query):
    at = controls(table_column, **query)
    assert len(at.warning) == 1
    assert at.session_state["answer"] == controls(table_column).session_state["answer"]
