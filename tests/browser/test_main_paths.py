"""What a person does: search, look, replay, download; stop; open a link; bring a bad file."""

import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from engine import SearchConfig, SearchResult, parse_genotype, search
from tests.browser.visit import button, download, headline, settled

LONG = "/?space=darts&cells=20"
"""A search that takes more than a minute."""


def field_of_heatmap(page: Page, row: int, column: int, rows: int, columns: int):
    """Click a field of the heatmap; row -1 holds the swatches."""
    settled(page)
    area = page.locator("[data-testid=stPlotlyChart] .nsewdrag").first
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    page.mouse.click(
        box["x"] + box["width"] * (column + 0.5) / columns, box["y"] + box["height"] * (row + 1.5) / (rows + 1)
    )


def test_search_look_replay_and_download(visit):
    page = visit().open("/")
    headline(page, "NAS-Bench-201 · seed 0 · synaptic")
    expect(page.get_by_text("Shipped example")).to_be_visible()

    page.get_by_label("Seed", exact=True).fill("3")
    page.get_by_label("Seed", exact=True).press("Enter")
    headline(page, "seed 3 · synaptic · closed form")
    expect(page.get_by_text("Preview in the closed form")).to_be_visible()
    button(page, "search").click()
    headline(page, "seed 3 · synaptic · 19 passes")
    expect(page.get_by_text("Computed here just now")).to_be_visible()

    edges = page.locator("g.edge[role=button]")
    expect(edges).to_have_count(6)
    field_of_heatmap(page, row=3, column=1, rows=6, columns=5)
    expect(page.locator("g.edge.selected")).to_have_attribute("aria-label", "0→3: nor_conv_3x3")
    expect(page.get_by_text("0→3 · skip_connect")).to_be_visible()
    field_of_heatmap(page, row=-1, column=3, rows=6, columns=5)
    expect(page.locator("g.edge.selected")).to_have_count(6)
    settled(page)
    page.locator("#edge-cell-1-2").focus()
    page.keyboard.press("Enter")
    expect(page.locator("g.edge.selected")).to_have_count(1)
    expect(page.locator("g.edge.selected")).to_have_attribute("id", "edge-cell-1-2")
    expect(page.get_by_text("1→2 · nor_conv_3x3")).to_be_visible()

    page.get_by_text("Replay", exact=True).click()
    expect(page.get_by_text("every operation is live")).to_be_visible()
    slider = page.get_by_role("slider")
    slider.focus()
    for _ in range(7):
        slider.press("ArrowRight")
    expect(page.get_by_text(re.compile(r"Step 7 of 24: dropped (avg_pool_3x3|skip_connect) on 0→3"))).to_be_visible()
    slider.press("End")
    for _ in range(2):
        slider.press("ArrowLeft")
    expect(page.get_by_text("Step 22 of 24")).to_be_visible()
    button(page, "play").click()
    expect(page.get_by_text("Step 24 of 24")).to_be_visible()
    expect(button(page, "play")).to_contain_text("Play")

    expected, menu = search(SearchConfig(seed=3)), button(page, "export")
    genotype = download(page, menu, "Genotype JSON")
    assert genotype.suggested_filename == "freenas_nas_bench_201_synaptic_seed3.json"
    assert parse_genotype(Path(genotype.path()).read_text("utf-8")) == expected.genotype
    result = SearchResult.from_json(Path(download(page, menu, "Full result JSON").path()).read_text("utf-8"))
    for kind, table in expected.shares.items():
        assert result.shares[kind] == pytest.approx(table, rel=1e-4)


def test_stop_ends_a_search_and_keeps_the_result(visit):
    page = visit().open(LONG + "&seed=11")
    headline(page, "DARTS")
    settled(page)
    before = page.locator("h4").inner_text()
    begin(page)
    button(page, "stop").click()
    expect(button(page, "search")).to_be_enabled()
    settled(page)
    assert page.locator("h4").inner_text() == before


def begin(page: Page):
    button(page, "search").click()
    expect(page.get_by_text(re.compile(r"^search, seed \d+: pass \d+ of "))).to_be_visible()


def test_another_tab_keeps_its_own_result_while_one_searches(visit):
    searching, looking = visit().open(LONG + "&seed=12"), visit().open("/")
    begin(searching)
    looking.get_by_text("Raw score").click()
    expect(looking.get_by_role("figure", name=re.compile("^Heatmap of raw score"))).to_be_visible()
    headline(looking, "NAS-Bench-201 · seed 0")
    expect(button(searching, "search")).to_be_disabled()
    button(searching, "stop").click()
    expect(button(searching, "search")).to_be_enabled()


def test_a_link_holds_the_whole_question(visit):
    page = visit().open("/?seed=5&recipe=released")
    expect(page.get_by_label("Seed", exact=True)).to_have_value("5")
    button(page, "search").click()
    headline(page, "seed 5 · released · 1 pass")
    page.get_by_role("button", name="Share").click()
    link = page.locator("[data-testid=stPopoverBody] code").inner_text()
    again = visit()
    again.page.goto(link)
    headline(again.page, "seed 5 · released")
    expect(again.page.get_by_text("from the cache")).to_be_visible()


def test_a_bad_link_is_explained(visit):
    page = visit().open("/?seed=-4&space=darts")
    expect(page.get_by_text(re.compile("not understood in full: seed.*-4"))).to_be_visible()
    headline(page, "DARTS")


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
    page.locator("input[type=file]").set_input_files(bad)
    expect(page.get_by_text("cells.normal.edges: a list expected, 3 found")).to_be_visible()
    expect(page.locator("svg g.edge")).to_have_count(6)
    page.get_by_label("Genotype", exact=True).fill("|nor_conv_3x3~0|+|oops~0|")
    page.get_by_label("Genotype", exact=True).press("Control+Enter")
    expect(page.get_by_text("Not a genotype: a NAS-Bench-201 cell has 3 nodes")).to_be_visible()
    expect(page.locator("svg g.edge")).to_have_count(6)
