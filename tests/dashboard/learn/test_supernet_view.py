import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.learn.pruning import SPACE, Candidate, ReaderPruning
from dashboard.learn.state import LearnState
from dashboard.learn.supernet_view import comparison
from dashboard.parts.accuracy_table import TableColumn
from engine.common.work import Work
from engine.genotypes.population import Population
from engine.tables import AccuracyTable, Column, Report
from engine.tables.task import TableTask
from tests.waiting import PATIENCE, until


def page():
    from dashboard.learn.supernet_view import supernet_view

    supernet_view(None)


def scored(at):
    """Run the page until the engine has scored what it shows."""

    def done():
        at.run()
        assert not at.exception
        return not at.button(key="learn_finish").disabled or at.success

    until(done)
    return at


@pytest.mark.slow
def test_freenas_finishes_what_the_reader_began_and_steps_are_taken_back():
    at = scored(AppTest.from_function(page, default_timeout=PATIENCE))
    at.button(key="learn_weakest").click()
    scored(at)
    assert at.session_state["LearnState"].pruning.dropped == {Candidate(0, 0)}
    at.button(key="learn_finish").click()
    at.run()
    until(lambda: at.run().success)
    assert "the very cell that FreeNAS finds" in at.success[0].value
    at.button(key="learn_undo").click()
    scored(at)
    assert not at.success
    assert at.session_state["LearnState"].pruning.dropped == {Candidate(0, 0)}
    at.button(key="learn_restart").click()
    scored(at)
    assert at.session_state["LearnState"].pruning == ReaderPruning()


def test_a_server_that_computes_nothing_shows_what_ships(monkeypatch):
    monkeypatch.setenv("FREENAS_READ_ONLY", "1")
    at = AppTest.from_function(page, default_timeout=PATIENCE).run()
    assert not at.error
    assert "read" in at.info[0].value
    assert not at.button


def test_a_step_that_cannot_be_taken_is_explained():
    at = AppTest.from_function(page, default_timeout=PATIENCE)
    at.session_state["LearnState"] = LearnState(complaint="2→3 cannot go.")
    assert "cannot go" in scored(at).warning[0].value


def test_the_cell_of_the_reader_is_compared_with_that_of_freenas():
    free = ReaderPruning().task.run(Work())
    pruning = ReaderPruning()
    for edge in range(6):
        pruning = pruning.keep(Candidate(edge, SPACE.operations.index("skip_connect" if edge == 3 else "nor_conv_3x3")))
    own = pruning.task.run(Work())
    sentence = comparison(own, free, None)
    assert "agree on 5 of 6 connections" in sentence
    assert "less log-flow" in sentence
    assert "1.53 M" in sentence
    population = Population.of(SPACE, [own.genotype, free.genotype])
    table = AccuracyTable(
        "t.csv", population, (Column("acc", True, "CIFAR-10", "test", 200),), np.array([[91.0, 93.76]]), Report(2)
    )
    column = TableColumn(TableTask(path="t.csv", stamp=0), table, "acc")
    assert "91.00 % for yours and 93.76 % for that of FreeNAS" in comparison(own, free, column)
