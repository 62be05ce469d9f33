"""Whose runs a session keeps and changes: with a login its own, or all for those on the list; without one all."""

from dataclasses import replace

import pytest
import streamlit as st

from dashboard.server import owners
from tests.engine.runs.samples import made

RUN = made(1).run


@pytest.fixture
def user(monkeypatch):
    """Who is there, as Streamlit says where a login is set up; nothing where there is none."""
    claims = {}
    monkeypatch.setattr(st, "user", claims)
    monkeypatch.setattr(owners, "browser", lambda: claims.get("sub", "a browser"))
    monkeypatch.delenv("FREENAS_ADMINS", raising=False)
    return claims


def test_without_a_login_everybody_changes_every_run(user, monkeypatch):
    monkeypatch.setenv("FREENAS_ADMINS", "admin@example.org")
    assert owners.changing_owner() is None
    assert owners.may_change(RUN)
    assert owners.may_change(replace(RUN, owner="another"))


def test_with_a_login_one_changes_what_is_ones_own(user):
    user |= {"is_logged_in": True, "sub": "me"}
    mine = owners.session_owner()
    assert owners.changing_owner() == mine
    assert owners.may_change(replace(RUN, owner=mine))
    assert not owners.may_change(replace(RUN, owner="another"))
    assert not owners.may_change(RUN)
    user["sub"] = "you"
    assert not owners.may_change(replace(RUN, owner=mine))


@pytest.mark.parametrize("claims", [{}, {"email": "admin@example.org"}])
def test_who_has_not_logged_in_changes_nothing_of_others(user, claims, monkeypatch):
    monkeypatch.setenv("FREENAS_ADMINS", "admin@example.org")
    user |= {"is_logged_in": False, **claims}
    assert not owners.may_change(RUN)


@pytest.mark.parametrize(
    ("claims", "admin"),
    [
        ({"email": "Admin@example.org"}, True),
        ({"email": "admin@example.org", "email_verified": True}, True),
        ({"email": "admin@example.org", "email_verified": False}, False),
        ({"email": "admin@example.org", "email_verified": "false"}, False),
        ({"sub": "0042"}, True),
        ({"email": "example.org"}, False),
        ({"email": "", "sub": ""}, False),
        ({}, False),
    ],
)
def test_those_on_the_list_change_every_run(user, claims, admin, monkeypatch):
    monkeypatch.setenv("FREENAS_ADMINS", " admin@example.org ,, 0042")
    user |= {"is_logged_in": True, **claims}
    assert owners.may_change(RUN) is admin
