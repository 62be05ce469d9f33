"""Pictures of cells on a phone: their words can be read, and nothing has to be moved for it."""

from urllib.parse import quote

from dashboard.viewer.samples import SAMPLE_NOTATIONS
from engine.exports.placement import CHIP_FONT
from tests.browser.visit import NARROW, fits, settled

MEASURED = """cell => [
    cell.querySelector(".edge text").getScreenCTM().a,
    cell.scrollWidth > cell.clientWidth,
]"""


def test_a_cell_fits_a_phone(visit):
    page = visit(viewport=NARROW).open(f"/viewer?genotype={quote(SAMPLE_NOTATIONS['DARTS_V2 (Liu et al. 2019)'])}")
    cell = page.locator(".cell-picture:has(.edge text)").first
    cell.wait_for()
    settled(page)
    scale, scrolls = cell.evaluate(MEASURED)
    assert scale * CHIP_FONT >= 9  # pixels
    assert not scrolls
    fits(page)
