"""Runs in a browser: kept by a search, named, found, deleted and taken back, opened by a link, taken elsewhere."""

import json
import re

from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import serious
from tests.browser.visit import NARROW, button, download, fits, headline, settled
from tests.paths import FILES

EXPORTED = FILES / "runs-1.json"
HEAD, ROW = 40, 56  # pixels of the table, as it is drawn


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
    page.get_by_label("Look for").fill(text)
    page.get_by_label("Look for").press("Enter")
    expect(page.get_by_text(count)).to_be_visible()


def bring(page: Page):
    """Import runs, after which the page is loaded again."""
    page.get_by_role("button", name="Import").click()
    page.get_by_test_id("stPopoverBody").locator("input[type=file]").set_input_files(EXPORTED)
    expect(page.get_by_text("2 in the file were here already")).to_be_visible()
    page.reload()
    headline(page, "Runs")


def test_a_search_is_kept_named_deleted_taken_back_and_opened(visit):
    opened = visit()
    page = opened.open("/?seed=77")
    button(page, "search").click()
    headline(page, "seed 77 · synaptic · 19 passes")
    page.get_by_role("link", name="Runs").click()
    headline(page, "Runs")

    tick(page, 0)
    expect(page.get_by_text("1 run chosen")).to_be_visible()
    page.get_by_role("button", name="Describe").click()
    page.get_by_label("Name", exact=True).fill("seventy-seven *")
    page.get_by_role("button", name="Save").click()
    page.keyboard.press("Escape")
    look_for(page, "SEVENTY-seven", "1 to 1 of 1 run")

    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("1 run deleted.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("1 to 1 of 1 run")).to_be_visible()

    box = grid(page)
    page.mouse.click(box["x"] + 70, box["y"] + HEAD + ROW / 2)
    expect(page.get_by_text("Run seventy-seven *, kept on")).to_be_visible()
    page.reload()
    headline(page, "seed 77 · synaptic · 19 passes")
    expect(page.get_by_text("From the runs that were kept")).to_be_visible()
    assert re.search(r"[?&]run=[0-9a-f]{16}", page.url)
    page.get_by_label("Seed", exact=True).fill("78")
    page.get_by_label("Seed", exact=True).press("Enter")
    headline(page, "seed 78 · synaptic · closed form")
    assert "run=" not in page.url
    assert opened.elsewhere == []


def test_runs_are_imported_sorted_compared_and_exported(visit):
    page = visit().open("/?seed=79")
    button(page, "search").click()
    headline(page, "seed 79 · synaptic · 19 passes")
    page.get_by_role("link", name="Runs").click()
    headline(page, "Runs")
    for _ in range(2):
        bring(page)
    look_for(page, "3266be4538f2f52c", "1 to 1 of 1 run")
    file = download(page, page.get_by_role("button", name="Export"), "JSON, with whole results")
    (run,) = json.loads(file.path().read_text("utf-8"))["runs"]
    assert run == json.loads(EXPORTED.read_text("utf-8"))["runs"][0]

    look_for(page, "|nor_conv_3x3~0|", re.compile(r"1 to \d+ of \d+ runs"))
    box = grid(page)
    page.mouse.click(box["x"] + 240, box["y"] + HEAD / 2)  # the head of the names, or of the spaces
    expect(page.get_by_text("Least first")).to_be_visible()
    page.wait_for_url(re.compile("runs_order=(Name|Space)"))
    tick(page, 0)
    tick(page, 1)
    expect(page.get_by_text("2 runs chosen")).to_be_visible()
    page.get_by_role("button", name="Compare").click()
    headline(page, "Compare")
    expect(page.get_by_text("2 answers agree on")).to_be_visible()


def test_axe_finds_nothing_serious_in_the_table_and_its_form(visit):
    visited = visit()
    page = visited.open("/runs")
    bring(page)
    tick(page, 0)
    page.get_by_role("button", name="Describe").click()
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
