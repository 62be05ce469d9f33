"""A small table of accuracies, and studies of seeds, for tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import stats

from engine import SearchConfig, parse_genotype
from engine.genotypes.population import Population
from engine.measures import MEASURES
from engine.studies.seeds import SeedStudy
from engine.tables.table import AccuracyTable, Column, Report

CONVS = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|"
NOT_THERE = "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|"


def made(population: Population, missing: int = 0) -> AccuracyTable:
    """A table whose accuracies follow the parameters, with noise; the first `missing` have none."""
    generator = np.random.default_rng(4)
    params = MEASURES["params"].of(population, None)
    accuracy = (90 + 4 * stats.rankdata(params) / len(params) + generator.normal(size=len(params))).round(2)
    accuracy[:missing] = np.nan
    proxy = accuracy + generator.normal(size=len(params))
    proxy[-3:] = np.nan
    columns = Column("acc", True, "CIFAR-10", "test", 200), Column("proxy|log", False), Column("one", False)
    values = np.stack([accuracy, proxy, np.ones(len(params))])
    return AccuracyTable("made.csv", population, columns, values, Report(len(params), foreign=2, first_foreign=("x",)))


def parsed(*notations):
    return [parse_genotype(notation) for notation in notations]


def known(table):
    return table.population.take(slice(9, None)), table.of("acc")[9:]


def study(notations, space="nas-bench-201", **parts):
    config = SearchConfig.model_validate({"space": space, **parts})
    return SeedStudy(config, tuple(range(len(notations))), {}, {}, tuple(notations), 0.0)


def mirrored(table, **facts):
    """The same table with errors in place of its accuracies: 100 less each."""
    column = replace(table.column("acc"), lower_is_better=True, **facts)
    values = table.values.copy()
    values[0] = 100 - values[0]
    return replace(table, columns=(column, *table.columns[1:]), values=values)
