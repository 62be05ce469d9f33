"""The cells that recipes find over many seeds, looked up in a table of accuracies, beside groups of the whole table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.genotypes.genotype import parse_genotype
from engine.genotypes.population import Population
from engine.networks.cost import edge_costs
from engine.operations.registry import get_operation
from engine.searches.config import CUSTOM
from engine.studies.evidence import measured_architectures
from engine.studies.seeds import SeedStudy
from engine.studies.statistics import FloatArray, Summary, summary
from engine.tables.table import AccuracyTable


@dataclass(frozen=True, eq=False)
class CellGroup:
    """Cells of one origin, their accuracies `(cells,)`, nan where the table has none, and a summary of these."""

    name: str
    accuracies: FloatArray
    summary: Summary


@dataclass(frozen=True, eq=False)
class RecipeCells:
    """The cells that recipes found over many seeds, and groups of the whole table to set beside them.

    `description` is that of the column of accuracies, whose numbers are in `unit`.
    """

    description: str
    recipes: tuple[CellGroup, ...]
    references: tuple[CellGroup, ...]
    unit: str = "%"
    lower_is_better: bool = False

    @property
    def groups(self) -> tuple[CellGroup, ...]:
        """Return all groups, the recipes first."""
        return self.recipes + self.references


def recipe_cells(studies: Sequence[SeedStudy], table: AccuracyTable, column: str) -> RecipeCells:
    """Look up the accuracies of the cells that each study found.

    Beside them stand those of random cells (the whole table), of the cells of convolutions only, and of the cells with
    the most parameters. `ValueError` for a study of another space.
    """
    population, accuracies = measured_architectures(table, column, 1)
    params = edge_costs(population.space)["params"].of(population)
    references = [
        (f"random {population.space.cell_noun}s", accuracies),
        ("convolutions only", accuracies[all_convolutional(population)]),
        ("most parameters", accuracies[params == params.max()]),
    ]
    recipes = []
    for study in studies:
        genotypes = Population.of(study.space, [parse_genotype(text, study.space) for text in study.notations])
        recipes.append((_recipe_title(study), table.lookup(genotypes, column)))
    cells, among = (
        tuple(CellGroup(name, values, column_summary(table, column, values)) for name, values in group)
        for group in (recipes, references)
    )
    target = table.column(column)
    return RecipeCells(target.description, cells, among, target.unit, target.lower_is_better)


def column_summary(table: AccuracyTable, column: str, values: FloatArray) -> Summary:
    """Summarise `values`, as they stand in a column of the table or nan, among all numbers there."""
    target = table.column(column)
    turned = summary(target.worth(values), target.worth(table.of(column)))
    if not target.lower_is_better:
        return turned
    return replace(turned, mean=-turned.mean, median=-turned.median, best=-turned.best, worst=-turned.worst)


def all_convolutional(population: Population) -> NDArray[np.bool_]:
    """Return True for architectures with a convolution on every edge that they keep, `(architectures,)`."""
    has_weights = [get_operation(name).convolutional for name in population.space.operations]
    return np.asarray(np.array([*has_weights, True])[population.operations].all((0, 2)))  # ABSENT, -1, finds the True


def _recipe_title(study: SeedStudy) -> str:
    config, count = study.config, len(study.seeds)
    parts = f"{config.normalisation}, {config.alpha}, {config.method}"
    name = f"{config.recipe} ({parts})" if config.recipe == CUSTOM else config.recipe
    marked = f", {study.rounding} of them rounding error" if study.rounding else ""
    marked += f", {study.precision} of them decided by rounding" if study.precision else ""
    return f"{name}, {count} seed{'s' * (count != 1)}{marked}"
