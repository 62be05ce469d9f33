"""Which browser a session belongs to."""

from __future__ import annotations

import itertools
from contextlib import suppress
from uuid import uuid4

import streamlit as st

_COOKIE = "_streamlit_xsrf"


def browser() -> str:
    """What tells the browsers of a server's users apart: the token in Streamlit's cookie, else one of the session."""
    return token(str(st.context.cookies.get(_COOKIE, ""))) or str(st.session_state.setdefault("owner", uuid4().hex))


def token(cookie: str) -> str:
    """The token and its time in `2|mask|masked token|time`, whose mask is new with each page; nothing if it is none."""
    with suppress(ValueError):
        _, mask, masked, time = cookie.split("|")
        pairs = zip(bytes.fromhex(masked), itertools.cycle(bytes.fromhex(mask)), strict=False)
        return f"{bytes(one ^ other for one, other in pairs).hex()} {time}"
    return ""
