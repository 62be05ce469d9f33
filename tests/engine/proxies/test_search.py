"""A search with every proxy: its result, its progress, and how it stops."""

from __future__ import annotations

import json
import time
from functools import cache

import numpy as np
import pytest

from engine import Progress, SearchConfig, SearchResult, SearchStopped, search
from engine.proxies import PROXIES, get_proxy
from tests.conftest import tiny

every = pytest.mark.parametrize("name", PROXIES)


def question(name: str, **parts: object) -> SearchConfig:
    return tiny("nas-bench-201", **{"proxy": name, "batch": 4, **parts})


@cache
def searched(name: str, method: str) -> tuple[SearchResult, list[Progress]]:
    seen: list[Progress] = []
    return search(question(name, method=method, per_round=8), on_progress=seen.append), seen


@every
@pytest.mark.parametrize("method", ["one-shot", "iterative"])
def test_a_search_ends_in_a_result_that_survives_json(name: str, method: str):
    result, seen = searched(name, method)
    assert [progress.done for progress in seen][:2] == [0, 1]
    assert seen[-1].done == seen[-1].total == max(progress.done for progress in seen)
    assert result.config == question(name, method=method, per_round=8)
    text = result.to_json()
    assert SearchResult.from_json(text).to_json() == text
    assert json.loads(text)["config"] == result.config.to_dict()
    expected = {"labels"} if get_proxy(name).needs_labels else {"data"} if get_proxy(name).needs_data else set()
    assert {notice.code for notice in result.notices} & {"labels", "data"} == expected
    assert not result.has("rounding")
    raw = result.scores["cell"].sum()
    if name != "freeflow":
        assert raw == pytest.approx(np.exp(result.passes[0].log_flow), rel=1e-4)


@every
def test_pruning_leaves_the_best_of_every_edge(name: str):
    result, _ = searched(name, "one-shot")
    best = result.shares["cell"].argmax(axis=1)
    assert [gene.operation for gene in result.genotype.cells["cell"]] == [result.space.operations[i] for i in best]


@every
def test_pins_and_bans_are_kept(name: str):
    parts = {"pinned": ("0-1:none", "2-3:skip_connect"), "banned": ("0-3:nor_conv_3x3",)}
    result = search(question(name, method="iterative", per_round=16, batch=2, **parts))
    chosen = result.chosen("cell")
    assert (chosen[0], chosen[5]) == ("none", "skip_connect")
    assert chosen[3] != "nor_conv_3x3"
    assert (result.shares["cell"][[2, 4]] == 0).all() == (name != "params"), "nothing comes through node 1"


@pytest.mark.parametrize("name", [name for name in PROXIES if name != "params"])
def test_a_search_stops_wherever_it_is(name: str):
    config, asked = question(name, method="iterative", per_round=16, batch=2), 0

    def count(stop_at: float = np.inf) -> bool:
        nonlocal asked
        asked += 1
        return asked >= stop_at

    search(config, should_stop=count)
    total = asked
    assert total > 10, "asked at every cell or operation"
    for stop_at in (total // 3, total):
        asked = 0
        with pytest.raises(SearchStopped):
            search(config, should_stop=lambda stop_at=stop_at: count(stop_at))
        assert asked == stop_at


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in PROXIES if name not in ("params", "freeflow")])
def test_a_search_of_the_default_size_can_be_stopped_often(name: str):
    checks: list[float] = []

    def should_stop() -> bool:
        checks.append(time.process_time())
        return len(checks) == 30

    with pytest.raises(SearchStopped):
        search(SearchConfig(space="darts", proxy=name, device="cpu"), should_stop=should_stop)
    gaps = np.diff(checks)
    assert gaps.max() < gaps.sum() / 2
