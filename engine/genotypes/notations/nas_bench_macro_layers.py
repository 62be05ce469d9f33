"""Networks of NAS-Bench-Macro with something between the digits of the layers, as lists and tuples are printed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.genotypes.notations.form import LONGEST_EXCERPT, Excerpt, Form, Translation

_LAYERS = re.compile(r"[\s'\"`\[(]*[0-2](?P<between>[ ]?[,;:/|_+-][ ]?|[ ])[0-2](?:(?P=between)[0-2]){6}[\s'\"`\])]*")


def _find(text: str) -> Iterator[tuple[int, int]]:
    """Find it in a text that holds nothing else: eight small numbers in a row may be anything."""
    if len(text) <= LONGEST_EXCERPT and _LAYERS.fullmatch(text):
        yield 0, len(text)


def _translate(excerpt: Excerpt) -> Translation:
    return Translation("nas-bench-macro", re.sub("[^0-2]", "", excerpt.text))


FORM = Form(
    name="nas-bench-macro-layers",
    title="a network of NAS-Bench-Macro with blanks, commas or other signs between its layers",
    example="[0, 1, 2, 2, 0, 2, 1, 1]",
    notations=("nas-bench-macro",),
    find=_find,
    translate=_translate,
    weak=True,
)
