"""What stands before every page: a server that is set up as its variables say, and a login where there is one."""

from __future__ import annotations

import streamlit as st

from dashboard.parts.text import plain
from dashboard.server import limits


def enter() -> None:
    """Let nobody further while a variable of the server cannot be read, or a login is set up (`[auth]`) and missing."""
    if complaint := limits.complaint():
        st.error(plain(complaint), icon=":material/error:")
        st.stop()
    if (logged_in := st.user.get("is_logged_in")) is None:
        return
    if not logged_in:
        st.markdown("#### FreeNAS")
        st.button("Log in", icon=":material/login:", key="log in", on_click=st.login)
        st.stop()
    st.sidebar.button("Log out", icon=":material/logout:", key="log out", on_click=st.logout)
