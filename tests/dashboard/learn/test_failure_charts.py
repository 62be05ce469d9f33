import base64

import numpy as np
import pytest
from scipy.stats import spearmanr

from dashboard.learn.failure_charts import (
    precision_agreement,
    precision_fall,
    precision_figure,
    precision_scores,
    weight_figure,
    weight_points,
    weight_task,
)
from dashboard.parts.accuracy_table import TableColumn
from engine.genotypes.population import Population
from engine.studies.atlas import Atlas
from engine.tables import AccuracyTable, Column, Report
from engine.tables.task import TableTask


def table_column(space: str, population: Population) -> TableColumn:
    accuracies = np.linspace(80, 94, len(population))[None]
    table = AccuracyTable("t.csv", population, (Column("acc", True),), accuracies, Report(len(population)))
    return TableColumn(TableTask(path=f"{space}.csv", stamp=0), table, "acc")


@pytest.fixture
def atlas():
    flow, params = np.array([1.0, 3.0, -np.inf, 2.0, 5.0, 4.0]), np.array([1e6, 2e6, 1e6, 3e6, 5e6, 4e6])
    return Atlas("nas-bench-201", 6, 0, 0, {"flow": flow, "params": params, "macs": params}, 0.0, {})


def test_without_a_table_flow_stands_against_parameters(atlas):
    """An architecture through which nothing flows is the last by flow, and has no place in the picture."""
    points = weight_points(atlas, None)
    assert points.other.tolist() == [1, 2, 1, 3, 5, 4]
    assert points.correlation == pytest.approx(spearmanr([1, 3, 0, 2, 5, 4], [1, 2, 1, 3, 5, 4]).statistic)
    figure = weight_figure(points).to_dict()
    drawn = np.frombuffer(base64.b64decode(figure["data"][0]["x"]["bdata"]), "<f4")
    assert drawn.tolist() == [1, 3, 2, 5, 4]
    assert f"Spearman {points.correlation:.2f}" in figure["layout"]["annotations"][0]["text"]


def test_with_a_table_of_the_space_flow_stands_against_accuracy(atlas):
    points = weight_points(atlas, table_column("nas-bench-201", atlas.population))
    accuracies = np.linspace(80, 94, 6)
    assert points.other.tolist() == accuracies.tolist()
    assert points.params_correlation == pytest.approx(spearmanr([1, 2, 1, 3, 5, 4], accuracies).statistic)
    low, high = weight_figure(points).to_dict()["layout"]["yaxis"]["range"]
    assert 80 - 1 < low < np.percentile(accuracies, 5) < 94 < high


def test_a_table_of_another_space_is_drawn_by_its_own_architectures():
    whole = weight_task(None)
    assert (whole.space, whole.count) == ("nas-bench-201", None)
    population = Population.sample("darts", 3, 1)
    task = weight_task(table_column("darts", population))
    assert task.space == "darts"
    assert task.also == tuple(genotype.notation for genotype in population.genotypes())
    assert weight_task(table_column("nas-bench-201", Population.sample("nas-bench-201", 3, 1))) == whole


def test_the_scores_of_released_on_darts_follow_the_precision():
    """The true ones are 0: the largest falls by about the ratio of the two precisions, 2²⁹."""
    assert 2**24 < precision_fall() < 2**34
    same, edges = precision_agreement()
    assert edges == 28
    assert same < edges
    scores = precision_scores()
    drawn = precision_figure().to_dict()["data"]
    assert [trace["x"] for trace in drawn[:2]] == [one.single.tolist() for one in scores]
    assert all(len(one.names) == len(one.single) == len(one.double) for one in scores)
