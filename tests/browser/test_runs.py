"""Runs in a browser: kept by a search, named, found, deleted and taken back, opened by a link, taken elsewhere."""

import json
import re

from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import serious
from tests.browser.visit import NARROW, Visit, ask_seed, button, download, fits, headline, settled, status
from tests.paths import FILES

EXPORTED = FILES / "runs-1.json"
ONE = re.compile(r"^1 (run|of \d+ runs)\b")
HEAD, ROW, OPEN = 40, 66, 385  # pixels of the table, as it is drawn with a column of names


def grid(page: Page):
    """Where the table of runs is."""
    settled(page)
    table = page.get_by_test_id("stDataFrame")
    expect(table).to_be_visible()
    table.scroll_into_view_if_needed()
    return table.bounding_box()


def tick(page: Page, row: int):
    box = grid(page)
    page.mouse.click(box["x"] + 16, box["y"] + HEAD + ROW * (row + 0.5))


def look_for(page: Page, text: str, count: str | re.Pattern):
    page.get_by_label("Search", exact=True).fill(text)
    page.get_by_label("Search", exact=True).press("Enter")
    expect(page.locator(".st-key-title").get_by_text(count)).to_be_visible()


def search(visited: Visit, query: str) -> Page:
    """Search, and look at the runs."""
    page = visited.open(f"/?{query}")
    settled(page)
    button(page, "search").click()
    status(page, re.compile("computed here just now"))
    page.get_by_role("link", name="Runs").click()
    headline(page, "Runs")
    return page


def filter_rarely(page: Page):
    """Filter by a list of the menu, which stands in the bar and in the link then, and let go of that."""
    page.get_by_role("button", name="More").click()
    page.get_by_test_id("stPopoverBody").get_by_label("Recipe").click()
    page.get_by_role("option", name="released").click()
    value = page.locator(".st-key-bar").get_by_text("released", exact=True)
    expect(value).to_be_visible()
    page.wait_for_url(re.compile("runs_recipes=released"))
    page.reload()
    expect(value).to_be_visible()
    page.locator(".st-key-bar").get_by_role("button", name="Clear all").click()
    page.wait_for_url(lambda url: "runs_recipes" not in url)
    expect(value).to_have_count(0)


def bring(page: Page):
    """Import runs, after which the page is loaded again."""
    page.get_by_role("button", name="Import").click()
    page.get_by_test_id("stPopoverBody").locator("input[type=file]").set_input_files(EXPORTED)
    expect(page.get_by_text("2 in the file were here already")).to_be_visible()
    page.reload()
    headline(page, "Runs")


def test_a_search_is_kept_named_deleted_taken_back_and_opened(visit):
    opened = visit(viewport={"width": 1000, "height": 1000})  # columns keep their own widths
    page = search(opened, "seed=77")
    tick(page, 0)
    expect(page.get_by_text("1 chosen")).to_be_visible()
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Name", exact=True).fill("seventy-seven *")
    page.get_by_role("button", name="Save").click()
    page.keyboard.press("Escape")
    look_for(page, "SEVENTY-seven", ONE)

    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("1 run deleted.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".st-key-title").get_by_text(ONE)).to_be_visible()

    box = grid(page)
    page.mouse.click(box["x"] + OPEN, box["y"] + HEAD + ROW / 2)
    expect(page.get_by_text("Run seventy-seven *, kept on")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Run seventy-seven *, kept on")).to_be_visible()
    assert re.search(r"[?&]run=[0-9a-f]{16}", page.url)
    ask_seed(page, 78)
    status(page, re.compile("^Quick estimate"))
    assert "run=" not in page.url
    assert opened.elsewhere == []


def test_runs_are_imported_filtered_sorted_compared_and_exported(visit):
    page = search(visit(), "seed=79&recipe=released")
    for _ in range(2):
        bring(page)
    filter_rarely(page)
    look_for(page, "3266be4538f2f52c", ONE)
    file = download(page, page.get_by_role("button", name="Export"), "JSON, with whole results")
    (run,) = json.loads(file.path().read_text("utf-8"))["runs"]
    assert run == json.loads(EXPORTED.read_text("utf-8"))["runs"][0]

    look_for(page, "|nor_conv_3x3~0|", re.compile(r"\d+ of \d+ runs|\d+ runs"))
    box = grid(page)
    page.mouse.click(box["x"] + 240, box["y"] + HEAD / 2)  # the head of the names, or of the spaces
    page.wait_for_url(re.compile("runs_order=(Name|Space)"))
    tick(page, 0)
    tick(page, 1)
    expect(page.get_by_text("2 chosen")).to_be_visible()
    button(page, "compare-chosen").first.click()
    page.get_by_role("button", name="Compare 2").click()
    headline(page, "2 answers")


def test_axe_finds_nothing_serious_in_the_table_and_its_form(visit):
    visited = visit()
    page = visited.open("/runs")
    bring(page)
    tick(page, 0)
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_role("button", name="Save")).to_be_visible()
    settled(page)
    assert serious(page) == {}
    visited.change_theme()
    expect(page.get_by_role("button", name="Save")).to_be_visible()
    assert serious(page) == {}


def test_the_table_fits_a_phone(visit):
    page = visit(viewport=NARROW, theme="dark").open("/runs")
    expect(page.get_by_role("button", name="Import")).to_be_visible()
    settled(page)
    fits(page)
