"""The browser that a session belongs to, its login and address, and its page."""

from __future__ import annotations

import itertools
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from uuid import uuid4

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.server.state import state

_COOKIE = "_streamlit_xsrf"


@dataclass
class SessionOwner:
    """The name of a session whose browser sends no cookie."""

    name: str = field(default_factory=lambda: uuid4().hex)


def login() -> str:
    """Return the name of this session's login at its provider, nothing where nobody is logged in."""
    if not st.user.get("is_logged_in"):
        return ""
    return " ".join(str(st.user.get(part, "")) for part in ("iss", "sub"))


def place() -> str:
    """Return the login of this session, else the address that it comes from, nothing where that is this machine."""
    return login() or network(str(st.context.ip_address or ""))


def network(address: str) -> str:
    """Return an address, of IPv6 the first half, as one machine may have any number of the others."""
    try:
        number = ip_address(address)
    except ValueError:
        return address
    if number.version == 4:
        return address
    return str(number.ipv4_mapped or ip_network((number.packed[:8] + bytes(8), 64)))


def browser() -> str:
    """Return the name of this session's browser: its login, the token in Streamlit's cookie, else one of its own."""
    return login() or token(str(st.context.cookies.get(_COOKIE, ""))) or state(SessionOwner).name


def token(cookie: str) -> str:
    """Return the token and its time in `2|mask|masked token|time`, or nothing where `cookie` is not of this form.

    The mask is new with every page, the token under it is not.
    """
    with suppress(ValueError):
        _, mask, masked, time = cookie.split("|")
        pairs = zip(bytes.fromhex(masked), itertools.cycle(bytes.fromhex(mask)), strict=False)
        return f"{bytes(one ^ other for one, other in pairs).hex()} {time}"
    return ""


def page() -> str:
    """Return the name of the page that this session draws, "" where there is none."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context is not None else ""


def is_open(page: str) -> bool:
    """Return True while a browser shows a page; False from the moment on that it is closed or loaded again.

    A connection that broke off without a word counts as open until the next ping, at most a minute.
    """
    return runtime.exists() and runtime.get_instance().is_active_session(page)
