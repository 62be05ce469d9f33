"""Bringing a table of accuracies: numbers where it is one, a sentence where it is not."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from dashboard.evidence.leaderboard import board_rows
from dashboard.evidence.published import published_rows
from dashboard.evidence.recipes import group_row
from dashboard.evidence.view import gain_rows, selected_score
from dashboard.parts.table import TableCell
from engine.genotypes.population import Population
from engine.measures import MEASURES
from engine.studies.evidence import EvidenceQuestion, evidence
from engine.studies.found_cells import recipe_cells
from engine.studies.published import published
from engine.tables import read_table
from tests.browser import table_menu
from tests.browser.test_accessibility import serious
from tests.browser.visit import NARROW, WIDE, button, download, fits, headline, settled

NAME = "cifar10_200ep.csv"
EVIL = '<a href="http://evil.example/x">![x](http://evil.example/p.png)</a>'


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> Path:
    population = Population.sample("nas-bench-201", 50, 5)
    params = MEASURES["params"].of(population, None)
    accuracy = (88 + 4 * params / params.max() + np.random.default_rng(1).normal(size=50)).round(2)
    path = tmp_path_factory.mktemp("tables") / NAME
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["arch", "test_accuracy", EVIL])
        for place, genotype in enumerate(population.genotypes()):
            writer.writerow([genotype.notation, accuracy[place], place])
    return path


def bring(page: Page, path: Path):
    table_menu.bring(page, path)
    table_menu.close_menu(page)


def told(page: Page, text: str | re.Pattern):
    expect(table_menu.open_menu(page).get_by_role("alert").filter(has_text=text)).to_be_visible()
    table_menu.close_menu(page)


def weighed(page: Page):
    expect(page.locator(".st-key-leaderboard tbody tr")).to_have_count(3)
    headline(page, "Evidence")


def drawn(page: Page, name: str):
    expect(page.get_by_role("figure", name=re.compile(name))).to_be_attached()


def test_a_table_is_brought_weighed_and_taken_away(visit, table):
    visited = visit()
    page = visited.open("/evidence")
    expect(page.get_by_role("table", name="Scores in NAS-Bench-201")).to_be_visible()
    bring(page, table)
    weighed(page)
    expected = evidence(
        read_table(table), EvidenceQuestion(column="test_accuracy", measures=("flow", "params", "macs"))
    )
    flow = expected.scores[0].spearman
    expect(page.get_by_text(f"Spearman {flow.value:.3f} [{flow.low:.3f}, {flow.high:.3f}]")).to_be_visible()
    drawn(page, "^Best accuracy in per cent among the top k")

    page.get_by_role("button", name="More", exact=True).click()
    page.locator(".st-key-score_columns input").click()
    page.get_by_role("option").first.click()
    for _ in range(2):  # the list, then the menu
        page.keyboard.press("Escape")
    row = page.get_by_role("row").filter(has_text="from the table")
    row.get_by_role("button", name=EVIL).press("Enter")
    expect(page.get_by_text("(from the table) orders the 50 architectures")).to_be_visible()
    expect(row.get_by_role("button")).to_have_attribute("aria-pressed", "true")
    expect(row.get_by_role("button")).to_be_focused()
    assert page.locator("a[href*=evil], img[src*=evil]").count() == 0

    with download(page, button(page, "evidence_export"), "All numbers, CSV").path().open(newline="") as file:
        numbers = {(row["part"], row["row"], row["quantity"]): row["value"] for row in csv.DictReader(file)}
    assert float(numbers["measured", "flow", "spearman"]) == pytest.approx(flow.value, rel=1e-5)
    assert visited.elsewhere == []


def test_a_wrong_table_ends_in_a_sentence_and_the_evidence_stays(visit, table, tmp_path):
    page = visit().open("/evidence")
    wrong = tmp_path / "wrong.csv"
    wrong.write_bytes(b"arch,acc\n" + b"x" * 40_000_000)
    table_menu.bring(page, wrong)
    told(page, "wrong.csv cannot be read: line 2 has more than 1,000,000 characters")
    bring(page, table)
    weighed(page)
    foreign = tmp_path / "foreign.csv"
    foreign.write_text("arch,acc\nresnet,1\n")
    table_menu.bring(page, foreign)
    told(page, "foreign.csv cannot be read: no column holds genotypes")
    weighed(page)


CELLS = """(tables) => tables.map((table) => [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => {
    const texts = [...cell.querySelectorAll(".text, .note")]
    const seen = (box) => box.left >= 0 && box.right <= innerWidth && box.width > 0
    const whole = cell.scrollWidth <= cell.clientWidth && texts.every((text) => seen(text.getBoundingClientRect()))
    return texts.map((text) => text.innerText).join(" / ") + (whole ? "" : " (cut off)")
})))"""
"""The text of every cell of every table on the page, as it is rendered, with a mark where some of it cannot be seen."""


def written(rows: list[list[str | TableCell]]) -> list[list[str]]:
    parts = [[(cell,) if isinstance(cell, str) else (cell.text, cell.note) for cell in row] for row in rows]
    return [[" / ".join(filter(None, texts)) for texts in row] for row in parts]


def test_no_number_is_cut_off_at_any_width(visit, table):
    visited = visit()
    page = visited.open("/evidence")
    bring(page, table)
    weighed(page)
    page.get_by_text("Published by others").click()
    result = evidence(read_table(table), EvidenceQuestion(column="test_accuracy", measures=("flow", "params", "macs")))
    expected = [
        [row[:-1] for row in written(board_rows(result))],  # without the times, which are others
        written(gain_rows(selected_score(result, ""), result)),
        written([group_row(group, "%") for group in recipe_cells((), read_table(table), "test_accuracy").groups]),
        written(published_rows(published("nas-bench-201"))),
    ]
    expect(page.get_by_role("table")).to_have_count(len(expected))
    for width in (1440, 1024, 390):
        page.set_viewport_size({"width": width, "height": 900})
        settled(page)
        board, *others = page.get_by_role("table").evaluate_all(CELLS)
        assert [[row[:-1] for row in board], *others] == expected
        assert all(re.fullmatch(r"(under )?[\d.]+ (µs|ms|s)", row[-1]) for row in board)
        fits(page)


INK = """() => [...document.querySelectorAll(".js-plotly-plot :is(.xtick, .ytick, .infolayer) text")].map((text) => [
    getComputedStyle(text).fill, getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor,
])"""


def luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_chart_is_read_in_both_themes_and_saved_in_both_forms(visit, table):
    visited = visit()
    page = visited.open("/evidence")
    bring(page, table)
    weighed(page)
    drawn(page, "^Best accuracy in per cent")
    for form, start in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        with page.expect_download() as caught:
            page.get_by_role("button", name=f"Save the chart as {form}").first.press("Enter")
        assert caught.value.suggested_filename == f"freenas_evidence_curves.{form.lower()}"
        content = caught.value.path().read_bytes()
        assert content.startswith(start)
        assert form == "PNG" or (b"Random search" in content and b"rgb(128, 132, 149)" not in content)
    for _ in range(2):
        inks = page.evaluate(INK)
        assert len(inks) > 10
        for ink, ground in inks:
            light, dark = sorted((luminance(ink), luminance(ground)), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, ground)
        visited.change_theme()
    assert visited.elsewhere == []


def test_the_page_fits_and_axe_finds_nothing_serious(visit, table):
    visited = visit(viewport=NARROW)
    page = visited.open("/evidence")
    bring(page, table)
    weighed(page)
    drawn(page, "in per cent: random")
    for viewport in (NARROW, WIDE):
        page.set_viewport_size(viewport)
        settled(page)
        fits(page)
        visited.change_theme()
        fits(page)
        assert serious(page) == {}
    assert visited.elsewhere == []
