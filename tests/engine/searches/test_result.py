from __future__ import annotations

import copy
import csv
import io
import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from engine import SPACES, SearchResult, parse_genotype, search
from engine.searches.result import BudgetReport, Notice
from tests.conftest import tiny
from tests.engine.genotypes.test_genotype import DARTS
from tests.paths import ASSETS

Document = dict[str, Any]


@pytest.fixture(scope="module")
def text(tiny_results: dict[str, SearchResult]) -> str:
    return tiny_results["nas-bench-201"].to_json()


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


def _set(*path: object) -> Callable[[Document], None]:
    """A change that sets the value at the end of `path` there."""
    *places, key, value = path

    def change(document: Any) -> None:
        for place in places:
            document = document[place]
        document[key] = value

    return change


def _remove(*path: object) -> Callable[[Document], None]:
    *places, key = path

    def change(document: Any) -> None:
        for place in places:
            document = document[place]
        del document[key]

    return change


NAN, INFINITY = float("nan"), float("inf")
TABLE = ("passes", 0, "shares", "cell")
MALFORMED: dict[str, Callable[[Document], None]] = {
    **{f"no {key}": _remove(key) for key in ("schema", "config", "environment", "genotype", "passes", "steps")},
    **{f"no {key}": _remove(key) for key in ("warnings", "cost", "timing")},
    **{f"no {key} in a step": _remove("steps", 0, key) for key in ("cell", "edge", "operation", "pass", "share")},
    **{f"no {key} in a pass": _remove("passes", 0, key) for key in ("log_flow", "shares")},
    "no message": _set("warnings", [{"code": "tie"}]),
    **{f"null {key}": _set(key, None) for key in ("schema", "config", "genotype", "passes", "steps", "warnings")},
    **{f"text for {key}": _set(key, "x") for key in ("schema", "config", "genotype", "passes", "steps", "warnings")},
    "later version": _set("schema", "freenas/search-result@2"),
    "genotype schema": _set("schema", "freenas/genotype@1"),
    "no table": _set(*TABLE, []),
    "a number for a table": _set(*TABLE, 1.0),
    "a short table": _remove(*TABLE, 0),
    "a wide table": _set(*TABLE, [[0.0] * 6] * 6),
    "a deep table": _set(*TABLE, [[[0.0]] * 5] * 6),
    "a ragged table": _remove(*TABLE, 0, 0),
    "NaN in a table": _set(*TABLE, 0, 1, NAN),
    "infinity in a table": _set(*TABLE, 0, 1, INFINITY),
    "null in a table": _set(*TABLE, 0, 1, None),
    "an object in a table": _set(*TABLE, 0, 1, {}),
    "an unknown edge": _set("steps", 0, "edge", [3, 0]),
    "a number for an edge": _set("steps", 0, "edge", 5),
    "text for a pass": _set("steps", 0, "pass", "first"),
    "a number for a warning": _set("warnings", [5]),
    "genotype of another space": _set("genotype", "space", "darts"),
    "malformed genotype": _remove("genotype", "cells", "cell", "edges", 0),
}
ACCEPTED_OR_UNCLEAR: dict[str, Callable[[Document], None]] = {
    "seed that is text": _set("config", "seed", "1"),
    "cells of another space": _set("config", "space", "darts"),
    "unknown config field": _set("config", "surprise", 1),
    "unknown recipe": _set("config", "recipe", "x"),
    "unknown space in the config": _set("config", "space", "x"),
    **{f"null {key}": _set(key, None) for key in ("environment", "cost", "timing")},
    **{f"text for {key}": _set(key, "x") for key in ("environment", "cost", "timing")},
    "NaN in timing": _set("timing", "total", NAN),
    "text in timing": _set("timing", "total", "x"),
    "text in cost": _set("cost", "params", "x"),
    "no passes": _set("passes", []),
    "pass without the cell type": _set("passes", 0, "shares", {}),
    "pass with another cell type": lambda d: _set("passes", 0, "shares", "x", d["passes"][0]["shares"]["cell"])(d),
    "NaN for log_flow": _set("passes", 0, "log_flow", NAN),
    "infinity for log_flow": _set("passes", 0, "log_flow", INFINITY),
    "text for log_flow": _set("passes", 0, "log_flow", "5"),
    "long text for log_flow": _set("passes", 0, "log_flow", "x" * 1000),
    "log_flow of 400 digits": _set("passes", 0, "log_flow", 10**400),
    "share of 400 digits": _set(*TABLE, 0, 1, 10**400),
    "negative share": _set(*TABLE, 0, 1, -1.0),
    "text for a share": _set(*TABLE, 0, 1, "1"),
    "long text for a share": _set(*TABLE, 0, 1, "x" * 1000),
    "step in an unknown cell": _set("steps", 0, "cell", "x"),
    "step of an unknown operation": _set("steps", 0, "operation", "x"),
    "step of a list": _set("steps", 0, "operation", ["none"]),
    "step in a later pass": _set("steps", 0, "pass", 10**9),
    "step in pass -1": _set("steps", 0, "pass", -1),
    "step in pass 0.5": _set("steps", 0, "pass", 0.5),
    "step in pass infinity": _set("steps", 0, "pass", INFINITY),
    "text for the share of a step": _set("steps", 0, "share", "x"),
    "NaN for the share of a step": _set("steps", 0, "share", NAN),
    "no steps": _set("steps", []),
    "steps twice": lambda d: _set("steps", 2 * d["steps"])(d),
    "numbers in a warning": _set("warnings", [{"code": 1, "message": 2}]),
    "well-formed genotype of another space": lambda d: _set("genotype", parse_genotype(DARTS).to_dict())(d),
    "genotype that the steps contradict": _set("genotype", "cells", "cell", "edges", 0, "operation", "none"),
}


def _refused(text: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        SearchResult.from_json(text)
    assert str(caught.value).isprintable(), str(caught.value)
    assert 0 < len(str(caught.value)) <= 300


def _changed(text: str, change: Callable[[Document], None]) -> str:
    document = copy.deepcopy(json.loads(text))
    change(document)
    return json.dumps(document)


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_result_is_refused_in_a_sentence(name: str, text: str):
    _refused(_changed(text, MALFORMED[name]))


@pytest.mark.parametrize("name", ACCEPTED_OR_UNCLEAR)
def test_a_malformed_result_is_refused_in_a_sentence_too(name: str, text: str):
    _refused(_changed(text, ACCEPTED_OR_UNCLEAR[name]))


@pytest.mark.parametrize(
    "found",
    [
        *["", " ", "[]", "5", "NaN", "null", '"x"', "{}", "{'schema': 1}", "\x80\x04\x95"],
        '{"schema": "freenas/search-result@1"',
        '{"schema": "freenas/search-result@1"}',
        "[" * 100_000,
        f'{{"schema": {"[" * 900}{"]" * 900}}}',
        f'{{"schema": {"9" * 5000}}}',
        " " * 10_000_000,
        DARTS,
    ],
    ids=lambda found: found[:20],
)
def test_what_is_no_result_is_refused_in_a_sentence(found: str):
    _refused(found)


# Constraints and budgets.


@pytest.fixture(scope="module")
def limited() -> SearchResult:
    """A search with pins, bans and two bounds."""
    limits = {"pinned": ["0-1:skip_connect"], "banned": ["0-3:none", "2-3:nor_conv_3x3"]}
    limits |= {"max_params": 900_000, "max_macs": 130_000_000}
    return search(tiny("nas-bench-201", field="interior", per_round=8, **limits))


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schemas = {path.name: json.loads(path.read_text()) for path in ASSETS.glob("*.schema.json")}
    registry = Registry().with_resources((each["$id"], Resource.from_contents(each)) for each in schemas.values())
    return Draft202012Validator(schemas["search-result.schema.json"], registry=registry)


def test_constraints_and_the_budget_survive_json(limited: SearchResult, validator: Draft202012Validator):
    document = json.loads(limited.to_json())
    validator.validate(document)
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


def test_results_from_before_there_were_constraints_are_read(text: str, validator: Draft202012Validator):
    document = json.loads(text)
    for name in ("pinned", "banned", "max_params", "max_macs", "max_latency"):
        del document["config"][name]
    validator.validate(document)
    assert SearchResult.from_json(json.dumps(document)).to_json() == text


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


STEP = {"cell": "cell", "edge": [0, 3], "operation": "none", "pass": 0, "share": 0}
CONTRADICTED: dict[str, tuple[Callable[[Document], None], str]] = {
    "a step of a banned operation": (lambda d: d["steps"].insert(0, STEP), "steps[0]: no such live operation: "),
    "a step on a pinned edge": (
        lambda d: d["steps"].append(STEP | {"edge": [0, 1], "operation": "nor_conv_1x1"}),
        "no such live operation: ['cell', [0, 1], 'nor_conv_1x1']",
    ),
    "the pinned operation in a step": (
        lambda d: d["steps"].append(STEP | {"edge": [0, 1], "operation": "skip_connect"}),
        "steps: exactly one operation must be left on every edge",
    ),
    "bans that the steps do not know": (_set("config", "banned", ["0-2:none"]), "no such live operation"),
    "no bans": (_set("config", "banned", []), "steps: exactly one operation must be left on every edge"),
    "no pins": (_set("config", "pinned", []), "steps: exactly one operation must be left on every edge"),
    "another pin": (_set("config", "pinned", ["0-1:none"]), "genotype: skip_connect on cell (0, 1) was pruned"),
    "a pin without an edge": (_set("config", "pinned", ["0-9:none"]), "NAS-Bench-201 has no edge from node 0"),
    "bans of everything": (
        _set("config", "banned", [f"0-3:{name}" for name in SPACES["nas-bench-201"].operations]),
        "config: cell, edge 0→3: every operation is banned",
    ),
    "a count that is text": (_set("config", "max_params", "900000"), "config: max_params: input should be"),
    "a budget for another recipe": (_set("config", "alpha", "noise"), "a budget needs the recipe 'synaptic'"),
}


@pytest.mark.parametrize("name", CONTRADICTED)
def test_a_document_whose_parts_contradict_its_constraints_is_refused(name: str, limited: SearchResult):
    change, sentence = CONTRADICTED[name]
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        SearchResult.from_json(_changed(limited.to_json(), change))
    assert sentence in str(caught.value)


MALFORMED_BUDGETS: dict[str, Callable[[Document], None]] = {
    **{f"no {key}": _remove("budget", key) for key in ("costs", "log_flow", "free", "within", "listed")},
    **{f"null {key}": _set("budget", key, None) for key in ("costs", "log_flow", "free")},
    **{f"text for {key}": _set("budget", key, "1") for key in ("costs", "log_flow", "free", "within", "listed")},
    **{f"no {key} of the free one": _remove("budget", "free", key) for key in ("genotype", "costs", "log_flow")},
    "nothing, though there are bounds": _remove("budget"),
    "a report without bounds": lambda d: d["config"].update(max_params=None, max_macs=None),
    "fewer costs than bounds": _remove("budget", "costs", "macs"),
    "another cost": _set("budget", "costs", "latency", 1.0),
    "fewer costs of the free one": _remove("budget", "free", "costs", "params"),
    "a free genotype of another space": lambda d: _set("budget", "free", "genotype", parse_genotype(DARTS).to_dict())(
        d
    ),
    "fewer than no cells": _set("budget", "within", -1),
    "a list": _set("budget", []),
    "half a cell": _set("budget", "within", 0.5),
    "NaN for log_flow": _set("budget", "log_flow", NAN),
    "infinity for a cost": _set("budget", "costs", "params", INFINITY),
    "text for a cost": _set("budget", "costs", "params", "1"),
    "text for a cost of the free one": _set("budget", "free", "costs", "macs", "1"),
    "malformed free genotype": _remove("budget", "free", "genotype", "cells", "cell", "edges", 0),
    "text for the free genotype": _set("budget", "free", "genotype", DARTS),
}


@pytest.mark.parametrize("name", MALFORMED_BUDGETS)
def test_a_malformed_budget_is_refused_in_a_sentence(name: str, limited: SearchResult):
    _refused(_changed(limited.to_json(), MALFORMED_BUDGETS[name]))


@pytest.mark.parametrize(
    "change",
    [
        _set("budget", "costs", "params", -1),
        _set("budget", "costs", "size", 5),
        _set("budget", "surprise", 5),
        _set("budget", "within", "many"),
        _remove("budget", "free", "costs"),
        _set("config", "pinned", ["0-1-none"]),
        _set("config", "banned", "0-1:none"),
        _set("config", "max_params", 0),
        _set("config", "max_macs", 1.5),
        _set("config", "max_latency", 0),
    ],
)
def test_the_schema_refuses_what_is_no_budget(
    change: Callable[[Document], None], limited: SearchResult, validator: Draft202012Validator
):
    assert not validator.is_valid(json.loads(_changed(limited.to_json(), change)))
