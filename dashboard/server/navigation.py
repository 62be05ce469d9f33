"""The pages of the dashboard: one table, which navigation and links between pages are made from."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True)
class DashboardPage:
    """A page: the name of its script, its title, its icon. The first one has no name in its address."""

    name: str
    title: str
    icon: str

    @property
    def script(self) -> str:
        """Return the path of the script of the page, from the root of the project."""
        return f"dashboard/pages/{self.name}.py"

    @property
    def address(self) -> str:
        """Return what stands behind the address of the dashboard."""
        return "" if self.name == FIRST else self.name


FIRST = "explore"
PAGES = {
    page.name: page
    for page in (
        DashboardPage(FIRST, "Explore", ":material/grid_view:"),
        DashboardPage("atlas", "Atlas", ":material/scatter_plot:"),
        DashboardPage("compare", "Compare", ":material/compare:"),
        DashboardPage("evidence", "Evidence", ":material/fact_check:"),
        DashboardPage("runs", "Runs", ":material/history:"),
        DashboardPage("viewer", "Genotype viewer", ":material/account_tree:"),
        DashboardPage("how_it_works", "How it works", ":material/school:"),
    )
}


def base_address() -> str:
    """Return the address of the first page, without parameters, as the browser knows it."""
    address = (st.context.url or "").split("?")[0].rstrip("/")
    for page in PAGES.values():
        address = address.removesuffix(f"/{page.name}")
    return address
