import numpy as np
import pytest

from dashboard.learn.pruning import CANDIDATES, KIND, SPACE, Candidate, ReaderPruning, agreement
from engine.common.work import Work

SKIP, CONVOLUTION = SPACE.operations.index("skip_connect"), SPACE.operations.index("nor_conv_3x3")


def test_every_operation_on_every_edge_has_a_place():
    assert len(CANDIDATES) == 30
    assert CANDIDATES["3-1"] == Candidate(3, 1)
    assert (Candidate(3, 1).title, Candidate(3, 1).constraint) == ("0→3 · skip", "0-3:skip_connect")


def test_steps_are_taken_and_taken_back():
    pruning = ReaderPruning().drop(Candidate(0, SKIP)).keep(Candidate(1, SKIP))
    assert pruning.live.sum() == 30 - 1 - 4
    assert np.flatnonzero(pruning.live[1]).tolist() == [SKIP]
    assert pruning.drop(Candidate(0, SKIP)) == pruning.keep(Candidate(1, SKIP)) == pruning
    assert pruning.undo() == ReaderPruning().drop(Candidate(0, SKIP))
    assert pruning.undo().undo() == ReaderPruning()


def test_an_operation_that_was_dropped_cannot_be_kept():
    pruning = ReaderPruning().drop(Candidate(0, SKIP))
    with pytest.raises(ValueError, match="0→1 · skip was dropped"):
        pruning.keep(Candidate(0, SKIP))


def test_the_last_operation_of_an_edge_stays():
    with pytest.raises(ValueError, match="0→1 · skip is the last operation on its connection"):
        ReaderPruning().keep(Candidate(0, SKIP)).drop(Candidate(0, SKIP))


def test_something_must_flow():
    none = SPACE.operations.index("none")
    pruning = ReaderPruning().keep(Candidate(3, none)).keep(Candidate(4, none))
    with pytest.raises(ValueError, match=r"2→3 · skip, .* cannot go: .*no path from input to output"):
        pruning.keep(Candidate(5, none))


def test_to_follow_freenas_ends_with_its_cell():
    free = ReaderPruning().task.run(Work())
    one = ReaderPruning().follow(free, 1)
    assert one.dropped == {Candidate(0, SPACE.operations.index("none"))}
    every = ReaderPruning().follow(free)
    assert every.finished
    assert not one.finished
    own = every.task.run(Work())
    assert own.genotype == free.genotype
    assert agreement(own, free) == 6


def test_what_is_left_is_scored_without_what_was_dropped():
    pruning = ReaderPruning(seed=3).keep(Candidate(1, SKIP)).drop(Candidate(5, CONVOLUTION))
    result = pruning.task.run(Work())
    shares = result.shares[KIND]
    assert result.config.seed == 3
    assert (shares[~pruning.live] == 0).all()
    into_last = [index for index, edge in enumerate(SPACE.edges) if edge.target == 3]
    assert shares[into_last].sum() == pytest.approx(15, rel=1e-4)
