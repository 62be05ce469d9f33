"""The costs of answers side by side."""

from types import SimpleNamespace

import numpy as np
import pytest

from dashboard.compare.view import cost_rows
from engine.networks.cost import network_cost
from engine.tables import Column
from tests.dashboard.conftest import small


def test_costs_are_those_of_the_networks_and_accuracies_those_of_the_table():
    answers = {"one": small(71), "two": small(72, banned=["0-1:nor_conv_3x3"])}
    rows = cost_rows(answers, None)
    for row, (label, result) in zip(rows, answers.items(), strict=True):
        cost = network_cost(result.genotype)
        assert row["question"] == label
        assert (row["parameters [M]"], row["MACs [M]"]) == pytest.approx((cost.params / 1e6, cost.macs / 1e6))
        assert "accuracy" not in row
    for column, quantity in ((Column("a", True), "accuracy"), (Column("e", True, lower_is_better=True), "error")):
        table = SimpleNamespace(column=column, values=lambda population: np.arange(len(population)) + 90.0)
        assert [row[quantity] for row in cost_rows(answers, table)] == [90.0, 91.0]
