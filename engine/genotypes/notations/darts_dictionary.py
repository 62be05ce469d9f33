"""The fields of a DARTS genotype as a dictionary: `_asdict()`, as Python or JSON writes it."""

from __future__ import annotations

from engine.genotypes.notations.form import Excerpt, Form, Translation, bracketed
from engine.genotypes.notations.literals import read_literal
from engine.genotypes.notations.pairs import translate_fields

_QUOTE = "['\"]"


def _translate(excerpt: Excerpt) -> Translation:
    fields = read_literal(excerpt, "not a dictionary of a genotype")
    if not isinstance(fields, dict):
        raise ValueError("a genotype as a dictionary has the keys normal, normal_concat, reduce, reduce_concat")
    return translate_fields(fields, "a genotype as a dictionary")


FORM = Form(
    name="darts-dictionary",
    title="its fields as a dictionary: `_asdict()`, as Python or JSON writes it",
    example='{"normal": [["sep_conv_3x3", 0], …], "normal_concat": [2, 3, 4, 5], "reduce": …, "reduce_concat": …}',
    notations=("darts",),
    find=bracketed(
        rf"\{{[^{{}}]*?{_QUOTE}(?:normal|reduce){_QUOTE}[ ]?:"
        rf"|OrderedDict\(\[\({_QUOTE}(?:normal|reduce){_QUOTE},"
        r"|\bdict\(\s{0,99}(?:normal|reduce)[ ]?="
    ),
    translate=_translate,
)
