"""Bringing a table of accuracies: numbers where it is one, a sentence where it is not."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from engine.genotypes.population import Population
from engine.measures import MEASURES
from engine.studies.evidence import EvidenceQuestion, evidence
from engine.tables import read_table
from tests.browser import table_menu
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
    headline(page, "Evidence: CIFAR-10 test accuracy (%), 200 epochs")


def drawn(page: Page, name: str):
    expect(page.get_by_role("figure", name=re.compile(name))).to_be_attached()


def test_a_table_is_brought_weighed_and_taken_away(visit, table):
    visited = visit()
    page = visited.open("/evidence")
    expect(page.get_by_text("No table ships with the project")).to_be_visible()
    bring(page, table)
    weighed(page)
    expected = evidence(
        read_table(table), EvidenceQuestion(column="test_accuracy", measures=("flow", "params", "macs"))
    )
    flow = expected.scores[0].spearman
    expect(page.get_by_text(f"Spearman {flow.value:.3f} [{flow.low:.3f}, {flow.high:.3f}]")).to_be_visible()
    drawn(page, "^Rank correlations.*log-flow: Spearman")
    drawn(page, "^Best accuracy in per cent among the top k")

    columns = page.locator(".st-key-score_columns input")
    columns.scroll_into_view_if_needed()
    settled(page)  # a list that opens while the sidebar still moves closes again
    columns.click()
    page.get_by_role("option").first.click()
    page.keyboard.press("Escape")
    expect(page.get_by_text("(from the table) orders the 50 architectures")).to_be_visible()
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


def test_the_page_fits(visit, table):
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
    assert visited.elsewhere == []
