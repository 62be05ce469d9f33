"""Which browser a session belongs to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tornado.util import _websocket_mask

from dashboard.server.browser import token


def test_a_token_is_known_under_every_mask():
    """Tornado, whose cookie it is, masks one token twice."""
    secret, masks = b"0123456789abcdef", (b"abcd", b"\xff\x00\x7f1")
    cookies = [b"|".join([b"2", mask.hex().encode(), _websocket_mask(mask, secret).hex().encode(), b"17955264"])
               for mask in masks]  # fmt: skip
    assert cookies[0] != cookies[1]
    assert {token(cookie.decode()) for cookie in cookies} == {f"{secret.hex()} 17955264"}
    assert token(cookies[0].decode()[:-1]) != token(cookies[0].decode())


@given(st.text(max_size=60) | st.from_regex(r"2\|[0-9a-f]{0,9}\|[0-9a-g]{0,33}\|\d*", fullmatch=True))
def test_anything_else_is_no_token(text):
    assert isinstance(token(text), str)


@pytest.mark.parametrize("cookie", ["", "None", "2|zz|00|1", "2|0|00|1", "1|2|3"])
def test_what_is_no_cookie_of_this_kind_is_no_token(cookie):
    assert token(cookie) == ""
