"""Nested lists without names: what JSON makes of DARTS' namedtuple, and the nodes of a NAS-Bench-201 cell."""

from __future__ import annotations

from typing import Any

from engine.genotypes.notations.form import Excerpt, Form, Translation, bracketed
from engine.genotypes.notations.literals import Items, read_literal
from engine.genotypes.notations.pairs import FIELDS, translate_fields

_WHAT = "a genotype as nested lists"


def _translate(excerpt: Excerpt) -> Translation:
    value = read_literal(excerpt, f"not {_WHAT}")
    if isinstance(value, Items) and len(value) == 4 and isinstance(value[0], Items):
        return translate_fields(dict(zip(FIELDS, value, strict=True)), _WHAT)
    if isinstance(value, Items) and len(value) == 3 and all(map(_is_node, value)):
        return Translation("nas-bench-201", "+".join(f"|{'|'.join(map(_edge, node))}|" for node in value))
    raise ValueError(
        f"{_WHAT} has 4 fields ({', '.join(FIELDS)}), or 3 nodes of (operation, node) pairs as in NAS-Bench-201"
    )


def _is_node(node: Any) -> bool:
    return isinstance(node, Items) and all(isinstance(pair, Items) and len(pair) == 2 for pair in node)


def _edge(pair: Items) -> str:
    return f"{pair[0]}~{pair[1]}"


FORM = Form(
    name="nested-lists",
    title="nested lists: what JSON makes of the namedtuple, and the nodes of a NAS-Bench-201 cell",
    example="Structure([(('nor_conv_3x3', 0),), (('none', 0), ('skip_connect', 1)), …])",
    notations=("darts", "nas-bench-201"),
    find=bracketed(r"(?:[\[(]\s{0,99}){3,4}+['\"]"),
    translate=_translate,
)
