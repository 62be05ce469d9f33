"""The architectures that stand out in an atlas: found by search, baselines, the best by a number, marked ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from dashboard.atlas.charts import Mark
from dashboard.atlas.quantities import Quantity, best_row
from engine.genotypes.genotype import Genotype, parse_genotype
from engine.genotypes.population import Population
from engine.operations.registry import get_operation
from engine.searches.result import SearchResult

_BASELINES = ("nor_conv_3x3", "skip_connect")
PUBLISHED_CELLS = {
    "darts": {
        "DARTS_V2 (Liu et al. 2019)": "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), "
        "('sep_conv_3x3', 1), ('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], "
        "normal_concat=range(2, 6), reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), "
        "('max_pool_3x3', 1), ('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], "
        "reduce_concat=range(2, 6))"
    }
}
"""Published cells to compare with, by space and name."""
_SEARCH, _BASELINE, _MARKED = "star", "square", "circle-x"
_EXTREMES = {"accuracy": "hexagram", "flow": "diamond", "params": "triangle-up"}
_COLOURS = {
    _SEARCH: "#FFFFFF",
    _BASELINE: "#63E6FF",
    _MARKED: "#FF8787",
    **dict.fromkeys(_EXTREMES.values(), "#FFA94D"),
}
_LabelledRow = tuple[int, str, str]
"""A row, its label, its symbol."""


def atlas_marks(
    population: Population, quantities: Mapping[str, Quantity], results: Sequence[SearchResult], marked: Sequence[int]
) -> tuple[Mark, ...]:
    """Return the marks of an atlas, one for each architecture: all labels of one architecture are joined."""
    rows = [*_search_rows(population, results), *_extreme_rows(quantities), *_baseline_rows(population)]
    rows += [(row, f"mark {number}", _MARKED) for number, row in enumerate(marked, start=1)]
    labelled: dict[int, tuple[list[str], str]] = {}
    for row, label, symbol in rows:
        labels, _ = labelled.setdefault(row, ([], symbol))
        if label not in labels:
            labels.append(label)
    return tuple(Mark(row, " = ".join(labels), symbol, _COLOURS[symbol]) for row, (labels, symbol) in labelled.items())


def _search_rows(population: Population, results: Sequence[SearchResult]) -> Iterator[_LabelledRow]:
    for result in results:
        row = row_of(population, result.genotype)
        if row is not None:
            limited = ", limited" if result.budget is not None else ""
            yield row, f"search ({result.config.recipe}, seed {result.config.seed}{limited})", _SEARCH


def _extreme_rows(quantities: Mapping[str, Quantity]) -> Iterator[_LabelledRow]:
    for name, symbol in _EXTREMES.items():
        if name in quantities:
            quantity = quantities[name]
            row = best_row(replace(quantity, cost=False))
            if row is not None:
                most = "most" if quantity.cost else "lowest" if quantity.lower_is_better else "highest"
                yield row, f"{most} {quantity.title.lower()}", symbol


def _baseline_rows(population: Population) -> Iterator[_LabelledRow]:
    """Yield published cells, and those with one operation on every edge in a space that keeps every edge."""
    space = population.space
    for name, notation in PUBLISHED_CELLS.get(space.name, {}).items():
        if (row := row_of(population, parse_genotype(notation, space))) is not None:
            yield row, name, _BASELINE
    if space.kept_edges is not None:
        return
    for index, name in enumerate(space.operations):
        rows = np.flatnonzero((population.operations == index).all(axis=(0, 2)))
        if name in _BASELINES and len(rows):
            yield int(rows[0]), f"all {get_operation(name).short}", _BASELINE


def row_of(population: Population, genotype: Genotype) -> int | None:
    """Return the row of an architecture, or None where the population does not hold it."""
    rows = np.flatnonzero(population.keys() == Population.of(population.space, [genotype]).keys())
    return int(rows[0]) if len(rows) else None
