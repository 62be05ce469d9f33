"""`Genotype(…)` of DARTS, behind a name or a module, in a log or in a file; its fields by name or in order."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.genotypes.notations.form import LONGEST_EXCERPT, Excerpt, Form, Translation, bracketed
from engine.genotypes.notations.literals import WrittenCall, read_literal
from engine.genotypes.notations.pairs import FIELDS, translate_fields

_START = r"Genotype(?<!\wGenotype)(?<!class Genotype)(?<!def Genotype)[ \t]{0,9}\("
_WHAT = "Genotype(...)"
_FUNCTION = re.compile(r"\bgrad_fn=<[^<>\n]{0,80}>")
"""The part of a tensor in a log that is no Python."""
_calls = bracketed(_START, nested=False)


def _find(text: str) -> Iterator[tuple[int, int]]:
    """Yield where calls with a text in them stand; if there is none, where the last one begins that stays open."""
    closed = False
    for begin, end in _calls(text):
        if "'" in (excerpt := text[begin:end]) or '"' in excerpt:
            closed = True
            yield begin, end
    starts = [] if closed else [match.start() for match in re.finditer(_START, text)]
    if starts and re.search("['\"]", text[starts[-1] : starts[-1] + LONGEST_EXCERPT]):
        yield starts[-1], min(len(text), starts[-1] + LONGEST_EXCERPT)


def _translate(excerpt: Excerpt) -> Translation:
    text = _FUNCTION.sub(lambda match: "grad_fn=0".ljust(len(match[0])), excerpt.text)
    value = read_literal(Excerpt(text, excerpt.line, excerpt.column), f"not a {_WHAT} text")
    if not isinstance(value, WrittenCall):
        raise ValueError("a DARTS genotype is written Genotype(normal=[...], normal_concat=..., reduce=[...], ...)")
    further = (f"field {number}" for number in range(len(FIELDS) + 1, len(value.arguments) + 1))
    pairs = [*zip((*FIELDS, *further), value.arguments, strict=False), *value.keywords]
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError(f"{_WHAT} takes exactly {', '.join(FIELDS)}, each once, by name or in this order")
    return translate_fields(fields, _WHAT, record=False)


FORM = Form(
    name="darts-call",
    title="`Genotype(…)` of DARTS in a log or a file: fields by name or in order, edges in a row or node by node",
    example="genotypes.Genotype(normal=[[('sep_conv_3x3', 0, 0.13), …], …], normal_concat=range(2, 6), …)",
    notations=("darts",),
    find=_find,
    translate=_translate,
)
