"""The JSON of results as it is read: what is malformed or contradicts itself is refused in a sentence."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from engine import SPACES, SearchResult, parse_genotype
from engine.common.documents import DocumentPart
from engine.searches.result_document import ResultDocument, StepDocument
from tests.engine.genotypes.test_genotype import DARTS
from tests.engine.schemas import VALIDATORS

Document = dict[str, Any]
VALIDATOR = VALIDATORS["search-result"]


def test_a_document_is_read_as_it_was_written(text: str, limited: SearchResult):
    for written in (json.loads(text), json.loads(limited.to_json())):
        document = ResultDocument.read(json.dumps(written))
        parts = {key: value for key, value in written.items() if key not in ("schema", "config", "cells", "log_scale")}
        assert {key: _data(getattr(document, key)) for key in parts} == parts
        assert document.config.to_dict() == written["config"]


def _data(value: Any) -> Any:
    """Parts of a document as plain data."""
    if isinstance(value, list):
        return [_data(item) for item in value]
    return value.to_data() if isinstance(value, DocumentPart) else value


def test_scores_are_known_from_the_first_pass_and_not_read(text: str):
    changed = json.loads(text) | {"cells": "x", "log_scale": None}
    assert SearchResult.from_json(json.dumps(changed)).to_json() == text


def test_a_step_names_its_pass_by_the_key():
    step = StepDocument(cell="cell", edge=[0, 1], operation="none", at_pass=2, share=0.5)
    assert step.to_data() == {"cell": "cell", "edge": [0, 1], "operation": "none", "pass": 2, "share": 0.5}
    assert StepDocument.from_data(step.to_data()) == step


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


def test_results_from_before_there_were_constraints_are_read(text: str):
    document = json.loads(text)
    for name in ("pinned", "banned", "max_params", "max_macs", "max_latency"):
        del document["config"][name]
    VALIDATOR.validate(document)
    assert SearchResult.from_json(json.dumps(document)).to_json() == text


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
def test_the_schema_refuses_what_is_no_budget(change: Callable[[Document], None], limited: SearchResult):
    assert not VALIDATOR.is_valid(json.loads(_changed(limited.to_json(), change)))
