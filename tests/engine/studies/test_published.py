"""Published figures, and the tables they are written in."""

from __future__ import annotations

import csv
import io
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.spaces import SPACES
from engine.studies.published import PUBLISHED, Figure, published
from engine.studies.text_tables import ReportNumber, TextTable, write_numbers, write_tables

BENCH, DARTS = published("nas-bench-201"), published("darts")


def peer(name):
    return next(peer for found in (BENCH, DARTS) for peer in found.peers if peer.method == name)


def test_every_figure_has_its_source_and_fits_what_is_known_of_the_benchmark():
    optimum = [figure.mean for figure in peer("Optimum").figures]
    assert optimum == [94.37, 73.51, 47.31]
    for each in BENCH.peers:
        figures = [figure for figure in each.figures if figure is not None]
        assert len(each.figures) == len(BENCH.datasets)
        assert all(10 < figure.mean <= best for figure, best in zip(figures, optimum, strict=False))
        assert all(math.isnan(figure.sd) or 0 < figure.sd < 10 for figure in figures)
        assert "arXiv" in each.source
        assert each.note
        assert (each.seconds is None) == (each.device == "")
    for each in DARTS.peers:
        assert all(figure is None or 2 < figure.mean < 30 for figure in each.figures)
        assert each.source


def test_some_figures_by_hand():
    rea, naswot = peer("REA"), peer("NASWOT, N = 1000")
    assert [(figure.mean, figure.sd) for figure in rea.figures] == [(93.92, 0.30), (71.84, 0.99), (45.54, 1.03)]
    assert rea.seconds == 12000
    assert naswot.figures[0] == Figure("92.96 ± 0.81")
    assert math.isnan(peer("DARTS-V2").figures[0].sd)
    assert [figure.mean for figure in peer("FreeDARTS").figures] == [2.73, 18.03, 26.1]


def test_freenas_shows_no_accuracy_and_says_so():
    for found in (BENCH, DARTS):
        mine = next(each for each in found.peers if each.method == "FreeNAS")
        assert mine.figures == (None, None, None)
        assert "no accuracy" in mine.note
        assert all(number.quantity == "search, s" for number in found.numbers() if number.row == "FreeNAS")


def test_every_space_can_be_asked_and_no_other(monkeypatch):
    for name in SPACES:
        assert published(name).space.name == name
    monkeypatch.setattr("engine.studies.published.PUBLISHED", {})
    assert published("darts").tables() == published("darts").numbers() == []
    with pytest.raises(ValueError, match="unknown search space 'x'"):
        published("x")


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_table_keeps_the_digits_and_the_numbers_are_the_same(name):
    (table,) = published(name).tables()
    assert "not measured here" in table.title
    cells = {(row[0], header): cell for row in table.rows for header, cell in zip(table.headers, row, strict=True)}
    if name == "nas-bench-201":
        assert cells["TE-NAS", "CIFAR-10"] == "93.9 ± 0.47"  # not 93.90
        assert cells["DARTS-V1", "CIFAR-10"] == "54.30"  # not 54.3
        assert cells["NASWOT, N = 10", "Search, s"] == "3.05"
        assert cells["REA", "Search, s"] == "12,000"
    seen = 0
    for number in published(name).numbers():
        dataset = next(
            (each for each in published(name).datasets if number.quantity.startswith(f"{each} ")), "Search, s"
        )
        parts = cells[number.row, dataset].replace(",", "").split(" ± ")
        assert number.value == float(parts["sd" in number.quantity])
        assert number.source == cells[number.row, "Source"]
        seen += 1
    given = [part for cell in cells.values() for part in cell.split(" ± ") if re.fullmatch(r"[\d.,]+", part)]
    assert seen == len(given)


words = st.text(st.sampled_from("ab|&%$#_{}~^\\<> \n\t±"), min_size=1, max_size=8).filter(str.strip)
tables = st.integers(2, 4).flatmap(lambda width: st.lists(st.lists(words, min_size=width, max_size=width), min_size=1))


@given(tables, words)
def test_whatever_a_cell_holds_a_row_stays_a_row(rows, title):
    headers = [f"h{place}" for place in range(len(rows[0]))]
    table = TextTable(title, headers, rows, notes=[title, "two\nlines"], words_last=1)
    markdown = write_tables([table], "markdown").split("\n")
    assert markdown[0].startswith("### ")
    body = [line for line in markdown if line.startswith("|")]
    assert len(body) == len(rows) + 2
    assert {len(re.split(r"(?<!\\)\|", line.replace("\\\\", ""))) for line in body} == {len(headers) + 2}
    latex = write_tables([table], "latex").split("\n")
    inside = latex[latex.index(r"\midrule") + 1 : latex.index(r"\bottomrule")]
    assert len(inside) == len(rows)
    for line in inside:
        assert line.endswith(r" \\")
        assert len(re.findall(r"(?<!\\)&", line)) == len(headers) - 1
        assert not re.findall(r"(?<!\\)[%#$_]", line)
    outside = [line for line in latex if line and latex.index(line) not in range(2, latex.index(r"\end{tabular}") + 1)]
    assert all(line.startswith("% ") for line in outside)
    assert outside[-1] == "% two lines"


def test_numbers_are_not_changed_by_the_layout():
    table = TextTable("t", ("a", "b"), [("x", "93.90"), ("y", "1,000"), ("007", "-")])
    for form in ("text", "markdown", "latex"):
        written = write_tables([table], form)
        assert all(text in written for text in ("93.90", "1,000", "007"))


def test_csv_holds_every_number_to_six_digits():
    numbers = [
        ReportNumber("measured", "a, b", "spearman", None, 0.77885812, "so\nso", 0.7714, 0.7853),
        ReportNumber("found", "c", "count", 10, 15625, "s"),
        ReportNumber("found", "c", "sd", None, math.nan, "s"),
    ]
    first, second, third = csv.DictReader(io.StringIO(write_numbers(numbers)))
    assert first == {
        "part": "measured",
        "row": "a, b",
        "quantity": "spearman",
        "k": "",
        "value": "0.778858",
        "source": "so\nso",
        "low": "0.7714",
        "high": "0.7853",
    }
    assert (second["k"], second["value"], second["low"], third["value"]) == ("10", "15625", "", "")
