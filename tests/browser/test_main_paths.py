"""What a person does: search, look, replay, download; stop; open a link; bring a bad file."""

import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from engine import SearchConfig, SearchResult, parse_genotype, search
from tests.browser.visit import ask_seed, button, download, headline, settled, status

LONG = "/?space=darts&cells=20"
"""A search that takes more than a minute."""


def field(page: Page, row: int, column: int) -> Locator:
    return page.locator(".heat tbody tr").nth(row).locator("td").nth(column)


def test_search_look_replay_and_download(visit):
    page = visit().open("/?space=nas-bench-201")
    headline(page, "conv 3×3 on all 6 connections")
    status(page, "ships with FreeNAS")
    ask_seed(page, 3)
    status(page, re.compile("Quick estimate .* Run the exact search"))
    button(page, "search").click()
    status(page, re.compile("seed 3, synaptic · computed here just now"))

    edges = page.locator("g.edge[role=button]")
    expect(edges).to_have_count(6)
    field(page, row=3, column=1).click()
    expect(page.locator("g.edge.selected")).to_have_attribute("aria-label", "0→3: conv 3×3")
    expect(page.get_by_text("0→3 · skip carries ")).to_be_visible()
    page.get_by_role("columnheader", name="conv 3").get_by_role("button").click()
    expect(page.locator("g.edge.selected")).to_have_count(6)
    page.locator("#edge-cell-1-2").focus()
    page.keyboard.press("Enter")
    expect(page.locator("g.edge.selected")).to_have_count(1)
    expect(page.get_by_text("1→2 · conv 3×3 carries ")).to_be_visible()

    slider = page.get_by_role("slider", name="Pruning step")
    slider.press("Home")
    expect(page.get_by_text("step 0 of 24: every operation is live")).to_be_visible()
    for _ in range(7):
        slider.press("ArrowRight")
    expect(page.get_by_text(re.compile(r"step 7 of 24: (avg pool 3×3|skip) on 0→3 dropped"))).to_be_visible()
    page.get_by_role("button", name="A step back").click()
    expect(page.get_by_text("step 6 of 24")).to_be_visible()
    page.get_by_role("button", name="Result").click()
    expect(page.locator(".replay output")).to_have_text("how the supernet was pruned, step by step")

    expected, menu = search(SearchConfig(seed=3)), button(page, "export")
    genotype = download(page, menu, "Genotype JSON")
    assert genotype.suggested_filename == "freenas_nas_bench_201_synaptic_seed3.json"
    assert parse_genotype(Path(genotype.path()).read_text("utf-8")) == expected.genotype
    result = SearchResult.from_json(Path(download(page, menu, "Full result JSON").path()).read_text("utf-8"))
    for kind, table in expected.shares.items():
        assert result.shares[kind] == pytest.approx(table, rel=1e-4)
    with page.expect_download() as caught:
        page.get_by_role("button", name="Heatmap as SVG").click()
    assert Path(caught.value.path()).read_text("utf-8").count("<svg") == 1


def test_a_search_a_pin_and_an_export_by_the_keyboard_alone(visit):
    page = visit().open("/?seed=9")
    button(page, "search").focus()
    page.keyboard.press("Enter")
    status(page, re.compile("seed 9, synaptic · computed here just now"))
    page.locator(".heat td[tabindex='0']").focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.get_by_text("0→1 · conv 1×1 carries ")).to_be_visible()
    page.get_by_role("button", name="Pin", exact=True).press("Enter")
    expect(page.get_by_role("button", name="Pinned: conv 1×1 on 0→1").first).to_be_visible()
    headline(page, "conv 1×1 on 1")
    settled(page)
    button(page, "export").press("Enter")
    with page.expect_download() as caught:
        page.get_by_role("button", name="Genotype JSON").press("Enter")
    genotype = parse_genotype(Path(caught.value.path()).read_text("utf-8"))
    assert genotype.cells["cell"][0].operation == "nor_conv_1x1"


def test_stop_ends_a_search_and_keeps_the_result(visit):
    page = visit().open(LONG + "&seed=11")
    settled(page)
    before = page.locator("h1").inner_text()
    begin(page)
    button(page, "stop").click()
    status(page, re.compile(r"Stopped at pass \d+ of "))
    expect(button(page, "search")).to_be_enabled()
    assert page.locator("h1").inner_text() == before


def begin(page: Page):
    button(page, "search").click()
    expect(button(page, "stop")).to_have_text(re.compile(r"Stop · \d+ of "))


def test_another_tab_keeps_its_own_result_while_one_searches(visit):
    searching, looking = visit().open(LONG + "&seed=12"), visit().open("/")
    settled(searching)
    begin(searching)
    looking.get_by_text("Raw score").click()
    expect(looking.get_by_role("grid", name=re.compile("Raw score"))).to_be_visible()
    headline(looking, "conv 1×1 on 3 of 6 connections")
    button(searching, "stop").click()
    expect(button(searching, "search")).to_be_enabled()


def test_a_link_holds_the_whole_question(visit):
    page = visit().open("/?seed=5&recipe=released")
    expect(page.get_by_label("Seed", exact=True)).to_have_value("5")
    page.get_by_role("button", name="Search").last.click()
    status(page, re.compile("seed 5, released · computed here just now"))
    page.get_by_role("button", name="Share").click()
    link = page.locator("[data-testid=stPopoverBody] code").first.inner_text()
    again = visit()
    again.page.goto(link)
    status(again.page, re.compile("seed 5, released · computed here before"))


def test_a_bad_link_is_explained(visit):
    page = visit().open("/?seed=-4&space=darts")
    expect(page.get_by_text(re.compile("not understood in full: seed.*-4"))).to_be_visible()
    headline(page, "sep conv 5×5 on all 8 connections")


@pytest.mark.parametrize("text", ["![x](http://evil.example/p.png)", "[Sign in](http://evil.example)", "$x^2$"])
@pytest.mark.parametrize("path", ["/viewer?genotype=", "/?space="])
def test_text_from_a_link_stays_text(visit, path, text):
    visited = visit()
    page = visited.open(path + quote(text))
    alert = page.get_by_role("alert").filter(has_text=re.sub(r".*//|[)\]].*", "", text))
    expect(alert).to_be_visible()
    assert alert.locator("a, img, .katex").count() == 0
    assert visited.elsewhere == []


def test_a_malformed_upload_gets_a_sentence_and_the_picture_stays(visit, tmp_path):
    page = visit().open("/viewer")
    expect(page.locator("svg g.edge")).to_have_count(6)
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps({"schema": "freenas/genotype@1", "space": "darts", "cells": {"normal": {"edges": 3}}}))
    page.get_by_role("button", name="File or sample").click()
    page.get_by_test_id("stPopoverBody").locator("input[type=file]").set_input_files(bad)
    expect(page.get_by_text("cells.normal.edges: a list expected, 3 found")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("svg g.edge")).to_have_count(6)
    page.get_by_label("Genotype", exact=True).fill("|nor_conv_3x3~0|+|oops~0|")
    page.get_by_label("Genotype", exact=True).press("Control+Enter")
    expect(page.get_by_text("Not a genotype: a NAS-Bench-201 cell has 3 nodes")).to_be_visible()
    expect(page.locator("svg g.edge")).to_have_count(6)
