"""The pictures of Explore: both in sight, large, and in their place whatever becomes of the question."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visit import NARROW, button, fits, settled, status

SCREEN = {"width": 1440, "height": 900}
LEAST_PART = 0.35
"""The part of the screen that both pictures have at least."""


def boxes(page: Page) -> list[dict[str, float]]:
    settled(page)
    return [page.locator(name).bounding_box() for name in (".instrument .heat", ".instrument .cells")]


@pytest.mark.parametrize("space", ["nas-bench-201", "darts"])
def test_nothing_moves_between_computed_preview_searching_stopped_and_failed(visit, space):
    page = visit(viewport=SCREEN).open(f"/?space={space}")
    page.evaluate("localStorage.setItem('freenas-visited', 'yes')")  # what a first visit is told moves the pictures
    page.reload()
    page.wait_for_selector("h1")
    places = {"computed": boxes(page)}
    page.goto(page.url.split("?")[0] + f"?space={space}&seed=41&cells=20")
    status(page, re.compile("Quick estimate"))
    places["preview"] = boxes(page)
    button(page, "search").click()
    expect(button(page, "stop")).to_be_enabled()
    places["searching"] = [page.locator(name).bounding_box() for name in (".instrument .heat", ".instrument .cells")]
    button(page, "stop").click()
    status(page, re.compile("Stopped"))
    places["stopped"] = boxes(page)
    page.goto(page.url.split("?")[0] + f"?space={space}&seed=41&max_params=1000")
    status(page, re.compile("cannot be kept"))
    places["failed"] = boxes(page)
    page.get_by_role("button", name="Allow").click()
    expect(page).to_have_url(re.compile(r"max_params=\d{5,}"))
    page.goto(page.url.split("?")[0] + f"?space={space}&seed=41&recipe=released")
    expect(page.locator(".overlay")).to_have_text(re.compile("Not computed yet: .*, seed 41, released"))
    places["stale"] = boxes(page)
    assert {state: place for state, place in places.items() if place != places["computed"]} == {}
    heat, cell = places["computed"]
    assert max(box["y"] + box["height"] for box in (heat, cell)) <= SCREEN["height"]
    area = sum(box["width"] * box["height"] for box in (heat, cell))
    assert area >= LEAST_PART * SCREEN["width"] * SCREEN["height"]


MEASURED = """cell => {
    const text = cell.querySelector(".chip text");
    return [13 * text.getScreenCTM().a, cell.scrollWidth > cell.clientWidth];
}"""


@pytest.mark.parametrize("space", ["nas-bench-201", "darts", "mobilenet"])
def test_the_words_of_a_picture_can_be_read_on_a_phone(visit, space):
    page = visit(viewport=NARROW).open(f"/?space={space}")
    picture = page.locator(".instrument .cells")
    picture.locator(".chip text").first.wait_for()
    settled(page)
    letters, wider = picture.evaluate(MEASURED)
    assert letters >= 8.5  # pixels
    assert not wider
    fits(page)
