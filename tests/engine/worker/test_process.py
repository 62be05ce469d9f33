"""The worker process: what it answers to a request, and how it begins, stops and ends."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from engine import DeviceMemoryExhausted, NonFiniteScores, SearchConfig, SearchResult, search
from engine.common.environment import processor
from engine.searches.search import SearchTask
from engine.worker.process import respond
from tests.paths import ROOT

CONFIG = {"space": "nas-bench-201", "channels": 4, "cells": 1, "image_size": 8, "device": "cpu", "per_round": 8}
TASK = {"kind": "search", "config": CONFIG}


def answered(task: object, stopped: set[int] | None = None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The last message on a request of the id 7, and those on its way."""
    messages: list[dict[str, Any]] = []
    return respond({"run": 7, "task": task}, stopped or set(), messages.append), messages


def test_a_task_ends_in_its_answer_and_tells_its_progress_on_the_way():
    last, messages = answered(TASK)
    result = SearchResult.from_json(last["result"])
    assert result.genotype == search(SearchConfig(**CONFIG)).genotype
    assert all(message.keys() == {"id", "progress"} and message["id"] == 7 for message in messages)
    steps = [message["progress"] for message in messages]
    assert [done for done, *_ in steps] == list(range(len(result.passes) + 1))
    assert steps[-1][0] == steps[-1][1]
    assert all(0 <= seconds < 60 for *_, seconds, _ in steps)
    assert (steps[0][3], steps[-1][3]) == (float("inf"), 0)


def test_a_task_that_is_stopped_has_no_answer():
    last, messages = answered(TASK, {7})
    assert last == {"stopped": True}
    assert [message["progress"][0] for message in messages] == [0]
    assert "result" in answered(TASK, {6})[0], "another one was meant"


def test_a_wrong_number_of_threads_is_one_sentence(monkeypatch):
    monkeypatch.setenv("FREENAS_THREADS", "all")
    assert answered(TASK)[0]["error"].startswith("FREENAS_THREADS: 'all' is out of range; 1 to ")


@pytest.mark.parametrize(
    ("task", "sentence"),
    [
        ({"kind": "search", "config": {**CONFIG, "space": "nb"}}, "unknown search space 'nb'; allowed: nas-bench-201"),
        ({"kind": "search", "config": {**CONFIG, "channels": 3}}, "channels"),
        ({"kind": "cook"}, "cook"),
        (None, ""),
    ],
    ids=["space", "channels", "kind", "nothing"],
)
def test_a_request_that_is_wrong_gets_one_sentence(task: object, sentence: str):
    last, messages = answered(task)
    assert last.keys() == {"error"}
    assert sentence in last["error"]
    assert "\n" not in last["error"]
    assert messages == []


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (NonFiniteScores("the scores are not numbers"), "the scores are not numbers"),
        (DeviceMemoryExhausted("too little memory"), "too little memory"),
        (ValueError("a wrong value"), "a wrong value"),
        (MemoryError("Unable to allocate 74.5 GiB"), "the work needs more memory than there is"),
        (KeyError("cell"), "the work failed: KeyError: 'cell'"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_no_error_ends_the_process(monkeypatch: pytest.MonkeyPatch, error: Exception, sentence: str):
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(SearchTask, "run", fail)
    assert answered(TASK)[0] == {"error": sentence}


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "engine.worker.process"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as process:
        yield process
        process.kill()


@pytest.mark.slow
def test_a_process_serves_requests_until_its_input_ends(worker: subprocess.Popen[str]):
    ready = json.loads(worker.stdout.readline())
    assert ready["ready"]
    assert ready["devices"]["cpu"] == processor()
    for message in ({"stop": 2}, {"run": 1, "task": TASK}, {"run": 2, "task": TASK}, {"run": 3, "task": {}}):
        worker.stdin.write(json.dumps(message) + "\n")
    worker.stdin.flush()
    last: dict[int, str] = {}
    while len(last) < 3:
        message = json.loads(worker.stdout.readline())
        if "progress" not in message:
            (last[message["id"]],) = message.keys() - {"id"}
    assert last == {1: "result", 2: "stopped", 3: "error"}
    worker.stdin.close()
    assert worker.wait(timeout=30) == 0
