"""Which browser a session belongs to."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tornado.util import _websocket_mask

from dashboard.server import browser as module
from dashboard.server.browser import browser, network, place, token


def test_a_token_is_known_under_every_mask():
    """Tornado, whose cookie it is, masks one token twice."""
    secret, masks = b"0123456789abcdef", (b"abcd", b"\xff\x00\x7f1")
    cookies = [b"|".join([b"2", mask.hex().encode(), _websocket_mask(mask, secret).hex().encode(), b"17955264"])
               for mask in masks]  # fmt: skip
    assert cookies[0] != cookies[1]
    assert {token(cookie.decode()) for cookie in cookies} == {f"{secret.hex()} 17955264"}
    assert token(cookies[0].decode()[:-1]) != token(cookies[0].decode())


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
        ("proxy", "proxy"),
    ],
)
def test_one_machine_has_one_address(address, expected):
    assert network(address) == expected


def seen_with(monkeypatch, cookie="", address=None, **user):
    cookies = {"_streamlit_xsrf": cookie}
    monkeypatch.setattr(module.st, "context", SimpleNamespace(cookies=cookies, ip_address=address))
    monkeypatch.setattr(module.st, "user", user)
    return place(), browser()


def test_an_owner_is_a_login_or_else_a_cookie_at_an_address(monkeypatch):
    cookie = "2|00000000|aabb|1"
    assert seen_with(monkeypatch, cookie, "203.0.113.7") == ("203.0.113.7", "aabb 1")
    assert seen_with(monkeypatch, cookie, is_logged_in=False) == ("", "aabb 1")
    user = {"is_logged_in": True, "iss": "https://accounts.example.org", "sub": "42", "name": "A"}
    assert seen_with(monkeypatch, cookie, "203.0.113.7", **user) == ("https://accounts.example.org 42",) * 2
    assert seen_with(monkeypatch, "forged", "203.0.113.8", **user) == ("https://accounts.example.org 42",) * 2


@given(st.text(max_size=60) | st.from_regex(r"2\|[0-9a-f]{0,9}\|[0-9a-g]{0,33}\|\d*", fullmatch=True))
def test_anything_else_is_no_token(text):
    assert isinstance(token(text), str)


@pytest.mark.parametrize("cookie", ["", "None", "2|zz|00|1", "2|0|00|1", "1|2|3"])
def test_what_is_no_cookie_of_this_kind_is_no_token(cookie):
    assert token(cookie) == ""
