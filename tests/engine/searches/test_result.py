from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace

import numpy as np
import pytest

from engine import SPACES, SearchResult, parse_genotype, search
from engine.searches.result import BudgetReport, Notice
from tests.conftest import tiny
from tests.engine.genotypes.test_genotype import DARTS
from tests.engine.schemas import VALIDATORS


@pytest.mark.parametrize("space", SPACES)
def test_json_round_trip(space: str, tiny_results: dict[str, SearchResult]):
    result = tiny_results[space]
    again = SearchResult.from_json(result.to_json())
    assert again.to_json() == result.to_json()
    assert again.config == result.config
    assert again.genotype == result.genotype
    assert again.steps == result.steps
    assert again.notices == result.notices
    assert (again.cost, again.timing, again.environment) == (result.cost, result.timing, result.environment)
    for ours, theirs in zip(result.passes, again.passes, strict=True):
        assert ours.log_flow == theirs.log_flow
        assert all((ours.shares[kind] == theirs.shares[kind]).all() for kind in result.space.cell_types)
    assert all((result.scores[kind] == again.scores[kind]).all() for kind in result.space.cell_types)


@pytest.mark.parametrize("space", SPACES)
def test_numbers_have_six_digits(space: str, tiny_results: dict[str, SearchResult]):
    cells = json.loads(tiny_results[space].to_json())["cells"]
    for cell in cells.values():
        for table in (cell["scores"], cell["shares"]):
            assert all(value == float(f"{value:.5e}") for row in table for value in row)


def test_rounding_twice_is_rounding_once(tiny_results: dict[str, SearchResult]):
    result = tiny_results["nas-bench-201"]
    assert result.rounded().to_json() == result.to_json()
    third = replace(result.passes[0], shares={"cell": np.full((6, 5), 1 / 3)})
    assert (replace(result, passes=(third,)).rounded().shares["cell"] == 0.333333).all()


def test_a_result_is_plain_numbers(tiny_results: dict[str, SearchResult]):
    for result in tiny_results.values():
        assert all(type(table) is np.ndarray and table.dtype == np.float64 for table in result.shares.values())
        assert all(type(step.share) is float and type(step.at_pass) is int for step in result.steps)
        assert type(result.passes[0].log_flow) is float


def test_raw_scores_beyond_a_double_are_given_in_another_unit():
    deep = search(tiny("nas-bench-201", cells=100, field="interior", method="one-shot"))
    assert deep.log_scale == deep.passes[0].log_flow > math.log(np.finfo(np.float64).max)
    assert (deep.scores["cell"] == deep.shares["cell"]).all()
    assert json.loads(deep.to_json())["log_scale"] == deep.log_scale
    assert SearchResult.from_json(deep.to_json()).to_json() == deep.to_json()
    shallow = search(tiny("nas-bench-201", method="one-shot"))
    assert shallow.log_scale == 0
    assert shallow.scores["cell"].max() > 1e6


def test_notices_are_found_by_their_code(tiny_results: dict[str, SearchResult]):
    result = replace(tiny_results["nas-bench-201"], notices=(Notice("rounding", "These scores are rounding error."),))
    assert result.has("rounding")
    assert not result.has("collapse")
    assert json.loads(result.to_json())["warnings"] == [
        {"code": "rounding", "message": "These scores are rounding error."}
    ]


@pytest.mark.parametrize("space", SPACES)
def test_csv_has_a_row_for_every_operation_on_every_edge(space: str, tiny_results: dict[str, SearchResult]):
    result = tiny_results[space]
    document = json.loads(result.to_json())
    rows = list(csv.DictReader(io.StringIO(result.to_csv())))
    fell = {(s["cell"], *s["edge"], s["operation"]): str(s["pass"]) for s in document["steps"]}
    kept = {
        (kind, edge["from"], edge["to"], edge["operation"])
        for kind, cell in document["genotype"]["cells"].items()
        for edge in cell["edges"]
    }
    expected = [
        {
            "cell": kind,
            "from": str(edge[0]),
            "to": str(edge[1]),
            "operation": name,
            "share": str(cell["shares"][row][column]),
            "score": str(cell["scores"][row][column]),
            "log_scale": str(document["log_scale"]),
            "pruned_at_pass": fell.get((kind, *edge, name), ""),
            "in_genotype": str(int((kind, *edge, name) in kept)),
        }
        for kind, cell in document["cells"].items()
        for row, edge in enumerate(cell["edges"])
        for column, name in enumerate(cell["operations"])
    ]
    assert rows == expected
    assert sum(row["in_genotype"] == "1" for row in rows) == len(kept)


@pytest.mark.parametrize("change", [{"operation": "none"}, {"from": 1}], ids=["none", "an input read twice"])
def test_no_result_has_a_genotype_that_no_search_answers_with(change: dict, tiny_results: dict[str, SearchResult]):
    document = json.loads(tiny_results["darts"].to_json())
    assert document["genotype"]["cells"]["normal"]["edges"][1]["from"] == 1
    document["genotype"]["cells"]["normal"]["edges"][0] |= change
    with pytest.raises(
        ValueError, match=r"^genotype: an edge stands twice, or has 'none'; no search answers with such"
    ):
        SearchResult.from_json(json.dumps(document))


# constraints and budgets


def test_constraints_and_the_budget_survive_json(limited: SearchResult):
    document = json.loads(limited.to_json())
    VALIDATORS["search-result"].validate(document)
    config = document["config"]
    assert (config["pinned"], config["banned"]) == (["0-1:skip_connect"], ["0-3:none", "2-3:nor_conv_3x3"])
    assert (config["max_params"], config["max_macs"], config["max_latency"]) == (900_000, 130_000_000, None)
    again = SearchResult.from_json(limited.to_json())
    assert (again.config, again.genotype, again.steps) == (limited.config, limited.genotype, limited.steps)
    assert again.budget == limited.budget
    assert again.to_json() == limited.to_json()


def test_a_report_is_written_as_it_is():
    free = parse_genotype(DARTS)
    report = BudgetReport({"params": 5.0, "latency": 0.25}, -1.5, free, {"params": 7.0, "latency": 0.5}, 2.5, 3, 4)
    assert report.to_dict() == {
        "costs": {"params": 5.0, "latency": 0.25},
        "log_flow": -1.5,
        "free": {"genotype": free.to_dict(), "costs": {"params": 7.0, "latency": 0.5}, "log_flow": 2.5},
        "within": 3,
        "listed": 4,
    }


def test_without_bounds_there_is_no_report(text: str):
    assert "budget" not in json.loads(text)
    assert SearchResult.from_json(text).budget is None


@pytest.mark.parametrize("space", SPACES)
def test_live_operations_are_those_that_no_step_has_taken(space: str, tiny_results: dict[str, SearchResult]):
    result = tiny_results[space]
    for kind in result.space.cell_types:
        for count in (0, 1, len(result.steps) // 2, len(result.steps)):
            gone = {(step.edge, step.operation) for step in result.steps[:count] if step.cell == kind}
            live = result.live(kind, count)
            for edge, column in np.argwhere(result.live(kind, 0)).tolist():
                assert live[edge, column] == ((edge, result.space.operations[column]) not in gone)
        assert result.live(kind, 0).sum() == (result.shares[kind] > 0).sum() + live_but_silent(result, kind)


def live_but_silent(result: SearchResult, kind: str) -> int:
    """How many `none` stand on the edges of a cell type; without constraints all else has a share."""
    if "none" not in result.space.operations:
        return 0
    return int(result.live(kind, 0)[:, result.space.operations.index("none")].sum())


def test_a_notebook_shows_heatmap_and_cell(tiny_results: dict[str, SearchResult]):
    result = tiny_results["darts"]
    page = result._repr_html_()
    assert page.count("<table") == page.count("<svg") == 2
    assert "Reduction cell: flow share" in page
    assert "<script" not in page
    assert result._repr_svg_().startswith("<svg")


def test_its_repr_is_one_line(tiny_results: dict[str, SearchResult]):
    text = repr(tiny_results["darts"])
    assert text.startswith("SearchResult(space='darts', proxy='freeflow', seed=0, genotype=")
    assert "\n" not in text
    assert len(text) < 1000
