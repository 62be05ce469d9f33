"""The atlas as a person meets it: the first picture, a click, a zoom that stays, a lasso, a filter."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visit import NARROW, fits, headline, settled

CONVOLUTIONS = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|"
FIRST = "15,625 cells: the one that flow ranks first has the most parameters"
POINT = """() => {
    const plot = document.querySelector(".js-plotly-plot");
    const points = plot._fullData.find((trace) => trace.type === "scattergl");
    const index = points.x.findIndex((x, i) => x > 145 && x < 160 && points.y[i] > 50 && points.y[i] < 60);
    const { xaxis, yaxis } = plot._fullLayout, box = plot.getBoundingClientRect();
    return {
        left: box.left + xaxis._offset + xaxis.d2p(points.x[index]),
        top: box.top + yaxis._offset + yaxis.d2p(points.y[index]),
        flow: points.y[index],
        macs: points.x[index],
    };
}"""
"""A point of the scatter that stands alone: where it is on the screen, and its numbers."""
RANGES = """() => {
    const { xaxis, yaxis } = document.querySelector(".js-plotly-plot")._fullLayout;
    return [...xaxis.range, ...yaxis.range];
}"""
APART = """() => {
    const plot = document.querySelector(".js-plotly-plot");
    return Date.now() - plot._mouseDownTime > plot._context.doubleClickDelay;
}"""
"""A click sooner after the press of the zoom is a double click."""


def picture(page: Page):
    expect(page.locator(".js-plotly-plot .nsewdrag")).to_be_visible()


def number(page: Page, label: str) -> float:
    """A number of the architecture that is chosen."""
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=label, exact=True))
    return float(row.get_by_role("cell").first.inner_text())


def drag(page: Page, *places: tuple[float, float]):
    """Drag the mouse through places of the picture, in shares of its width and height."""
    area = page.locator(".nsewdrag").bounding_box()
    spots = [(area["x"] + across * area["width"], area["y"] + down * area["height"]) for across, down in places]
    page.mouse.move(*spots[0])
    page.mouse.down()
    for spot in spots[1:]:
        page.mouse.move(*spot, steps=4)
    page.mouse.up()


def test_a_click_draws_a_cell_and_keeps_the_zoom(visit):
    visited, errors = visit(), []
    visited.page.on("pageerror", lambda error: errors.append(str(error)))
    visited.page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page = visited.open("/")
    page.get_by_role("link", name="Atlas", exact=True).click()
    headline(page, FIRST)
    picture(page)
    notation = page.locator("[data-testid=stCode]").first
    expect(notation).to_have_text(CONVOLUTIONS)

    drag(page, (0.3, 0.1), (0.8, 0.7))
    page.wait_for_function(
        "before => document.querySelector('.js-plotly-plot')._fullLayout.xaxis.range[0] > before", arg=20
    )
    zoomed, point = page.evaluate(RANGES), page.evaluate(POINT)
    page.mouse.move(point["left"], point["top"], steps=3)
    expect(page.locator(".hoverlayer .hovertext")).to_be_visible()
    page.wait_for_function(APART)
    page.mouse.click(point["left"], point["top"])
    expect(notation).not_to_have_text(CONVOLUTIONS)
    settled(page)
    assert number(page, "log-flow (log R)") == pytest.approx(point["flow"], abs=0.2)  # others stand a pixel away
    assert number(page, "MACs (M)") == pytest.approx(point["macs"], abs=0.2)
    expect(page.locator("svg g.edge")).to_have_count(6)
    assert page.evaluate(RANGES) == zoomed
    assert errors == []
    assert visited.elsewhere == []

    chosen = notation.inner_text()
    page.get_by_role("button", name="Mark", exact=True).click()
    expect(page).to_have_url(re.compile(r"[?&]mark=\d+"))
    page.get_by_role("button", name="Open in the viewer").click()
    expect(page.get_by_label("Genotype", exact=True)).to_have_value(chosen)


def test_a_lasso_puts_cells_side_by_side_and_a_small_picture_chooses(visit):
    page = visit().open("/atlas")
    headline(page, FIRST)
    picture(page)
    settled(page)
    page.locator("[data-title='Lasso Select']").click()
    drag(page, (0.3, 0.02), (0.98, 0.02), (0.98, 0.5), (0.3, 0.5), (0.3, 0.05))
    lasso = page.locator(".st-key-lasso")
    expect(lasso.get_by_text("cells in the lasso")).to_be_visible()
    small = page.get_by_role("group", name="The first 20 by log-flow").get_by_role("button")
    expect(small).to_have_count(20)
    small.nth(2).click()
    expect(page.get_by_role("spinbutton", name="Place by log-flow")).to_have_value("3")
    lasso.get_by_role("button", name="Compare the first 12 by log-flow").click()
    lasso.get_by_role("button", name="Compare 12").click()
    headline(page, re.compile("^12 answers agree on "))
    expect(page).to_have_url(re.compile(r"/compare\?.*genotype="))
    page.get_by_role("button", name="Remove").first.click()
    headline(page, re.compile("^11 answers agree on "))
    again = visit()
    again.page.goto(page.url)
    headline(again.page, page.locator("h1").inner_text())


def test_a_filter_acts_at_once_and_its_link_opens_the_same(visit):
    page = visit().open("/atlas")
    headline(page, FIRST)
    page.get_by_role("button", name="Filter").click()
    slider = page.locator(".st-key-only_params").get_by_role("slider").first
    slider.focus()
    for _ in range(3):
        slider.press("PageUp")
    expect(page).to_have_url(re.compile(r"only_params=0\.52&"))
    headline(page, re.compile(r"^\d,\d{3} of 15,625 cells: "))
    left = page.locator("h1").inner_text()
    expect(page.get_by_role("button", name=re.compile("Parameters 0.52 to "))).to_be_visible()
    again = visit()
    again.page.goto(page.url)
    headline(again.page, left)


def test_a_sample_of_darts_fits_a_narrow_screen(visit):
    visited = visit(viewport=NARROW)
    page = visited.open("/atlas?space=darts&sample=1000")
    headline(page, re.compile("^1,002 of .* genotypes: "))
    picture(page)
    settled(page)
    fits(page)
    visited.change_theme()
    picture(page)
    fits(page)
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    assert visited.elsewhere == []
