"""The choice of a table in an address."""

import pytest

from dashboard.parts.table_choice import TableChoice
from engine.tables import Column

WHOLE = TableChoice("a.csv", "robust-darts-s4", "acc", "error", "SVHN", "test", "200")


@pytest.mark.parametrize("choice", [TableChoice(), TableChoice("0" * 32), WHOLE])
def test_an_address_holds_a_choice(choice):
    query = choice.query(default=False)
    assert TableChoice.of_query(query) == choice
    assert len(query) == sum(bool(text) for text in vars(choice).values())


def test_no_table_is_said_only_where_there_would_be_one():
    assert TableChoice().query(default=False) == {}
    assert TableChoice().query(default=True) == {"table": "none"}
    assert TableChoice.of_query({"table": "none", "accuracy_column": "acc"}) == TableChoice()


def test_an_address_cannot_say_nonsense():
    query = {"table": "a.csv", "accuracy_meaning": "great", "accuracy_epochs": "-1"}
    assert TableChoice.of_query(query) == TableChoice("a.csv")
    assert TableChoice.of_query(query | {"accuracy_epochs": "²"}) == TableChoice("a.csv")


def test_only_what_the_file_leaves_open_can_be_said():
    facts = WHOLE.facts(Column("acc", accuracy=True, dataset="CIFAR-10"))
    assert facts == {"split": "test", "epochs": 200}
    assert WHOLE.facts(Column("loss", accuracy=False)) == {}
