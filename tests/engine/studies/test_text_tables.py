"""Tables and numbers as text."""

from __future__ import annotations

import csv
import io
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.studies.text_tables import ReportNumber, TextTable, write_numbers, write_tables

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


@pytest.mark.parametrize("text", ["<img src=x>", "[a](http://b)", "![a][b]", "`c`", "*d*", "e|f", "\\<b>"])
def test_no_text_is_more_than_text_in_markdown(text: str):
    written = write_tables([TextTable(text, ("a", "b"), [(text, text)], notes=[text])], "markdown")
    row = next(line for line in written.split("\n") if line.startswith("| ") and "\\" in line)
    places = [
        written.split("\n")[0].removeprefix("### "),
        *re.split(r"(?<!\\) \| ", row.strip("| ")),
        written.split("\n- ")[1],
    ]
    for place in map(str.strip, places):
        assert re.sub(r"\\(.)", r"\1", place) == text
        assert not re.search(r"[<`*|]|\]\(|\]\[", re.sub(r"\\.", "", place))


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
