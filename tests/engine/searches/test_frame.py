"""Frames of a search, against the result that they are of."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import chain

import numpy as np
import pytest

from engine import SearchResult, search
from engine.searches.frame import IMPORTANCES, common_scale
from tests.conftest import tiny


@pytest.fixture(scope="module")
def result(tiny_results: dict[str, SearchResult]) -> SearchResult:
    return tiny_results["darts"]


def test_numbers_of_the_whole_supernet_are_those_of_the_result(result: SearchResult):
    frame = result.frame("normal")
    assert (frame.numbers("share").values == result.shares["normal"]).all()
    raw = frame.numbers("score")
    assert raw.values * 10.0**raw.exponent == pytest.approx(result.scores["normal"])
    edge = frame.numbers("edge").values
    assert edge.sum(axis=1) == pytest.approx(100)
    assert edge[3] / edge[3].sum() == pytest.approx(result.shares["normal"][3] / result.shares["normal"][3].sum())
    with pytest.raises(ValueError, match="unknown importance 'flow'; allowed: share, score, edge"):
        frame.numbers("flow")


def test_scores_beyond_a_double_are_in_a_unit_of_their_own(result: SearchResult):
    frame = replace(result.frame("normal"), log_flow=2000.0)
    numbers = frame.numbers("score")
    largest = float(frame.shares.max())
    assert numbers.exponent == math.floor(2000 / math.log(10) + math.log10(largest))
    assert 1 <= numbers.values.max() < 10
    assert f"10^{numbers.exponent}" in numbers.unit


def test_steps_end_in_the_genotype(result: SearchResult):
    count = len(result.steps)
    first, last = result.frame("reduce", 0), result.frame("reduce", count)
    assert not first.decided
    assert not first.finished
    assert first.live.all()
    assert last.decided == result.chosen("reduce")
    kept = [arrow.gene for arrow in last.arrows(dropped=False)]
    assert sorted(kept) == sorted(result.genotype.cells["reduce"])
    faint = {arrow.gene for arrow in last.arrows() if arrow.faint}
    assert len(faint) == len(result.space.edges) - len(kept)
    assert not faint & set(kept)
    with pytest.raises(ValueError, match=f"step {count + 1} is out of range; this search has the steps 0 to {count}"):
        result.frame("reduce", count + 1)
    with pytest.raises(ValueError, match=f"step '1' is out of range; this search has the steps 0 to {count}"):
        result.frame("reduce", "1")
    with pytest.raises(ValueError, match="unknown cell type 'reduction'; allowed: normal, reduce"):
        result.frame("reduction")


def test_before_the_end_an_edge_shows_its_best_and_the_number_of_others(result: SearchResult):
    frame = result.frame("normal", 0)
    arrow = frame.arrows()[0]
    assert arrow.gene.operation == result.space.operations[int(frame.shares[0].argmax())]
    assert (arrow.faint, arrow.note) == (True, "+7")
    assert max(arrow.width for arrow in frame.arrows()) == 1


def test_a_heatmap_marks_what_was_chosen_dropped_and_pruned(result: SearchResult):
    whole = result.frame("normal").heatmap()
    borders = [[field.border for field in row if field.border] for row in whole.fields]
    assert sorted(chain(*borders)) == ["dashed"] * 6 + ["solid"] * 8
    assert whole.title == "Normal cell: flow share"
    last = result.frame("normal", len(result.steps)).heatmap()
    assert all([field.text == "×" for field in row].count(True) == 7 for row in last.fields)
    assert len(last.legend) == 3


def test_constraints_have_signs():
    config = tiny(
        "nas-bench-201", field="interior", method="one-shot", pinned=["0-1:skip_connect"], banned=["0-2:none"]
    )
    heatmap = search(config).frame("cell").heatmap()
    signs = {
        (row, column): field.note for row, fields in enumerate(heatmap.fields) for column, field in enumerate(fields)
    }
    assert {place: sign for place, sign in signs.items() if sign} == {(0, 1): "pinned", (1, 0): "banned"}
    assert [field.text for field in heatmap.fields[0]].count("×") == 4
    assert heatmap.fields[1][0].text == "×"


@pytest.mark.parametrize("importance", IMPORTANCES)
def test_a_common_scale_spans_all_frames(result: SearchResult, importance: str):
    frames = [result.frame("normal", step) for step in (0, len(result.steps))]
    scale = common_scale(frames, importance)
    values = np.concatenate([frame.numbers(importance, scale.exponent).values.ravel() for frame in frames])
    assert scale.limits == (values[values > 0].min(), values.max())
    assert frames[1].heatmap(scale).limits == scale.limits
