"""The header of every page."""

import streamlit as st

from dashboard.server.navigation import PAGES


def test_every_page_is_a_link_away(app):
    at = app()
    links = [element.proto.label for element in at.get("page_link")]
    assert [page.title for page in PAGES.values()] == [
        label for label in links if label in {p.title for p in PAGES.values()}
    ]


def test_who_is_logged_in_may_leave(app, monkeypatch):
    monkeypatch.setattr(st, "user", {"is_logged_in": True})
    assert "Log out" in [button.label for button in app().button]
