"""Tables and numbers as text."""

from __future__ import annotations

import csv
import io
import math
import re
from html.parser import HTMLParser

import markdown
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

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


LIVE = [
    *("<img src=x onerror=alert(1)>", "<b>", "\\<b>", "</td><script>alert(1)</script>", "<javascript:alert(1)>"),
    *("[a](http://b)", "[a](javascript:alert(1))", "![a](http://b/c.png)", "![a][b]", "[a]: javascript:alert(1)"),
    *("`c`", "*d*", "**e**", "e|f", "# g", "> h", "~~~", "___", "&lt;i&gt;", "&#60;j>", "<!-- k", "<?l", "<![CDATA["),
]
READERS = {
    "CommonMark": lambda text: MarkdownIt("gfm-like", {"linkify": False}).render(text),
    "Python-Markdown": lambda text: markdown.markdown(text, extensions=["tables", "fenced_code"]),
}


class _Reading(HTMLParser):
    """The tags of a page, and the text of its heading, cells and items."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags, self.texts = set(), []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag in ("h3", "th", "td", "li"):
            self.texts.append("")

    def handle_data(self, data):
        if self.texts:
            self.texts[-1] += data

    def unknown_decl(self, data):
        self.tags.add(data)

    handle_comment = handle_decl = handle_pi = unknown_decl


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("text", LIVE)
def test_no_text_is_more_than_text_in_markdown(text: str, reader: str):
    written = write_tables([TextTable(text, ("a", text), [(text, text)], notes=[text])], "markdown")
    found = _Reading(READERS[reader](written))
    assert found.tags <= {"h3", "table", "thead", "tbody", "tr", "th", "td", "ul", "li"}
    assert [said.strip() for said in found.texts] == [text, "a", text, text, text, text]


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
    computed = [ReportNumber("found", "＝1+1", "count", None, -1.5, "\t@x")]
    assert write_numbers(computed).splitlines()[1] == "found,'＝1+1,count,,-1.5,'\t@x,,"
    assert (second["k"], second["value"], second["low"], third["value"]) == ("10", "15625", "", "")
