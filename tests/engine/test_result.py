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

from engine import SearchResult, parse_genotype, search, spaces
from engine.result import Notice
from tests.conftest import tiny
from tests.engine.test_genotype import DARTS

SPACES = list(spaces())
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
