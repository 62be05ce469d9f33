"""Tables and numbers as text, Markdown, LaTeX and CSV."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tabulate import tabulate

from engine.common.csv_text import csv_text

NOT_KNOWN = "-"
"""The cell of a table where there is no figure."""
TABLE_FORMS = ("text", "markdown", "latex")
"""The forms in which tables can be written."""
_LAYOUTS = {"text": "simple", "markdown": "github", "latex": "latex_booktabs"}
_HEADINGS = {"text": "{}", "markdown": "### {}", "latex": "% {}"}
_NOTES = {"text": "{}", "markdown": "- {}", "latex": "% {}"}

_MARKDOWN = re.compile(r"[\\|`*]|\](?=[(\[:])|^[\[#>_]")
"""The signs in a text of Markdown that would be read as more than text, each made text by a backslash."""
_ENTITIES = {re.compile(r"&(?=#?\w+;)"): "&amp;", re.compile("<"): "&lt;", re.compile("^~"): "&#126;"}
"""The signs that begin HTML, or a block of code: not every reader of Markdown takes a backslash before them."""


class TextTable(NamedTuple):
    """A table for people, all cells of text; its first column and the last `words_last` columns are words."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()
    words_last: int = 0


class ReportNumber(NamedTuple):
    """One number for programs: the part of the evidence and the row it is in, its name, and its k, if it has one."""

    part: str
    row: str
    quantity: str
    k: int | None
    value: float
    source: str
    low: float = math.nan
    high: float = math.nan


def write_tables(tables: Iterable[TextTable], form: str) -> str:
    """Write the tables one below the other, as one of `TABLE_FORMS`; LaTeX needs the package booktabs."""
    parts = []
    for table in tables:
        written = _escaped if form == "markdown" else _one_line
        rows = [[written(cell) for cell in row] for row in table.rows]
        numbers = len(table.headers) - 1 - table.words_last
        aligned = ["left", *["right"] * numbers, *["left"] * table.words_last]
        parts.append(_HEADINGS[form].format(written(table.title)))
        headers = [written(header) for header in table.headers]
        parts.append(tabulate(rows, headers, _LAYOUTS[form], disable_numparse=True, colalign=aligned))
        parts += ["\n".join(_NOTES[form].format(written(note)) for note in table.notes)] * bool(table.notes)
    return "\n\n".join(parts) + "\n"


def write_numbers(numbers: Iterable[ReportNumber]) -> str:
    """Write the numbers as CSV, a row each, to six digits; a field without a value is empty."""
    return csv_text([ReportNumber._fields, *numbers], digits=6)


def _one_line(text: str) -> str:
    """Return `text` on one line."""
    return " ".join(text.split())


def _escaped(text: str) -> str:
    """Return `text` on one line of Markdown, in which it ends no cell and is no HTML, code, emphasis, link or image."""
    text = _MARKDOWN.sub(r"\\\g<0>", _one_line(text))
    for sign, written in _ENTITIES.items():
        text = sign.sub(written, text)
    return text
