"""What stands before every page: variables that cannot be read, and a login."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.waiting import PATIENCE


def _page():
    import streamlit as st

    from dashboard.frame.start import enter

    enter()
    st.markdown("inside")


@pytest.fixture
def user(monkeypatch):
    """Who is there, as Streamlit says where a login is set up; nothing where there is none."""
    found = {}
    monkeypatch.setattr(st, "user", found)
    return found


def _inside(at):
    assert not at.exception
    return [each.value for each in at.markdown] == ["inside"]


def test_without_a_login_everybody_enters(user):
    at = AppTest.from_function(_page, default_timeout=PATIENCE).run()
    assert _inside(at)
    assert not at.button


def test_with_a_login_nobody_enters_before_it(user):
    user["is_logged_in"] = False
    at = AppTest.from_function(_page, default_timeout=PATIENCE).run()
    assert not _inside(at)
    assert [each.label for each in at.button] == ["Log in"]


def test_who_is_logged_in_enters(user):
    user["is_logged_in"] = True
    at = AppTest.from_function(_page, default_timeout=PATIENCE).run()
    assert _inside(at)


def test_nobody_enters_a_server_that_is_set_up_wrong(user, monkeypatch):
    monkeypatch.setenv("FREENAS_MAX_SECONDS", "<b>soon")
    at = AppTest.from_function(_page, default_timeout=PATIENCE).run()
    assert not _inside(at)
    assert "FREENAS\\_MAX\\_SECONDS\\: \\'\\<b\\>soon\\'" in at.error[0].value
