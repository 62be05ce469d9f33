"""Learn in a browser: sliders that move the toy, and clicks that prune a supernet."""

import re

from playwright.sync_api import expect

from engine.supernets.toy import Toy
from tests.browser.visit import settled


def test_the_toy_ends_where_its_slider_does(visit):
    page = visit().open("/learn")
    slider = page.get_by_label("weight of conv on A")
    for weight in ("0.5", "4.5", "1.2"):
        slider.fill(weight)
    share = Toy(a=1.2).scores()[1].share
    expect(page.locator(".toy .result").nth(1)).to_have_text(re.compile(rf"F {share:.3f}$"))
    slider.press("ArrowRight")
    expect(page.locator(".toy .result").nth(1)).to_have_text(re.compile(rf"F {Toy(a=1.3).scores()[1].share:.3f}$"))
    expect(slider).to_be_focused()


def test_a_click_drops_an_operation_and_the_engine_scores_the_rest(visit):
    page = visit().open("/learn")
    figure = page.locator(".supernet:has(.fields)")
    figure.get_by_role("button", name="Drop 0→1 · conv 3×3").click()
    expect(figure.get_by_role("button", name="0→1 · conv 3×3: dropped")).to_have_attribute("aria-disabled", "true")
    expect(figure.locator(".fields button").nth(4)).not_to_have_text("1.1")  # the share of pooling before
    settled(page)
    page.get_by_text("keeps it alone").click()
    kept = figure.get_by_role("button", name="Keep 0→1 · skip")
    kept.focus()
    page.keyboard.press("Enter")
    expect(figure.get_by_role("button", name="the last one")).to_be_focused()
    settled(page)
    page.get_by_role("button", name="Let FreeNAS finish").click()
    expect(page.get_by_text("agree on 5 of 6 connections")).to_be_visible()
    page.get_by_role("button", name="Start again").click()
    expect(figure.get_by_role("button", name="Keep 0→1 · conv 3×3")).to_be_visible()
