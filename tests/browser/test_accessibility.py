"""What axe finds on every page, and what the keyboard reaches."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, WIDE

SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"
PAGES = ("/?space=darts", "/?space=mobilenet", "/atlas", "/compare", "/evidence", "/runs", "/viewer", "/how_it_works")


def settled(page: Page):
    """Wait until nothing runs and nothing is under way on the page."""
    expect(page.locator("[data-testid=stProgress]")).to_have_count(0, timeout=60_000)
    page.wait_for_selector(SETTLED)
    page.wait_for_timeout(500)


def open_expanders(page: Page):
    closed = page.locator("[data-testid=stMain] details:not([open]) > summary")
    while closed.count():
        closed.first.click()
        settled(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious(visit, path, theme):
    page = visit(theme=theme, viewport=WIDE if theme == "light" else NARROW).open(path)
    settled(page)
    open_expanders(page)
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    serious = {
        violation["id"]: [node["html"][:200] + node["failureSummary"] for node in violation["nodes"]]
        for violation in found
        if violation["impact"] in ("serious", "critical")
    }
    assert serious == {}


FOCUSED = """() => {
    let at = document.activeElement
    while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
    return [at.getAttribute("aria-label"), at.labels?.[0]?.innerText, at.innerText].find(text => text) ?? ""
}"""


def test_the_keyboard_reaches_everything_and_starts_a_search(visit):
    page = visit().open("/?seed=7")
    settled(page)
    page.wait_for_selector("g.edge[role=button]")
    reached = []
    while len(reached) < 100 and reached.count("Skip to main content") < 2:
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED))
    controls = ["Search space", "Proxy", "Seed", "synaptic", "Supernet", "Search", "Atlas", "Share", "Export", "Replay"]
    edges = ["0→1: nor_conv_3x3", "0→3: nor_conv_3x3", "2→3: nor_conv_3x3"]
    lines = {line.strip() for text in reached for line in text.splitlines()}
    assert {*controls, *edges, "Table of scores"} <= lines

    page.locator("g.edge[role=button]").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("g.edge.selected")).to_have_count(1)
    page.locator(".st-key-search button").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Computed here just now")).to_be_visible(timeout=60_000)
