"""Notices of a result about itself: scores at rounding level, a choice that rounding made, a collapse, ties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from engine.genotypes.genotype import Genotype
from engine.operations.registry import get_operation
from engine.searches.pruning import Shares
from engine.searches.result import Notice
from engine.spaces import SearchSpace
from engine.spaces.chain import KIND

ROUNDING, PRECISION, COLLAPSE, TIE = "rounding", "precision", "collapse", "tie"
_UNCHECKED = "unchecked"

ROUNDING_LEVEL = 0.01
"""Scores whose rounding error is more than this, relatively, are rounding."""
TIE_LEVEL = 0.01
"""Operations on one edge whose scores differ by less than this, relatively, tie."""
UNCHECKED = Notice(
    _UNCHECKED, "Not compared with the other precision: the memory is too small for that; fewer images in a batch help."
)


def rounding_error(single: Shares, double: Shares) -> float:
    """Return the relative rounding error of raw scores in double precision, from the same in single precision.

    The difference of the two is the error in single precision; that in double precision is smaller by their units.
    """
    units = float(np.finfo(np.float64).eps / np.finfo(np.float32).eps)
    total = np.abs(double).sum()
    return float(units * np.abs(single - double).sum() / total) if total else 0.0


def rounding(single: Shares, double: Shares, kinds: Sequence[str]) -> list[Notice]:
    """Return a notice if raw scores of some cell types are at rounding level, even in double precision.

    Scores are `(cell types, edges, operations)`, with the names of the types in `kinds`.
    """
    errors = [rounding_error(first, second) for first, second in zip(single, double, strict=True)]
    marked = [index for index, error in enumerate(errors) if not error <= ROUNDING_LEVEL]
    if not marked:
        return []
    sums = np.abs(single[marked]).sum(), np.abs(double[marked]).sum()
    whole = len(marked) == len(kinds)
    which = "These scores" if whole else f"The scores of the {' and '.join(_cell(kinds[index]) for index in marked)}"
    means = "the genotype means nothing" if whole else "the operations chosen there mean nothing"
    return [
        Notice(
            ROUNDING,
            f"{which} are rounding error: they sum to {sums[0]:.1e} in float32 and to {sums[1]:.1e} in float64, "
            f"so {means}.",
        )
    ]


def precision(single: Shares, double: Shares) -> Notice:
    """Return the notice that double precision finds another genotype than single, which gives these shares at first."""
    error = float(np.abs(single - double).sum() / np.abs(double).sum())
    limit = f"(limit {ROUNDING_LEVEL:.0%})"
    differ = f"{error:.1%} {limit}" if error > ROUNDING_LEVEL else f"{error:.1e} only {limit}, but some nearly tie"
    message = f"Rounding decides here: float64 finds another genotype; the shares differ by {differ}."
    return Notice(PRECISION, f"{message} Search again in float64.")


def collapse(genotype: Genotype) -> list[Notice]:
    """Return a notice for every cell type without a convolution on any edge."""
    notices = []
    for kind, genes in genotype.genes:
        names = sorted({gene.operation for gene in genes})
        if not any(get_operation(name).convolutional for name in names):
            none = f"no {genotype.space.edge_noun} of the {_cell(kind)} has a convolution"
            notices.append(Notice(COLLAPSE, f"Collapse: {none}, only {', '.join(names)}."))
    return notices


def ties(shares: Mapping[str, Shares], chosen: Mapping[str, Mapping[int, str]], space: SearchSpace) -> list[Notice]:
    """Return a notice for every set of operations that tie in the whole supernet: on how many edges, and if chosen."""
    chosen_among: dict[tuple[str, ...], list[bool]] = defaultdict(list)
    for kind, table in shares.items():
        for edge, row in enumerate(table):
            for group in tied_places(row):
                names = tuple(space.operations[index] for index in group)
                chosen_among[names].append(chosen[kind][edge] in names)
    return tie_notices(chosen_among, space.edge_noun)


def tie_notices(chosen_among: Mapping[tuple[str, ...], Sequence[bool]], noun: str) -> list[Notice]:
    """Return a notice for every set of names that tie; for each `noun` where they do, if the chosen one is of them."""
    notices = []
    for names, decisive in sorted(chosen_among.items(), key=lambda item: -len(item[1])):
        where = f"{len(decisive)} {noun}{'s' if len(decisive) > 1 else ''}"
        verdict = f"; on {sum(decisive)} of them the chosen one is among these" if any(decisive) else ""
        listed = f"{', '.join(names[:-1])} and {names[-1]}"
        notices.append(Notice(TIE, f"{listed} tie on {where} (within {TIE_LEVEL:.0%}){verdict}."))
    return notices


def tied_places(row: Shares) -> list[tuple[int, ...]]:
    """Return the groups of indices in `row` whose positive values follow each other within the tie level."""
    order = [int(index) for index in np.argsort(row) if row[index] > 0]
    groups: list[list[int]] = []
    for index in order:
        if groups and row[index] - row[groups[-1][-1]] <= TIE_LEVEL * row[index]:
            groups[-1].append(index)
        else:
            groups.append([index])
    return [tuple(sorted(group)) for group in groups if len(group) > 1]


def _cell(kind: str) -> str:
    return kind if kind in ("cell", KIND) else f"{kind} cell"
