"""The menu of the table in the header, for tests in a browser."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.visit import button, settled


def open_menu(page: Page) -> Locator:
    """Open the menu, unless it is open, and wait for what is in it."""
    menu = page.get_by_test_id("stPopoverBody")
    if not menu.count():
        settled(page)  # a label that changes closes the menu under a click
        button(page, "table_popover").click()
    expect(menu.locator(".st-key-table_choice")).to_be_visible()
    return menu


def bring(page: Page, file: Path | dict):
    """Upload a table; the menu stays open, as what is wrong with it stands there."""
    uploader = open_menu(page).locator(".st-key-table_upload input[type=file]")
    with page.expect_response(lambda answer: "/upload_file/" in answer.url and answer.request.method == "PUT"):
        uploader.set_input_files(file)
    settled(page)


def close_menu(page: Page):
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)
    settled(page)


def named(page: Page, text: str | re.Pattern):
    """The table that the header names."""
    expect(button(page, "table_popover")).to_contain_text(text)
