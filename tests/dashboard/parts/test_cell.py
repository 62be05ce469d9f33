from dataclasses import replace

import numpy as np
import pytest

from dashboard.parts import cell
from dashboard.parts.cell import replayed_arrows, selected_arrows
from dashboard.parts.view import View


@pytest.fixture(params=["nas_bench_201", "darts"])
def result(request):
    return request.getfixturevalue(request.param)


def test_the_selected_cell_is_the_genotype_with_widths_in_the_order_of_the_shares(result):
    for kind in result.space.cell_types:
        view = View(result, kind)
        drawn = selected_arrows(view, everything=False)
        assert [arrow.gene for arrow in drawn] == list(result.genotype.cells[kind])
        last = result.passes[-1].shares[kind]
        shares = [
            last[result.space.edges.index(arrow.gene[:2]), result.space.operations.index(arrow.gene.operation)]
            for arrow in drawn
        ]
        widths = [arrow.width for arrow in drawn]
        assert sorted(range(len(drawn)), key=shares.__getitem__) == sorted(range(len(drawn)), key=widths.__getitem__)
        assert max(widths) == 1


def test_dropped_edges_are_drawn_pale_on_demand(result):
    view = View(result, result.space.cell_types[0])
    drawn = selected_arrows(view, everything=True)
    kept = {gene[:2] for gene in result.genotype.cells[view.kind]}
    assert {arrow.gene[:2] for arrow in drawn} == set(result.space.edges)
    assert {arrow.gene[:2] for arrow in drawn if not arrow.faint} == kept


def test_a_replay_counts_the_other_live_operations_and_ends_in_the_genotype(result):
    kind = result.space.cell_types[0]
    first = replayed_arrows(View(result, kind, step=0))
    others = len(result.space.operations) - 1
    assert all(arrow.faint and arrow.note == f"+{others}" for arrow in first)
    last = replayed_arrows(View(result, kind, step=len(result.steps)))
    assert not any(arrow.note for arrow in last)
    assert {arrow.gene for arrow in last if not arrow.faint} == set(result.genotype.cells[kind])


def test_of_operations_that_differ_by_rounding_the_one_that_pruning_leaves_is_drawn(tiny_results):
    result = tiny_results["nas-bench-201"]
    first, *others = result.passes
    for column in range(5):
        rough = np.ones_like(first.shares["cell"])
        rough[:, column] += 1e-6
        passes = (replace(first, shares={"cell": rough}), *others)
        drawn = replayed_arrows(View(replace(result, passes=passes), "cell", step=0))
        assert {arrow.gene.operation for arrow in drawn} == {result.space.operations[-1]}


def test_a_cell_is_drawn_once_however_often_it_is_shown(nas_bench_201, monkeypatch):
    drawn = []
    monkeypatch.setattr(cell, "cell_svg", lambda *parts: drawn.append(parts) or "<svg/>")
    monkeypatch.setattr(cell, "_COMPONENT", lambda **_: None)
    cell._drawing.cache_clear()
    for look in ("share", "edge"):
        arrows = selected_arrows(View(nas_bench_201, "cell", look), everything=False)
        cell.still_picture(nas_bench_201.space, "cell", arrows, look)
    cell._drawing.cache_clear()
    assert len(drawn) == 1
