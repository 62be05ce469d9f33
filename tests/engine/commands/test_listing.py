"""The commands that list the registries."""

from __future__ import annotations

import json

from engine import SPACES
from engine.proxies import PROXIES
from tests.engine.conftest import Run


def test_spaces_and_proxies_are_listed(run: Run):
    for command, registry in (("spaces", SPACES), ("proxies", PROXIES)):
        status, out, err = run(command)
        assert (status, err) == (0, "")
        header, *rows = out.splitlines()
        assert [row.split()[0] for row in rows] == list(registry)
        assert all(row.index(registry[row.split()[0]].source) == header.index("source") for row in rows)
        _, out, _ = run(command, "--json")
        assert [entry["name"] for entry in json.loads(out)] == list(registry)


def test_spaces_as_json_are_complete(run: Run):
    found = {entry["name"]: entry for entry in json.loads(run("spaces", "--json")[1])}
    assert found["nas-bench-201"]["architectures"] == 15_625
    assert found["darts"]["edges"] == [list(edge) for edge in SPACES["darts"].edges]
    assert found["darts"]["evaluation_size"] == {"channels": 36, "cells": 20}
