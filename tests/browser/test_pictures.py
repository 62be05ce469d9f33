"""Pictures of cells on wide and narrow pages: their words can be read, and only the picture scrolls."""

import pytest

from tests.browser.conftest import NARROW, WIDE

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
        letters, found, focus = picture.evaluate(MEASURED)
        assert letters > 8  # pixels; on a phone, those of the picture's own size
        assert (found, focus) == (scrolls, 0 if scrolls else -1)
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
