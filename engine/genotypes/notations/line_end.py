"""The strict notation of a space of layers, or of NAS-Bench-1Shot1, at the end of a line of a log."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.genotypes.notations.form import Excerpt, Form, Translation

_LAYER = r"(?:k[0-9]e[0-9]|skip)"
_BLOCK = r"\w{1,30}\([0-9](?:,[0-9]){0,9}\)"
_PATTERNS = {
    "nas-bench-macro": r"[0-2]{8}",
    "mobilenet": rf"{_LAYER}(?:[ ](?:\|[ ])?{_LAYER}){{8,30}}",
    "nas-bench-1shot1-1": rf"{_BLOCK}(?:[ ]{_BLOCK}){{3,6}}",
}
_LINE_END = re.compile(rf"(?m)(?:^|[:=])[ \t]*['\"]?(?P<notation>{'|'.join(_PATTERNS.values())})['\"]?[ \t\r]*$")


def _find(text: str) -> Iterator[tuple[int, int]]:
    yield from (match.span("notation") for match in _LINE_END.finditer(text))


def _translate(excerpt: Excerpt) -> Translation:
    notation = next(name for name, pattern in _PATTERNS.items() if re.fullmatch(pattern, excerpt.text))
    return Translation(notation, excerpt.text)


FORM = Form(
    name="line-end",
    title="the notation of NAS-Bench-Macro, MobileNet or NAS-Bench-1Shot1 at the end of a line of a log",
    example="10:12:01 INFO best network: 01220211",
    notations=tuple(_PATTERNS),
    find=_find,
    translate=_translate,
    weak=True,
)
