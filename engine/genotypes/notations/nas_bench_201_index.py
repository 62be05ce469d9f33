"""Indices of NAS-Bench-201, which are those of NATS-Bench too.

`exps/NAS-Bench-201/main.py` of github.com/D-X-Y/AutoDL-Projects lists the cells node by node, the operation of the last
edge changing fastest, and shuffles them by Python's `random` with the seed 88.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from engine.common.errors import quoted
from engine.genotypes.notations.form import Excerpt, Form, Translation
from engine.spaces import SPACES, Gene, SearchSpace

_SEED = 88
_SPACE = SPACES["nas-bench-201"]
_INDEX = re.compile(
    r"(?i)(?<![\w-])(?:nas-?bench-?201|nats-?bench)[ ]?#[ ]?[0-9]{1,3}(?:[0-9]{0,6}|(?:,[0-9]{3})+)(?!\w|[.,][0-9])"
)


@cache
def cells_in_order() -> tuple[tuple[str, ...], ...]:
    """Return the operations of all 15,625 cells, in the order of the benchmark, each in the order of the edges."""
    cells = list(itertools.product(_SPACE.operations, repeat=len(_SPACE.edges)))
    random.Random(_SEED).shuffle(cells)
    return tuple(cells)


@cache
def _indices() -> dict[tuple[str, ...], int]:
    return {cell: index for index, cell in enumerate(cells_in_order())}


def _find(text: str) -> Iterator[tuple[int, int]]:
    if "#" in text:
        yield from (match.span() for match in _INDEX.finditer(text))


def _translate(excerpt: Excerpt) -> Translation:
    index, cells = int(excerpt.text.rpartition("#")[2].replace(",", "")), cells_in_order()
    if index >= len(cells):
        raise ValueError(f"NAS-Bench-201 has the indices 0 to {len(cells) - 1:,}, {quoted(index)} found")
    genes = [Gene(*edge, name) for edge, name in zip(_SPACE.edges, cells[index], strict=True)]
    return Translation("nas-bench-201", _SPACE.notation({"cell": genes}))


def _write(space: SearchSpace, cells: Mapping[str, Sequence[Gene]]) -> str:
    if space != _SPACE:
        raise ValueError(f"a genotype of {space.title} has no index; only those of {_SPACE.title} have")
    return f"nas-bench-201#{_indices()[tuple(gene.operation for gene in cells['cell'])]}"


FORM = Form(
    name="nas-bench-201-index",
    title="the index of a cell in NAS-Bench-201 and NATS-Bench; the number alone where the space is named",
    example="nas-bench-201#1462",
    notations=("nas-bench-201",),
    find=_find,
    translate=_translate,
    write=_write,
)
