"""Requests for atlases: their tasks, and what joins a sample."""

import numpy as np
import pytest

from dashboard.atlas.marks import PUBLISHED_CELLS
from dashboard.atlas.request import MOST_OF_TABLE, AtlasRequest, with_references
from dashboard.parts.accuracy_table import TableColumn
from dashboard.server.examples import example_of
from engine import SPACES
from engine.genotypes.population import Population
from engine.measures import MEASURES
from engine.tables.table import AccuracyTable, Column, Report
from engine.tables.task import TableTask


@pytest.mark.parametrize("space", SPACES)
def test_the_fast_measures_come_first_flow_where_it_has_a_closed_form(space):
    (task,) = AtlasRequest(space, 1000, 3, 2).tasks
    expected = ("flow", "params", "macs") if SPACES[space].no_closed_form is None else ("params", "macs")
    assert task.measures == expected
    assert (task.space, task.count, task.sample_seed, task.seed) == (space, 1000, 3, 2)


def test_every_other_measure_is_a_task_of_its_own_with_images_where_it_looks_at_some():
    _, *tasks = AtlasRequest("darts", 1000, 0, 0, more=("latency", "naswot"), data="digits").tasks
    assert [(task.measures, task.data) for task in tasks] == [(("latency",), "gaussian"), (("naswot",), "digits")]
    assert [MEASURES[name].needs_data for name in ("latency", "naswot")] == [False, True]


def test_only_space_and_sample_settle_the_population():
    first = AtlasRequest("darts", 1000, 3, seed=0)
    assert first.population_key == AtlasRequest("darts", 1000, 3, seed=9, more=("latency",)).population_key
    assert first.population_key != AtlasRequest("darts", 1000, 4, seed=0).population_key


def table_column(space: str, count: int) -> TableColumn:
    population = Population.sample(space, count, 1)
    table = AccuracyTable("t.csv", population, (Column("acc", True),), np.full((1, count), 90.0), Report(count))
    return TableColumn(TableTask(path=f"{space} {count}.csv", stamp=0), table, "acc")


def test_a_sample_is_joined_by_published_cells_results_and_a_table():
    column, result = table_column("darts", 3), example_of("darts")
    also = with_references(AtlasRequest("darts", 1000, 0, 0), column, [result, result]).also
    written = [genotype.notation for genotype in column.table.population.genotypes()]
    assert also == (*PUBLISHED_CELLS["darts"].values(), result.genotype.notation, *written)


@pytest.mark.slow
def test_a_table_of_another_space_joins_nothing_and_a_large_one_its_first():
    request = AtlasRequest("mobilenet", 1000, 0, 0)
    assert with_references(request, table_column("darts", 3), []).also == ()
    large = table_column("mobilenet", MOST_OF_TABLE + 1)
    also = with_references(request, large, []).also
    assert large.table.population.genotype(MOST_OF_TABLE).notation not in also
    assert len(also) == len({genotype.notation for genotype in large.table.population.genotypes()[:MOST_OF_TABLE]})


def test_a_whole_space_holds_everything_already():
    request = AtlasRequest("nas-bench-201", None, 0, 0)
    assert with_references(request, table_column("nas-bench-201", 3), [example_of("nas-bench-201")]) is request
