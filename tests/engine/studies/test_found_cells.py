"""Cells that recipes find, beside groups of a small table made here, by counting."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from engine.genotypes.population import Population
from engine.studies.found_cells import all_convolutional, recipe_cells
from tests.engine.studies.made import CONVS, NOT_THERE, known, made, mirrored, parsed, study


@pytest.mark.parametrize("space", ["nas-bench-201", "darts"])
def test_convolutional_cells_are_those_without_another_operation(space):
    drawn = Population.sample(space, 300, seed=1)
    names = np.array([*drawn.space.operations, ""])  # ABSENT finds the empty text
    others = ~np.isin(names, [*(name for name in names if "conv" in name), ""])
    conv = next(place for place, name in enumerate(names) if "conv" in name)
    replaced = np.where(others[drawn.operations], conv, drawn.operations).astype(np.int8)
    population = Population(drawn.space, np.concatenate([drawn.operations, replaced], axis=1))
    expected = [
        all("conv" in gene.operation for _, genes in genotype.genes for gene in genes)
        for genotype in population.genotypes()
    ]
    assert all_convolutional(population).tolist() == expected
    assert 300 <= sum(expected) < 600


def test_there_are_64_convolutional_cells_in_nas_bench_201():
    assert all_convolutional(Population.whole("nas-bench-201")).sum() == 2**6


def test_found_cells_beside_the_table(table):
    population, accuracies = known(table)
    genotypes = population.genotypes()
    found = recipe_cells(
        [
            study([genotypes[5].notation, CONVS, NOT_THERE, CONVS], recipe="synaptic"),
            study([CONVS], normalisation="bypass", alpha="noise"),
            study([NOT_THERE] * 2, recipe="released"),
        ],
        table,
        "acc",
    )
    first, second, third = found.recipes
    best_params = accuracies[genotypes.index(parsed(CONVS)[0])]
    expected = np.array([accuracies[5], best_params, best_params])
    assert first.accuracies == pytest.approx([expected[0], best_params, np.nan, best_params], nan_ok=True)
    assert (first.name, first.summary.count, first.summary.missing) == ("synaptic, 4 seeds", 4, 1)
    assert first.summary.mean == pytest.approx(expected.mean())
    assert first.summary.sd == pytest.approx(stats.tstd(expected))
    assert (first.summary.median, first.summary.best) == (np.median(expected), expected.max())
    assert first.summary.worst == expected.min()
    ranks = stats.rankdata(-accuracies, "min")
    places = [ranks[accuracies == value][0] for value in expected]
    assert first.summary.median_rank == np.median(places)
    assert first.summary.regret == pytest.approx(accuracies.max() - expected.mean())
    assert first.summary.random_trainings >= 1
    assert second.name == "custom (bypass, noise, iterative), 1 seed"
    assert math.isnan(second.summary.sd)
    assert (third.summary.count, third.summary.missing) == (2, 2)
    assert math.isnan(third.summary.mean)
    random, convs, largest = found.references
    assert random.accuracies == pytest.approx(accuracies)
    assert random.summary.random_trainings == 1
    only = [value for value, genotype in zip(accuracies, genotypes, strict=True) if _only_convs(genotype.notation)]
    assert convs.accuracies == pytest.approx(only)
    assert best_params in only
    assert largest.accuracies == pytest.approx([best_params])
    with pytest.raises(ValueError, match="those looked up are of NAS-Bench-201"):
        recipe_cells([study([CONVS])], made(Population.sample("darts", 9, 0)), "acc")


def _only_convs(notation):
    return not any(other in notation for other in ("none", "skip", "pool"))


def test_found_cells_of_errors_are_those_of_accuracies(table):
    studies = [study([genotype.notation for genotype in table.population.genotypes()[9:15]])]
    right, turned = recipe_cells(studies, table, "acc"), recipe_cells(studies, mirrored(table), "acc")
    assert (turned.unit, turned.lower_is_better) == ("%", True)
    for group, expected in zip(turned.groups, right.groups, strict=True):
        np.testing.assert_allclose(group.accuracies, 100 - expected.accuracies)
        for name in ("mean", "median", "best", "worst"):
            assert getattr(group.summary, name) == pytest.approx(100 - getattr(expected.summary, name))
        for name in ("count", "missing", "median_rank", "random_trainings"):
            assert getattr(group.summary, name) == getattr(expected.summary, name)
        assert group.summary.regret == pytest.approx(expected.summary.regret)
