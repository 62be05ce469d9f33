"""Pictures of cells on wide and narrow pages: their words can be read, and only the picture scrolls."""

import pytest

from tests.browser.visit import NARROW, WIDE, fits, settled

MEASURED = """cell => {
    const letters = 11 * cell.querySelector(".edge text").getScreenCTM().a;
    return [letters, cell.scrollWidth > cell.clientWidth, cell.tabIndex];
}"""


@pytest.mark.parametrize("space", ["nas-bench-201", "mobilenet"])
def test_the_words_of_a_picture_can_be_read_on_any_page(visit, space):
    for viewport, scrolls in ((WIDE, False), (NARROW, True)):
        page = visit(viewport=viewport).open(f"/?space={space}")
        picture = page.locator(".cell:has(.edge text)")
        picture.wait_for()
        settled(page)
        letters, wider, focus = picture.evaluate(MEASURED)
        assert letters > 8  # pixels; on a phone, those of the picture's own size
        assert (wider, focus) == (scrolls, 0 if scrolls else -1)
        fits(page)
