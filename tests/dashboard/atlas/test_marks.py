"""The marks of an atlas, on four cells."""

import numpy as np

from dashboard.atlas.marks import PUBLISHED_CELLS, atlas_marks, row_of
from dashboard.atlas.quantities import Quantity
from dashboard.server.examples import example_of
from engine import parse_genotype
from engine.genotypes.population import Population
from tests.dashboard.atlas.conftest import CONVOLUTIONS, MIXED


def test_all_that_is_said_of_an_architecture_is_one_mark(population, quantities):
    marks = atlas_marks(population, quantities, [example_of("nas-bench-201")], [1, 3])
    assert {mark.row: mark.label for mark in marks} == {
        0: "search (synaptic, seed 0) = highest accuracy = highest log-flow = all conv 3",
        1: "all skip = mark 1",
        3: "mark 2",
    }
    assert len({(mark.symbol, mark.colour) for mark in marks}) == 3


def test_the_most_of_a_cost_is_marked_where_it_counts_parameters(population):
    params = Quantity("params", "Parameters", "M", np.array([1.0, 2.0, 3.0, np.nan]), cost=True)
    labels = {mark.row: mark.label for mark in atlas_marks(population, {"params": params}, [], [])}
    assert labels[2] == "most parameters"


def test_a_quantity_without_a_number_marks_nothing(population):
    flow = Quantity("flow", "log-flow", "log R", np.full(4, -np.inf))
    assert {mark.label for mark in atlas_marks(population, {"flow": flow}, [], [])} == {"all conv 3", "all skip"}


def test_published_cells_are_marked_where_they_are():
    (name, notation), *_ = PUBLISHED_CELLS["darts"].items()
    genotypes = [*Population.sample("darts", 5, 1).genotypes(), parse_genotype(notation)]
    (mark,) = atlas_marks(Population.of("darts", genotypes), {}, [], [])
    assert (mark.row, mark.label) == (5, name)


def test_rows_are_those_of_the_population(population):
    rows = [row_of(population, genotype) for genotype in population.genotypes()]
    assert rows == [0, 1, 2, 3]
    other = parse_genotype(CONVOLUTIONS.replace("nor_conv_3x3~2", "none~2"))
    assert row_of(population, other) is None
    assert row_of(population.take(np.array([2])), parse_genotype(MIXED)) == 0


def test_an_architecture_is_found_beside_those_that_no_search_answers_with():
    _, notation = next(iter(PUBLISHED_CELLS["darts"].items()))
    texts = [notation.replace("('sep_conv_3x3', 0)", after, 1) for after in ("('none', 0)", "('sep_conv_3x3', 1)")]
    plain, without, twice = (parse_genotype(text) for text in (notation, *texts))
    population = Population.of("darts", [without, plain, twice])
    assert [row_of(population, genotype) for genotype in (plain, without, twice)] == [1, 0, 2]
    assert row_of(Population.of("darts", [plain]), twice) is None
    assert row_of(Population.of("darts", [without, twice]), plain) is None


def test_the_lowest_error_is_marked(population):
    error = Quantity("accuracy", "Error", "%", np.array([9.0, 5.0, 7.0, 6.0]), lower_is_better=True)
    labels = {mark.row: mark.label for mark in atlas_marks(population, {"accuracy": error}, [], [])}
    assert labels[1].startswith("lowest error")
