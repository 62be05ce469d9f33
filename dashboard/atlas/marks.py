"""The architectures that stand out in an atlas: found by search, baselines, the best by a number, pinned ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from dashboard.atlas.charts import Mark
from dashboard.atlas.quantities import Quantity, best
from engine.genotypes.genotype import Genotype, parse_genotype
from engine.genotypes.population import Population
from engine.operations.registry import get_operation
from engine.searches.result import SearchResult

_BASELINES = ("nor_conv_3x3", "skip_connect")
KNOWN = {
    "darts": {
        "DARTS_V2 (Liu et al. 2019)": "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), "
        "('sep_conv_3x3', 1), ('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], "
        "normal_concat=range(2, 6), reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), "
        "('max_pool_3x3', 1), ('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], "
        "reduce_concat=range(2, 6))"
    }
}
"""Published cells to compare with, by space and name."""
_FOUND, _BASELINE, _PINNED = "star", "square", "circle-x"
_BEST = {"accuracy": "hexagram", "flow": "diamond", "params": "triangle-up"}
_COLOURS = {_FOUND: "#FFFFFF", _BASELINE: "#63E6FF", _PINNED: "#FF8787", **dict.fromkeys(_BEST.values(), "#FFA94D")}


def marks(
    population: Population, there: Mapping[str, Quantity], results: Sequence[SearchResult], pins: Sequence[int]
) -> tuple[Mark, ...]:
    """The marks of an atlas, one for each architecture: what several say of the same one is said together."""
    said: dict[int, tuple[list[str], str]] = {}
    found = [*_found(population, results), *_best(there), *_baselines(population)]
    found += [(pin, f"pin {number}", _PINNED) for number, pin in enumerate(pins, start=1)]
    for row, label, symbol in found:
        labels, _ = said.setdefault(row, ([], symbol))
        if label not in labels:
            labels.append(label)
    return tuple(Mark(row, " = ".join(labels), symbol, _COLOURS[symbol]) for row, (labels, symbol) in said.items())


def _found(population: Population, results: Sequence[SearchResult]) -> Iterator[tuple[int, str, str]]:
    for result in results:
        row = row_of(population, result.genotype)
        if row is not None:
            yield row, f"search ({result.config.recipe}, seed {result.config.seed})", _FOUND


def _best(there: Mapping[str, Quantity]) -> Iterator[tuple[int, str, str]]:
    for name, symbol in _BEST.items():
        if name in there:
            quantity = there[name]
            row = best(replace(quantity, cost=False))
            if row is not None:
                yield row, f"{'most' if quantity.cost else 'highest'} {quantity.title.lower()}", symbol


def _baselines(population: Population) -> Iterator[tuple[int, str, str]]:
    """Published cells, and those with one operation on every edge in a space that keeps every edge."""
    described = population.space
    for name, text in KNOWN.get(described.name, {}).items():
        if (row := row_of(population, parse_genotype(text, described))) is not None:
            yield row, name, _BASELINE
    if described.kept_edges is not None:
        return
    for index, name in enumerate(described.operations):
        rows = np.flatnonzero((population.operations == index).all(axis=(0, 2)))
        if name in _BASELINES and len(rows):
            yield int(rows[0]), f"all {get_operation(name).short}", _BASELINE


def row_of(population: Population, genotype: Genotype) -> int | None:
    """The row of an architecture, or None where it is not there."""
    wanted = Population.of(population.space, [genotype]).operations
    rows = np.flatnonzero((population.operations == wanted).all(axis=(0, 2)))
    return int(rows[0]) if len(rows) else None
