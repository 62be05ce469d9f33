"""A page that is loaded again in the middle of a search, and one that is opened beside it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visit import button, settled, status
from tests.waiting import until

LONG = "/?space=darts&cells=20&seed=31"
"""A search that takes more than a minute, with a preview."""
PROGRESS = re.compile(r"^search, seed 31: pass \d+ of ")
PREVIEW = re.compile("^Quick estimate")


def search(page: Page) -> Page:
    """The page in the middle of a search, with its preview."""
    status(page, PREVIEW)
    settled(page)
    button(page, "search").click()
    expect(page.get_by_text(PROGRESS)).to_be_visible()
    return page


@pytest.fixture
def searching(visit):
    return search(visit().open(LONG))


def stops(page: Page):
    button(page, "stop").click()
    expect(button(page, "search")).to_be_enabled()
    expect(page.get_by_text(PROGRESS)).to_have_count(0)


def test_progress_is_there_again(searching):
    searching.reload()
    expect(searching.get_by_text(PROGRESS)).to_be_visible()
    stops(searching)


def test_another_tab_leaves_a_search_where_it_is_until_its_page_is_closed(searching, visit):
    beside = visit().open(LONG)
    status(beside, PREVIEW)
    settled(beside)
    expect(beside.get_by_text(PROGRESS)).to_have_count(0)
    expect(searching.get_by_text(PROGRESS)).to_be_visible()
    searching.goto("about:blank")
    expect(beside.get_by_text(PROGRESS)).to_be_visible()
    stops(beside)


def test_a_connection_that_breaks_off_finds_its_search_again(visit):
    """The page, which is the same, connects anew."""
    visited, connections = visit(), []

    def pass_on(page_side):
        connections.append((page_side, page_side.connect_to_server()))

    visited.page.route_web_socket("**/_stcore/stream", pass_on)
    page = search(visited.open(LONG))
    for side in connections[0]:
        side.close()
    until(lambda: page.evaluate("1") and len(connections) > 1)
    expect(page.get_by_text(PROGRESS)).to_be_visible()
    stops(page)
