"""The header of every page: the way to the others, the work under way, and the table of accuracies."""

from __future__ import annotations

import streamlit as st

from dashboard.parts.accuracy_table import table_query
from dashboard.parts.progress import watch_all
from dashboard.parts.table_switcher import table_switcher
from dashboard.server import session
from dashboard.server.installation import ASSETS, PACKAGE
from dashboard.server.navigation import PAGES

_STYLE = PACKAGE / "frame" / "style.css"
_LAST = "learn"
"""The page whose link stands at the right end."""


class Header:
    """The row above a page. What is under way is drawn last, when the page has begun what it begins."""

    def __init__(self) -> None:
        st.html(_STYLE)
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="header"):
            st.image(str(ASSETS / "logo.svg"), width=112, alt="FreeNAS")
            pages = st.container(horizontal=True, vertical_alignment="center", gap=None, width="stretch", key="pages")
            self._work = st.container(horizontal=True, width="content", key="work")
            with st.container(horizontal=True, vertical_alignment="center", width="content", key="table"):
                table_switcher()  # before the links, which carry the table
            with pages:
                for page in PAGES.values():
                    if page.name != _LAST:
                        st.page_link(page.script, label=page.title, query_params=table_query())
            st.page_link(PAGES[_LAST].script, label=PAGES[_LAST].title, query_params=table_query())
            if st.user.get("is_logged_in"):
                st.button("Log out", icon=":material/logout:", key="log out", on_click=st.logout, type="tertiary")

    def show_work(self) -> None:
        """Draw the jobs of this session, and look for those that have lost their page."""
        with self._work if session.active_jobs() else st.empty().container():
            watch_all()
