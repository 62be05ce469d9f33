"""Pruning of hand-made scores, against naive rules written out again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from engine.proxies.base import Scores
from engine.proxies.freeflow import score_masks
from engine.searches.pruning import EQUAL, Removal, iterative, one_shot, rounds
from engine.supernets.supernet import Supernet
from tests.conftest import tiny

Table = np.ndarray
shapes = array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=4)
distinct = shapes.flatmap(lambda shape: arrays(np.int64, shape, elements=st.integers(1, 10**6), unique=True))
coarse = shapes.flatmap(lambda shape: arrays(np.int64, shape, elements=st.integers(0, 3)))


def fixed(table: Table) -> Callable[[Sequence[Table]], list[Scores]]:
    """A proxy whose scores do not depend on what else is live."""
    return lambda masks: [Scores(np.where(mask, table, 0.0), 0.0) for mask in masks]


def shifting(masks: Sequence[Table]) -> list[Scores]:
    """A proxy whose scores are different ones for every mask."""
    found = []
    for mask in masks:
        seed = int.from_bytes(hashlib.sha256(mask.tobytes()).digest()[:8])
        found.append(Scores(np.where(mask, np.random.default_rng(seed).random(mask.shape), 0.0), 0.0))
    return found


def all_live(table: Table) -> Table:
    return np.ones(table.shape, dtype=bool)


def removed(removals: Sequence[Removal]) -> list[tuple[int, int, int]]:
    return [(removal.type_index, removal.edge, removal.operation) for removal in removals]


def in_order(table: Table) -> list[tuple[int, int, int]]:
    """Every place but the best of each edge, by score: what pruning removes when all scores differ and stay."""
    best = table.argmax(axis=2)
    places = [place for place in np.ndindex(table.shape) if place[2] != best[place[:2]]]
    return sorted(places, key=lambda place: table[place])


@given(distinct)
def test_one_shot_keeps_the_best_and_removes_the_others_by_score(table: Table):
    pruning = one_shot(fixed(table), all_live(table))
    assert removed(pruning.removals) == in_order(table)
    assert (pruning.live.argmax(axis=2) == table.argmax(axis=2)).all()
    assert {removal.at_pass for removal in pruning.removals} <= {0}
    assert len(pruning.passes) == 1


@given(coarse)
def test_one_operation_is_left_on_every_edge_and_shares_never_fall(table: Table):
    for pruning in (one_shot(fixed(table), all_live(table)), iterative(fixed(table), all_live(table))):
        assert (pruning.live.sum(axis=2) == 1).all()
        shares = [table[place] for place in removed(pruning.removals)]
        assert shares == sorted(shares)
        assert len(set(removed(pruning.removals))) == len(shares) == table.size - pruning.live.sum()
        assert (np.where(pruning.live, table, 0).sum(axis=2) == table.max(axis=2)).all()


@given(distinct, st.integers(1, 5))
def test_iterative_removes_the_same_as_one_shot_when_scores_stay(table: Table, per_round: int):
    pruning = iterative(fixed(table), all_live(table), per_round)
    assert removed(pruning.removals) == in_order(table)
    assert [removal.at_pass for removal in pruning.removals] == [
        index // per_round for index in range(len(pruning.removals))
    ]
    assert len(pruning.passes) == rounds(all_live(table), 0, per_round) == 1 + -(-len(pruning.removals) // per_round)


@given(distinct.filter(lambda table: table.shape[2] > 2), st.integers(1, 5))
def test_operations_that_score_nothing_go_with_the_first_round(table: Table, per_round: int):
    table[..., 0] = 0
    pruning = iterative(fixed(table), all_live(table), per_round)
    zeros = table.shape[0] * table.shape[1]
    first = [removal for removal in pruning.removals if removal.at_pass == 0]
    expected = [(kind, edge, 0) for kind, edge in np.ndindex(table.shape[:2])]
    assert removed(first)[:zeros] == expected
    assert len(first) == min(zeros + per_round, table.size - zeros)
    passes = rounds(all_live(table), zeros, per_round)
    assert len(pruning.passes) == passes == 1 + -(-(table.size - 2 * zeros) // per_round)


def test_rounds_counts_the_pass_after_operations_that_score_nothing():
    table = np.array([[[0.0, 2.0]]])
    pruning = iterative(fixed(table), all_live(table))
    assert rounds(all_live(table), zero=1) == len(pruning.passes)


def test_ties_go_in_the_order_of_the_tables():
    table = np.array([[[1.0, 1.0, 1.0], [1.0, 1.0, 2.0]], [[1.0, 1.0, 1.0], [1.0, 2.0, 1.0]]])
    pruning = one_shot(fixed(table), all_live(table))
    assert removed(pruning.removals) == [
        *[(0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1)],
        *[(1, 0, 0), (1, 0, 1), (1, 1, 0), (1, 1, 2)],
    ]


def test_what_counts_as_equal():
    near = np.array([[[1 + EQUAL / 2, 1.0, 5.0], [1 + 3 * EQUAL, 1 + 2 * EQUAL, 5.0]]])
    pruning = one_shot(fixed(near), all_live(near))
    assert removed(pruning.removals) == [(0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1)]
    apart = np.array([[[1 + 3 * EQUAL, 1.0, 5.0], [1 + 9 * EQUAL, 1 + 6 * EQUAL, 5.0]]])
    pruning = one_shot(fixed(apart), all_live(apart))
    assert removed(pruning.removals) == [(0, 0, 1), (0, 0, 0), (0, 1, 1), (0, 1, 0)]


def test_tiny_scores_are_not_equal_to_zero():
    table = np.array([[[1e-30, 0.0, 2e-30]]])
    pruning = iterative(fixed(table), all_live(table))
    assert [(removal.operation, removal.at_pass) for removal in pruning.removals] == [(1, 0), (0, 0)]


def test_only_live_operations_are_pruned():
    table = np.array([[[3.0, 1.0, 2.0], [1.0, 2.0, 3.0]]])
    live = np.array([[[True, False, True], [False, True, False]]])
    before = live.copy()
    for pruning in (one_shot(fixed(table), live), iterative(fixed(table), live)):
        assert removed(pruning.removals) == [(0, 0, 2)]
        assert pruning.live.tolist() == [[[True, False, False], [False, True, False]]]
    assert (live == before).all(), "the mask of the caller was changed"


def test_nothing_to_prune_takes_one_pass():
    table = np.array([[[1.0], [2.0]]])
    pruning = iterative(fixed(table), all_live(table))
    assert (pruning.removals, len(pruning.passes), rounds(all_live(table), 0)) == ([], 1, 1)


@given(shapes, st.integers(1, 4), st.none() | st.lists(st.integers(1, 20), min_size=4, max_size=4))
def test_lookahead_changes_nothing(shape: tuple[int, int, int], per_round: int, cells: list[int] | None):
    live = np.ones(shape, dtype=bool)
    one = iterative(shifting, live, per_round)
    for lookahead in (2, 4, 64):
        more = iterative(shifting, live, per_round, lookahead, cells=cells)
        assert more.removals == one.removals
        assert (more.live == one.live).all()
        assert all((a.shares == b.shares).all() for a, b in zip(more.passes, one.passes, strict=True))


@given(distinct, st.integers(1, 4), st.sampled_from([2, 4, 64]))
def test_lookahead_saves_calls_when_its_guesses_are_right(table: Table, per_round: int, lookahead: int):
    calls: list[int] = []

    def evaluate(masks: Sequence[Table]) -> list[Scores]:
        calls.append(len(masks))
        return fixed(table)(masks)

    pruning = iterative(evaluate, all_live(table), per_round, lookahead)
    assert calls[0] == 1
    assert max(calls) <= lookahead
    assert len(calls) == 1 + -(-(len(pruning.passes) - 1) // lookahead)


@given(shapes, st.integers(1, 4), st.sampled_from([1, 4]))
def test_every_pass_is_reported_as_it_is_done(shape: tuple[int, int, int], per_round: int, lookahead: int):
    seen: list[None] = []
    pruning = iterative(shifting, np.ones(shape, dtype=bool), per_round, lookahead, lambda: seen.append(None))
    assert len(seen) == len(pruning.passes)


@pytest.mark.parametrize(("space", "per_round"), [("nas-bench-201", 1), ("nas-bench-201", 3), ("darts", 16)])
@pytest.mark.parametrize("field", ["full", "interior"])
def test_lookahead_changes_nothing_on_a_supernet(space: str, per_round: int, field: str):
    supernet = Supernet(tiny(space, field=field).supernet)
    live = np.ones(supernet.shape, dtype=bool)
    one = iterative(lambda masks: score_masks(supernet, masks), live, per_round)
    for lookahead, cells in ((2, None), (4, [1, 2]), (64, [3, 3])):
        more = iterative(lambda masks: score_masks(supernet, masks), live, per_round, lookahead, cells=cells)
        assert more.removals == one.removals
        for a, b in zip(more.passes, one.passes, strict=True):
            np.testing.assert_allclose(a.shares, b.shares, rtol=1e-5, atol=1e-7)
            assert a.log_flow == pytest.approx(b.log_flow, abs=1e-5)


def test_a_supernet_is_asked_for_no_gradient_of_its_own():
    supernet = Supernet(tiny("nas-bench-201").supernet)
    assert not supernet.architecture_parameters([np.ones(supernet.shape, dtype=bool)]).requires_grad
    assert torch.is_grad_enabled()
