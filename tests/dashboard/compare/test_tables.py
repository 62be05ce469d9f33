"""The tables of Compare: what answers cost, and where they agree."""

import csv
import io
from types import SimpleNamespace

import numpy as np
import pytest

from dashboard.compare.answers import ComparedAnswer
from dashboard.compare.tables import agreement_table, answers_csv, answers_latex, cost_rows, cost_table
from engine import parse_genotype
from engine.networks.cost import network_cost
from engine.tables import Column
from tests.dashboard.atlas.conftest import CONVOLUTIONS
from tests.dashboard.conftest import small


@pytest.fixture(scope="module")
def answers():
    results = {"one": small(71), "=two": small(72, banned=["0-1:nor_conv_3x3"])}
    found = {label: ComparedAnswer(result.genotype, result) for label, result in results.items()}
    return found | {"alone": ComparedAnswer(parse_genotype(CONVOLUTIONS))}


def table(column, unit=""):
    return SimpleNamespace(
        column=column,
        title=column.quantity.capitalize(),
        description="made up",
        values=lambda population: np.array([90.0, 91.0, np.nan]),
    )


def test_costs_are_those_of_the_networks_and_accuracies_those_of_the_table(answers):
    for row, (label, answer) in zip(cost_rows(answers, None), answers.items(), strict=True):
        cost = network_cost(answer.genotype)
        assert (row["answer"], row["params"], row["macs"]) == (label, cost.params, cost.macs)
        assert "accuracy" not in row
    for column, quantity in ((Column("a", True), "accuracy"), (Column("e", True, lower_is_better=True), "error")):
        assert [row[quantity] for row in cost_rows(answers, table(column))][:2] == [90.0, 91.0]


def test_the_table_of_costs_has_a_dash_for_what_is_not_known(answers):
    written = cost_table(answers, table(Column("a", True)))
    assert written.headers[3].startswith("Accuracy")
    assert written.rows[0][3].startswith("90")
    assert written.rows[2][3:] == ["—"] * 5
    assert "Accuracy: made up." in written.notes


def test_files_hold_every_answer_and_no_formula(answers):
    rows = [*csv.DictReader(io.StringIO(answers_csv(answers, None)))]
    assert [row["answer"] for row in rows] == ["one", "'=two", "alone"]
    assert rows[2]["architecture"] == CONVOLUTIONS
    assert int(rows[0]["params"]) == network_cost(answers["one"].genotype).params
    text = answers_latex(answers, None)
    assert text.count(r"\begin{tabular}") == 2
    assert "conv 3×3" in text


def test_agreement_is_a_row_for_every_edge(answers):
    written = agreement_table(answers, "cell")
    assert written.headers == ["Connection", *answers]
    assert len(written.rows) == 6
    assert {row[-1] for row in written.rows} == {"conv 3×3"}
    assert written.notes == []


def test_a_space_of_layers_is_compared_layer_by_layer(tiny_results):
    result = tiny_results["nas-bench-macro"]
    answers = dict.fromkeys("ab", ComparedAnswer(result.genotype, result))
    written = agreement_table(answers, "network")
    assert written.headers[0] == "Layer"
    assert [row[0] for row in written.rows] == [f"layer {number}" for number in range(1, 9)]
