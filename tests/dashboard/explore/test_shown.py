"""Which questions have a quick preview and when it is begun, and how a selection is let go of."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.explore import shown
from dashboard.explore.shown import has_preview
from dashboard.server import session
from engine import SearchConfig
from tests.dashboard.conftest import headline, wait_for
from tests.waiting import PATIENCE


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({}, True),
        ({"recipe": "released"}, False),
        ({"space": "darts"}, True),
        ({"channels": 64, "cells": 20}, False),
        ({"proxy": "snip"}, False),
    ],
)
def test_a_preview_needs_a_closed_form_and_is_quick(parts, expected):
    assert has_preview(SearchConfig(**parts)) is expected


def test_no_preview_is_begun_for_a_question_that_the_next_one_follows_at_once(app, monkeypatch):
    monkeypatch.setattr(shown, "QUIET", 3600)
    at, begun = app(), []
    monkeypatch.setattr(session, "start", lambda task, role: begun.append((role, task.config.seed)))
    for seed in range(7001, 7011):
        at.number_input(key="seed").set_value(seed).run()
    assert begun == []
    at.session_state["ExploreState"].preview_due = 0
    at.run()
    assert begun == [(session.PREVIEWING, 7010)]


def test_the_first_question_of_a_session_is_previewed_at_once(app, monkeypatch):
    monkeypatch.setattr(shown, "QUIET", 3600)
    at = wait_for(app(seed="7011"), session.PREVIEWING)
    assert "seed 7011 · synaptic · closed form" in headline(at)


def _page():
    import streamlit as st

    from dashboard.explore.shown import selected, toggle_selection
    from dashboard.parts.view import Selection

    for selection in (Selection(1, None), Selection(1, "none"), Selection(1, "none"), Selection(None, "none")):
        toggle_selection(selection)
        st.caption(f"{selected().edge} {selected().operation}")


def test_a_second_click_lets_go_of_a_selection():
    at = AppTest.from_function(_page, default_timeout=PATIENCE).run()
    assert [caption.value for caption in at.caption] == ["1 None", "1 none", "None None", "None none"]
