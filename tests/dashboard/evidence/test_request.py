"""Requests for evidence and the tasks that answer them."""

from dataclasses import replace

import numpy as np

from dashboard.evidence.request import SAMPLES, EvidenceRequest, basic_scores
from engine.genotypes.population import Population
from engine.tables.table import AccuracyTable, Report


def test_the_basic_scores_are_one_task_and_every_other_score_is_another(table_column):
    request = EvidenceRequest(table_column, 5, ("naswot", "flow+params"), ("place",), sample="300", data="digits")
    questions = [task.question for task in request.tasks]
    assert [(question.measures, question.columns) for question in questions] == [
        (("flow", "params", "macs"), ()),
        ((), ("place",)),
        (("naswot",), ()),
        (("flow+params",), ()),
    ]
    assert {(question.column, question.seed, question.sample, question.data) for question in questions} == {
        ("acc", 5, 300, "digits")
    }


def test_tasks_say_what_the_user_says_of_the_column(table_column):
    (task,) = EvidenceRequest(table_column, 0).tasks
    assert (task.table, task.dataset, task.split, task.epochs) == (table_column.task, "CIFAR-10", "test", 200)


def test_flow_stands_there_where_it_has_a_closed_form(table_column):
    assert basic_scores(table_column) == ("flow", "params", "macs")
    population = Population.sample("robust-darts-s4", 1, 0)
    table = AccuracyTable("t.csv", population, table_column.table.columns, np.ones((3, 1)), Report(1))
    assert basic_scores(table_column._replace(table=table)) == ("params", "macs")


def test_equal_requests_have_equal_tasks(table_column):
    first = EvidenceRequest(table_column, 0)
    assert first.tasks == replace(first, measures=()).tasks
    assert first.tasks != replace(first, seed=1).tasks


def test_networks_of_many_architectures_are_tried_until_a_sample_is_chosen(table_column):
    few = EvidenceRequest(table_column, 0, ("naswot", "flow+params"))
    assert few.trial is None
    population = Population.sample("nas-bench-201", 400, 3)
    values = np.tile(np.linspace(80, 90, 400), (3, 1))
    table = AccuracyTable("t.csv", population, table_column.table.columns, values, Report(400))
    many = replace(few, table_column=table_column._replace(table=table))
    assert (many.architectures, many.trial.measures) == (400, ("naswot", "flow+params"))
    assert replace(many, measures=("flow+params",)).trial is None
    assert [replace(many, sample=name).trial for name in SAMPLES] == [None] * 3
