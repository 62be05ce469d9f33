"""What axe finds on every page, whether the page fits its screen, and what the keyboard reaches."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.visit import NARROW, fits, settled

PAGES = ("/?space=darts", "/?space=mobilenet", "/atlas", "/compare", "/evidence", "/runs", "/viewer", "/learn")


def open_expanders(page: Page):
    closed = page.locator("[data-testid=stMain] details:not([open]) > summary")
    while count := closed.count():
        closed.first.click()
        expect(closed).to_have_count(count - 1)
        settled(page)


def serious(page: Page) -> dict[str, list[str]]:
    violations = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return {
        violation["id"]: [node["html"][:200] + node["failureSummary"] for node in violation["nodes"]]
        for violation in violations
        if violation["impact"] in ("serious", "critical")
    }


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious_and_the_page_fits(visit, path):
    """In light on a wide screen, then in dark on a narrow one."""
    visited = visit()
    page = visited.open(path)
    settled(page)
    fits(page)
    open_expanders(page)
    assert serious(page) == {}
    fits(page)
    visited.change_theme()
    fits(page)
    page.set_viewport_size(NARROW)
    settled(page)
    assert serious(page) == {}
    fits(page)
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    assert visited.elsewhere == []


FOCUSED = """() => {
    let at = document.activeElement
    while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
    return [at.getAttribute("aria-label"), at.labels?.[0]?.innerText, at.innerText].find(text => text) ?? ""
}"""


def test_the_keyboard_reaches_everything(visit):
    page = visit().open("/?seed=7")
    page.wait_for_selector("g.edge[role=button]")
    settled(page)
    reached = []
    while len(reached) < 100 and reached.count("Skip to main content") < 2:
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED))
    controls = ["Space", "Score", "Recipe", "Seed", "Limit", "More", "Search", "Atlas", "Share", "Export", "Replay"]
    edges = ["0→1: conv 3×3", "0→3: conv 3×3", "2→3: conv 3×3"]
    lines = {line.strip() for text in reached for line in text.splitlines()}
    assert {*controls, *edges, "Genotype", "Learn"} <= lines
