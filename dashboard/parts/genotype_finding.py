"""A genotype in a few words: how often each operation stands in its cells."""

from __future__ import annotations

from dashboard.parts.importance import connection_noun
from engine.exports.drawing import cell_title
from engine.genotypes.genotype import Genotype
from engine.operations.registry import get_operation


def genotype_finding(genotype: Genotype) -> str:
    """Return how often each operation stands in the cells; cells that agree are spoken of as one."""
    cells: dict[str, list[str]] = {}
    for kind in genotype.space.cell_types:
        cells.setdefault(_counts(genotype, kind), []).append(cell_title(kind).removesuffix(" cell"))
    if len(cells) == 1:
        return next(iter(cells))
    return "; ".join(f"{kinds[0]}: {counts}" for counts, kinds in cells.items())


def _counts(genotype: Genotype, kind: str) -> str:
    names = [gene.operation for gene in genotype.cells[kind]]
    counts = sorted(((names.count(name), name) for name in set(names)), key=lambda pair: (-pair[0], pair[1]))
    noun = f"{connection_noun(genotype.space)}{'s' * (len(names) > 1)}"
    first, *others = [f"{get_operation(name).title} on {count}" for count, name in counts]
    if not others:
        return f"{get_operation(names[0]).title} on all {len(names)} {noun}"
    return ", ".join([f"{first} of {len(names)} {noun}", *others])
