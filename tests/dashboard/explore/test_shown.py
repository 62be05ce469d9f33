"""Which questions have a quick preview, and how a selection is let go of."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.explore.shown import has_preview
from engine import SearchConfig
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
