"""The browser that a session belongs to."""

from __future__ import annotations

import itertools
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import uuid4

import streamlit as st

from dashboard.server.state import state

_COOKIE = "_streamlit_xsrf"


@dataclass
class SessionOwner:
    """The name of a session whose browser sends no cookie."""

    name: str = field(default_factory=lambda: uuid4().hex)


def browser() -> str:
    """Return the name of this session's browser: the token in Streamlit's cookie, else one of the session alone."""
    return token(str(st.context.cookies.get(_COOKIE, ""))) or state(SessionOwner).name


def token(cookie: str) -> str:
    """Return the token and its time in `2|mask|masked token|time`, or nothing where `cookie` is not of this form.

    The mask is new with every page, the token under it is not.
    """
    with suppress(ValueError):
        _, mask, masked, time = cookie.split("|")
        pairs = zip(bytes.fromhex(masked), itertools.cycle(bytes.fromhex(mask)), strict=False)
        return f"{bytes(one ^ other for one, other in pairs).hex()} {time}"
    return ""
