"""A refusal is a sentence on the page."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.parts.text import plain
from dashboard.server import limits
from tests.waiting import PATIENCE


def _page():
    import streamlit as st

    from dashboard.parts.refusal import show_refusal
    from engine import SearchConfig
    from engine.searches.search import SearchTask

    st.caption(str(show_refusal(SearchTask(config=SearchConfig()))))


@pytest.mark.parametrize("refused", [False, True])
def test_the_page_says_why_a_task_is_refused(monkeypatch, refused):
    monkeypatch.setenv("FREENAS_READ_ONLY", str(int(refused)))
    at = AppTest.from_function(_page, default_timeout=PATIENCE).run()
    assert at.caption[0].value == str(refused)
    assert [info.value for info in at.info] == [plain(limits.READ_ONLY)] * refused
