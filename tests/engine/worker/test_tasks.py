"""Tasks of a space of one's own: they travel as JSON, are equal where their documents are, and are answered."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from engine import parse_genotype
from engine.common.tasks import Task
from engine.common.work import Work
from engine.networks.cost import network_cost
from engine.searches.search import SearchTask
from engine.spaces import load_space
from engine.studies.atlas import Atlas, AtlasTask
from engine.studies.evidence import Evidence, EvidenceTask
from engine.tables.task import TableTask
from engine.worker.tasks import read_task
from tests.engine.documents import DARTS, NAS_BENCH_201, cell

OWN = {**NAS_BENCH_201, "name": "mine", "nodes": 3, "cells": {"cell": cell([(0, 1), (1, 2)], ["nor_conv_3x3"])}}
ATLAS = {"kind": "atlas", "space": OWN, "count": None, "measures": ["params"]}
TABLE = {"kind": "table", "path": "/t.csv", "stamp": 1, "space": OWN}
QUESTION = {"column": "acc", "measures": ["params"]}
DESCRIBED = {"dataset": None, "split": None, "epochs": None}
TASKS = {
    "search": {"kind": "search", "config": {"space": OWN}},
    "atlas": ATLAS,
    "table": TABLE,
    "evidence": {"kind": "evidence", "table": TABLE, "question": QUESTION, **DESCRIBED},
}


def sent(task: Task) -> Task:
    """The task as a worker reads it."""
    return read_task(json.loads(json.dumps(task.model_dump())))


def answered(task: Task) -> Any:
    """The answer as the server reads it."""
    found = task.run(Work())
    return task.answer.from_json(found.to_json())


@pytest.mark.parametrize("kind", TASKS)
def test_a_task_of_an_own_space_is_known_again(kind: str):
    task = read_task(TASKS[kind])
    again = sent(task)
    assert (again, hash(again)) == (task, hash(task))
    assert {task: "answer"}[again] == "answer"
    other = json.loads(json.dumps(TASKS[kind]).replace('"channels": 16', '"channels": 8'))
    assert read_task(other) != task
    assert sent(read_task(other)) == read_task(other)


def test_a_space_is_held_as_configurations_hold_it():
    asked = {"count": 3, "measures": ("flow",)}
    assert AtlasTask(space="darts", **asked).space == "darts"
    described = load_space(json.dumps(OWN))
    assert AtlasTask(space=described, **asked).space == described == SearchTask(config={"space": OWN}).config.space
    assert AtlasTask(space=described, **asked).model_dump()["space"] == described.reference
    assert TableTask(path="t.csv", stamp=0).model_dump()["space"] is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("imagenet", "unknown search space 'imagenet'; allowed: nas-bench-201"),
        (3, "a string or a document expected, 3 given"),
        ({**OWN, "nodes": 99}, "space: nodes"),
    ],
)
def test_what_is_no_space_is_named(given: object, words: str):
    with pytest.raises(ValueError, match=words):
        read_task({**ATLAS, "space": given})


def test_an_atlas_holds_all_of_an_own_space():
    found = answered(read_task(ATLAS))
    assert isinstance(found, Atlas)
    assert found.space == load_space(json.dumps(OWN))
    texts = [f"|nor_conv_3x3~0|+|{second}~1|" for second in OWN["operations"]]
    assert [each.notation for each in found.population.genotypes()] == texts
    costs = [network_cost(parse_genotype(text, found.space)).params for text in texts]
    assert found.values["params"].tolist() == costs


def test_a_table_in_the_notation_of_an_own_space_is_weighed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Its cells have two types, whose names the notation begins with."""
    monkeypatch.setenv("FREENAS_CACHE", str(tmp_path / "cache"))
    kept = "|{}~0|{}~1|+|skip_connect~0|skip_connect~1|+|skip_connect~0|skip_connect~1|+|skip_connect~0|skip_connect~1|"
    names = [name for name in DARTS["operations"] if name != "none"][:4]
    pairs = [(kept.format(*pair), kept.format(*pair[::-1])) for pair in product(names, repeat=2)]
    texts = [f"normal: {normal}; reduce: {reduce}" for normal, reduce in pairs]
    path = tmp_path / "cifar10_test_acc_200ep.csv"
    path.write_text("\n".join(["arch,acc", *(f"{text},{80 + row}" for row, text in enumerate(texts))]))
    table = TableTask(path=str(path), stamp=0, space=DARTS)
    assert answered(table).architectures == len(texts)
    column = table.load().columns[0]
    told = {"dataset": column.dataset, "split": column.split, "epochs": column.epochs}
    found = answered(EvidenceTask(table=table, question={"column": "acc", "measures": ("params",)}, **told))
    assert isinstance(found, Evidence)
    assert found.space == load_space(json.dumps(DARTS))
    assert (found.architectures, found.best_notation) == (len(texts), texts[-1])
