"""New questions in quick succession: the page runs for each, and only the last one is previewed."""

import re
import subprocess
import sys

from playwright.sync_api import Locator, Page, expect

from tests.browser.visit import settled, status


def more(page: Page) -> Locator:
    """Return the button that asks the question of the next seed."""
    return page.get_by_role("button", name="Increment").first


def test_the_end_of_a_preview_draws_the_answer_and_not_the_page(visit):
    visited = visit()
    page = visited.open("/?seed=300")
    settled(page)
    before = visited.page_runs
    more(page).click()
    status(page, re.compile("Quick estimate"))
    settled(page)
    assert visited.page_runs == before + 1


def test_quick_clicks_end_in_the_answer_to_the_last(visit):
    page = visit().open("/?seed=100")
    settled(page)
    for _ in range(10):
        more(page).click()
    settled(page)
    status(page, re.compile("Quick estimate"))
    assert "seed=110" in page.url
    assert page.locator("h1").count() == 1


def test_a_replay_asks_the_server_once_and_ends_right_on_a_busy_machine(visit):
    """Two processes beside it keep the processors busy."""
    visited = visit()
    page = visited.open("/?space=darts")
    settled(page)
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    try:
        page.get_by_role("button", name="Replay").click()
        expect(page.locator(".replay output")).to_have_text(re.compile("^step 196 of 196: "))
    finally:
        for process in busy:
            process.kill()
            process.wait()
    fields = page.locator(".heat td:not(.pruned)")
    expect(fields.filter(has_not_text="×")).to_have_count(14 + 1)  # one an edge, and the corner
    expect(page.get_by_role("button", name="Replay")).to_be_visible()
    sent = visited.requests
    page.get_by_role("button", name="A step back").click()
    expect(page.locator(".replay output")).to_have_text(re.compile("^step 195 of 196: "))
    assert visited.requests == sent
