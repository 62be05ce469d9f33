"""The string of a NAS-Bench-201 cell among other text: in a log, in `Structure(…)`, with blanks, over several lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.genotypes.notations.form import LONGEST_EXCERPT, Excerpt, Form, Translation

_BLANKS = r"\s{0,99}"
_NODE = r"\|(?:(?:[^|+~]{0,300}~[^|+~]{0,60}|\w{1,99})\|){1,12}+"
_CELL = re.compile(rf"{_NODE}(?:{_BLANKS}\+{_BLANKS}{_NODE})++[\w~]{{0,99}}")
"""Nodes with a plus between them, and what stands behind the last bar as if it were a part of them."""


def _find(text: str) -> Iterator[tuple[int, int]]:
    yield from (match.span() for match in _CELL.finditer(text) if "~" in match[0])


def _translate(excerpt: Excerpt) -> Translation:
    if len(excerpt.text) > LONGEST_EXCERPT:
        raise ValueError(f"the cell has {len(excerpt.text):,} characters; a notation has at most {LONGEST_EXCERPT:,}")
    return Translation("nas-bench-201", re.sub(r"\s*([|+~])\s*", r"\1", excerpt.text))


FORM = Form(
    name="nas-bench-201-cell",
    title="the string of NAS-Bench-201, in a log, in `Structure(…)`, with blanks or over several lines",
    example="Structure(4 nodes with |nor_conv_3x3~0| + |none~0|skip_connect~1| + …)",
    notations=("nas-bench-201", "cells"),
    find=_find,
    translate=_translate,
)
