"""New questions in quick succession: the page runs for each, and only the last one is previewed."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.visit import button, headline, settled


def more(page: Page) -> Locator:
    """Return the button that asks the question of the next seed."""
    return page.get_by_role("button", name="Increment").first


def test_the_end_of_a_preview_draws_the_answer_and_not_the_page(visit):
    visited = visit()
    page = visited.open()
    settled(page)
    before = visited.page_runs
    more(page).click()
    headline(page, "seed 1 · synaptic · closed form")
    settled(page)
    assert visited.page_runs == before + 1


def test_quick_clicks_end_in_the_answer_to_the_last(visit):
    page = visit().open("/?seed=100")
    headline(page, "seed 100 ")
    settled(page)
    for _ in range(10):
        more(page).click()
    headline(page, "seed 110 · synaptic · closed form")
    settled(page)
    assert page.locator("h4").count() == 1


def test_a_replay_that_plays_ends_with_its_result(visit):
    visited = visit()
    page = visited.open("/?seed=200")
    headline(page, "seed 200 ")
    page.get_by_text("Replay", exact=True).click()
    button(page, "play").click()
    more(page).click()
    headline(page, "seed 201 · synaptic · closed form")
    settled(page)
    expect(page.get_by_role("switch", name="Replay")).not_to_be_checked()
