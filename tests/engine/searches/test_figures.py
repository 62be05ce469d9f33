"""Figures of results."""

from __future__ import annotations

import re

import pytest

from engine import SPACES, SearchResult
from engine.searches.figures import RESULT_FIGURES, result_figure


@pytest.mark.slow
@pytest.mark.parametrize("space", SPACES)
def test_every_space_has_every_figure(
    space: str, tiny_results: dict[str, SearchResult], capfd: pytest.CaptureFixture[str]
):
    result = tiny_results[space]
    drawn = {figure: result_figure(result, figure).decode() for figure in RESULT_FIGURES}
    names = [result.space.edge_name(edge) for edge in result.space.edges]
    assert [name for name in names if name not in drawn["heatmap"]] == []
    kinds = len(result.space.cell_types)
    assert drawn["replay"].count("nothing dropped yet") == kinds
    assert "Error" not in capfd.readouterr().err


def test_a_replay_begins_with_everything_and_ends_with_the_cell(tiny_results: dict[str, SearchResult]):
    result = tiny_results["nas-bench-201"]
    page = result_figure(result, "replay", "html").decode()
    steps = [int(number) for number in re.findall(r"step (\d+) of 24", page)]
    assert steps == [0, 8, 16, 24]
    assert page.count("<table") == page.count("<svg") == 4
    first, *_, last = page.split("<table")[1:]
    assert "nothing dropped yet" in first
    assert "×" not in first
    assert last.count(">×") == 24


def test_one_step_of_one_cell_is_drawn_with_what_fell(tiny_results: dict[str, SearchResult]):
    result = tiny_results["darts"]
    step = next(index for index, step in enumerate(result.steps, start=1) if step.cell == "reduce")
    page = result_figure(result, "heatmap", "html", cell="normal", step=step, importance="edge", log=False).decode()
    assert page.count("<table") == page.count("<svg") == 1
    assert f"Normal cell, step {step} of {len(result.steps)}: flow share of its edge" in page
    assert " of the reduction cell dropped" in page


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"figure": "graph"}, "unknown figure of a search 'graph'; allowed: heatmap, cell, replay"),
        ({"to": "gif"}, "unknown format 'gif'"),
        ({"cell": "normal"}, "unknown cell type 'normal'; allowed: cell"),
        ({"figure": "replay", "step": 3}, "step 3: a replay shows several steps"),
        ({"step": -1}, "step -1 is out of range"),
        ({"importance": "flow"}, "unknown importance 'flow'"),
    ],
)
def test_what_there_is_none_of_is_refused(
    tiny_results: dict[str, SearchResult], options: dict[str, object], message: str
):
    with pytest.raises(ValueError, match=message):
        result_figure(tiny_results["nas-bench-201"], **options)  # type: ignore[arg-type]
