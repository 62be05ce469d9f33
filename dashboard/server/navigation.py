"""The pages of the dashboard: one table, which navigation and links between pages are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from dashboard.server.installation import PACKAGE
from dashboard.server.state import state


@dataclass(frozen=True)
class DashboardPage:
    """A page: the name of its script and its title. The first one has no name in its address."""

    name: str
    title: str

    @property
    def script(self) -> str:
        """Return the path of the script of the page."""
        return str(PACKAGE / "pages" / f"{self.name}.py")

    @property
    def address(self) -> str:
        """Return what stands behind the address of the dashboard."""
        return "" if self.name == FIRST else self.name


FIRST = "explore"
PAGES = {
    page.name: page
    for page in (
        DashboardPage(FIRST, "Explore"),
        DashboardPage("atlas", "Atlas"),
        DashboardPage("compare", "Compare"),
        DashboardPage("evidence", "Evidence"),
        DashboardPage("runs", "Runs"),
        DashboardPage("viewer", "Viewer"),
        DashboardPage("learn", "Learn"),
    )
}


@dataclass
class PageState:
    """The page that a session is at, and True where it was at another one, or at none, at the last run."""

    name: str | None = None
    entered: bool = True


def note_page(name: str) -> None:
    """Remember the page that is about to be drawn."""
    at = state(PageState)
    at.name, at.entered = name, at.name != name


def entered_page() -> bool:
    """Return True where this run of a page is the first one since another was left, or since the session began."""
    return state(PageState).entered


def base_address() -> str:
    """Return the address of the first page, without parameters, as the browser knows it."""
    address = urlsplit(st.context.url or "")
    path = address.path.rstrip("/")
    base, _, name = path.rpartition("/")
    return urlunsplit((address.scheme, address.netloc, base if name in PAGES else path, "", ""))


def page_url(name: str, query: Mapping[str, str | Sequence[str]]) -> str:
    """Return the whole address of the page of this name with these parameters; a list stands for a repeated one."""
    return f"{base_address()}/{PAGES[name].address}?{urlencode(query, doseq=True)}"


def open_page(name: str, query: Mapping[str, str | Sequence[str]] | None = None) -> NoReturn:
    """Leave this page for the one of this name, with these parameters in its address."""
    st.switch_page(PAGES[name].script, query_params=query or {})  # None would clear those of widgets, which is refused
