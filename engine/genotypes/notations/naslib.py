"""The compact tuples of NASLib, those of NAS-Bench-Suite-Zero's files.

In `naslib/search_spaces/nasbench201/conversions.py` of github.com/automl/NASLib six places of operations on the edges
0→1, 0→2, 0→3, 1→2, 1→3, 2→3; in `…/nasbench301/conversions.py` two cells (normal, reduce) of eight pairs (source, place
of operation).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.common.errors import quoted
from engine.genotypes.notations.form import Excerpt, Form, Translation
from engine.genotypes.notations.literals import Items, read_literal
from engine.spaces import SPACES, Gene, SearchSpace

_OPERATIONS_201 = ("skip_connect", "none", "nor_conv_3x3", "nor_conv_1x1", "avg_pool_3x3")
_OPERATIONS_301 = tuple(name for name in SPACES["darts"].operations if name != "none")
_ORDER_201 = (0, 1, 3, 2, 4, 5)
"""The edges of NAS-Bench-201 in the order of NASLib, which is its own inverse."""
_NUMBER = r"\s{0,9}(?:[\w.]{1,16}\()?-?[0-9]{1,3}\)?\s{0,9}"
_PAIR = rf"\s{{0,9}}[(\[]{_NUMBER},{_NUMBER}[)\]]\s{{0,9}}"
_CELL = rf"\s{{0,9}}[(\[]{_PAIR}(?:,{_PAIR}){{1,15}},?\s{{0,9}}[)\]]\s{{0,9}}"
_TUPLE = re.compile(
    rf"(?m)(?:^|[:=(])[ \t]*(?P<tuple>[(\[](?:{_NUMBER}(?:,{_NUMBER}){{5}}|{_CELL},{_CELL}),?\s{{0,9}}[)\]]"
    r"|\[[0-9](?: [0-9]){5}\])[ \t)]*$"
)


def notation_of_key(key: str) -> str:
    """Return the genotype that NASLib writes as `key`, in the notation of its space; `ValueError` if it is none.

    `(4, 0, 3, 1, 4, 3)` is `|avg_pool_3x3~0|+|skip_connect~0|none~1|+|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_1x1~2|`.
    """
    try:
        return _translated(json.loads(key[:1000].replace("(", "[").replace(")", "]"))).text
    except (ValueError, RecursionError):
        raise ValueError(f"{quoted(key)} is not six places of operations, or two lists of (node, operation)") from None


def _translated(value: Any) -> Translation:
    """Return the notation of nested lists of whole numbers; `ValueError` if they are no genotype."""
    try:
        match value:
            case [int(), int(), int(), int(), int(), int()] as places if min(places) >= 0:
                names = [_OPERATIONS_201[place] for place in places]
                cell = "|{}~0|+|{}~0|{}~1|+|{}~0|{}~1|{}~2|".format(*(names[edge] for edge in _ORDER_201))
                return Translation("nas-bench-201", cell)
            case [list() | tuple() as normal, list() | tuple() as reduce]:
                cells = ((kind, _pairs(pairs)) for kind, pairs in (("normal", normal), ("reduce", reduce)))
                parts = (f"{kind}={pairs}, {kind}_concat=range(2, 6)" for kind, pairs in cells)
                return Translation("darts", f"Genotype({', '.join(parts)})")
    except (TypeError, IndexError):
        pass
    raise ValueError(f"{quoted(value)} is not six places of operations, or two lists of (node, operation)")


def _pairs(pairs: Sequence[Any]) -> list[tuple[str, int]]:
    return [(_OPERATIONS_301[operation], source) for source, operation in pairs if operation >= 0]


def _find(text: str) -> Iterator[tuple[int, int]]:
    yield from (match.span("tuple") for match in _TUPLE.finditer(text))


def _translate(excerpt: Excerpt) -> Translation:
    text = excerpt.text if "," in excerpt.text else excerpt.text.replace(" ", ",")
    value = read_literal(Excerpt(text, excerpt.line, excerpt.column), "not a tuple of NASLib")
    return _translated(value if isinstance(value, Items) else None)


def _write(space: SearchSpace, cells: Mapping[str, Sequence[Gene]]) -> str:
    if space == SPACES["nas-bench-201"]:
        places = [_OPERATIONS_201.index(gene.operation) for gene in cells["cell"]]
        return str(tuple(places[edge] for edge in _ORDER_201))
    if space != SPACES["darts"]:
        raise ValueError(f"NASLib has no tuple for a genotype of {space.title}, only for NAS-Bench-201 and DARTS")
    if any(gene.operation not in _OPERATIONS_301 for genes in cells.values() for gene in genes):
        raise ValueError("the tuples of NASLib for DARTS have no 'none', which stands on an edge of this genotype")
    return str(
        tuple(tuple((gene.source, _OPERATIONS_301.index(gene.operation)) for gene in genes) for genes in cells.values())
    )


FORM = Form(
    name="naslib",
    title="the compact tuple of NASLib and NAS-Bench-Suite-Zero, for NAS-Bench-201 and DARTS",
    example="(2, 3, 0, 1, 4, 2), or (((0, 3), (1, 2), …), ((0, 0), …))",
    notations=("nas-bench-201", "darts"),
    find=_find,
    translate=_translate,
    write=_write,
    weak=True,
)
