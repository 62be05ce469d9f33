"""What holds for every proxy: the numbers it gives, what it leaves alone, and what it says of itself."""

from __future__ import annotations

import json
import random
import time

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import RECIPES, Progress, SearchConfig, SearchResult, SearchStopped, search, spaces
from engine.__main__ import main
from engine.proxies import PROXIES, Scores, proxies, proxy
from engine.proxies.base import Setting
from engine.proxies.batch import batch_for
from tests.conftest import tiny
from tests.engine.strategies import masks

SPACE = "nas-bench-201"
every = pytest.mark.parametrize("name", PROXIES)


def question(name: str, space: str = SPACE, **parts: object) -> SearchConfig:
    return tiny(space, **{"proxy": name, "batch": 4, **parts})


def setting(config: SearchConfig, **parts: object) -> Setting:
    return Setting(config, **{"dtype": config.dtype, "batch": batch_for(config), **parts})


def scored(config: SearchConfig, *lives: np.ndarray) -> list[Scores]:
    return proxy(config.proxy).open(setting(config))(lives or [config.live])


@every
def test_scores_are_finite_and_at_least_nothing(name: str):
    config = question(name)
    (found,) = scored(config)
    assert found.shares.shape == config.live.shape
    assert found.shares.dtype == np.float64
    assert np.isfinite(found.shares).all()
    assert (found.shares >= 0).all()
    assert (found.shares[..., 0] == 0).all(), "`none` is worth nothing"
    assert (found.shares[..., 3] > 0).all(), "a convolution is worth something"
    assert np.isfinite(found.log_flow)
    if name != "freeflow":
        assert found.shares.sum() == pytest.approx(1)


@every
@settings(max_examples=2)
@given(data=st.data())
def test_a_mask_is_scored_as_if_it_stood_alone(name: str, data: st.DataObject):
    lives = [data.draw(masks(spaces()[SPACE])) for _ in range(2)]
    config = question(name)
    together = scored(config, *lives)
    for live, found in zip(lives, together, strict=True):
        assert (found.shares[~live] == 0).all()
        (alone,) = scored(config, live)
        np.testing.assert_allclose(found.shares, alone.shares, rtol=1e-4, atol=1e-7)
        assert found.log_flow == pytest.approx(alone.log_flow, abs=1e-4)


@every
def test_a_seed_means_the_same_scores_and_another_others(name: str):
    one, same, other = (scored(question(name, seed=seed))[0].shares for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, same)
    assert np.array_equal(one, other) == (name == "params")


@every
def test_nothing_global_is_read_or_changed(name: str):
    config = question(name, alpha="noise")
    torch.manual_seed(1)
    before = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy()  # noqa: NPY002
    (first,) = scored(config)
    after = torch.get_rng_state(), random.getstate(), np.random.get_state()[1]  # noqa: NPY002
    assert torch.equal(before[0], after[0])
    assert before[1] == after[1]
    assert (before[2] == after[2]).all()
    assert torch.is_grad_enabled()
    assert torch.get_default_dtype() == torch.float32
    torch.manual_seed(2)
    with torch.no_grad():
        if name != "freeflow":  # its autograd function is the caller's
            np.testing.assert_array_equal(scored(config)[0].shares, first.shares)


@every
@pytest.mark.parametrize("method", ["one-shot", "iterative"])
def test_a_search_ends_in_a_result_that_survives_json(name: str, method: str):
    seen: list[Progress] = []
    config = question(name, method=method, per_round=8)
    result = search(config, on_progress=seen.append)
    assert [progress.done for progress in seen][:2] == [0, 1]
    assert seen[-1].done == seen[-1].total == max(progress.done for progress in seen)
    assert result.config == config
    text = result.to_json()
    assert SearchResult.from_json(text).to_json() == text
    assert json.loads(text)["config"] == config.to_dict()
    expected = {"labels"} if proxy(name).needs_labels else {"data"} if proxy(name).needs_data else set()
    assert {notice.code for notice in result.notices} & {"labels", "data"} == expected
    assert not result.has("rounding")
    raw = result.scores["cell"].sum()
    if name != "freeflow":
        assert raw == pytest.approx(np.exp(result.passes[0].log_flow), rel=1e-4)


@every
def test_pruning_leaves_the_best_of_every_edge(name: str):
    result = search(question(name, method="one-shot"))
    best = result.shares["cell"].argmax(axis=1)
    assert [gene.operation for gene in result.genotype.cells["cell"]] == [result.space.operations[i] for i in best]


@every
def test_pins_and_bans_are_kept(name: str):
    parts = {"pinned": ("0-1:none", "2-3:skip_connect"), "banned": ("0-3:nor_conv_3x3",)}
    for method in ("one-shot", "iterative"):
        result = search(question(name, method=method, per_round=4, **parts))
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
    for stop_at in (1, total // 2, total):
        asked = 0
        with pytest.raises(SearchStopped):
            search(config, should_stop=lambda stop_at=stop_at: count(stop_at))
        assert asked == stop_at


@pytest.mark.parametrize("name", [name for name in PROXIES if name not in ("params", "freeflow")])
def test_a_stop_in_darts_takes_less_than_a_second_or_so(name: str):
    """At the default size. Twice the second that is meant, as other work may have the processor."""
    begun = 0.0

    def should_stop() -> bool:
        nonlocal begun
        begun = begun or time.perf_counter()
        return time.perf_counter() - begun > 0.7

    with pytest.raises(SearchStopped):
        search(SearchConfig(space="darts", proxy=name, device="cpu"), should_stop=should_stop)
    assert time.perf_counter() - begun < 2.7


@every
def test_a_question_begins_with_what_suits_the_proxy(name: str):
    found, config = proxy(name), SearchConfig(proxy=name)
    assert config.recipe == next(iter(found.recipes))
    for recipe, parts in found.recipes.items():
        asked = SearchConfig(proxy=name, recipe=recipe)
        assert asked.recipe == recipe
        assert {part: getattr(asked, part) for part in parts} == dict(parts)
    assert all(getattr(config, part) == value for part, value in found.fixed.items())
    assert SearchConfig.model_validate(config.to_dict()) == config


@every
def test_a_proxy_says_what_it_is(name: str):
    found = proxy(name)
    assert found.name == name
    texts = (found.title, found.unit, found.meaning, found.summary, found.source)
    assert all(text and text == text.strip() and text.isprintable() for text in texts)
    assert found.needs_data or not found.needs_labels


def test_every_proxy_is_listed(capsys: pytest.CaptureFixture[str]):
    assert main(["proxies"]) == 0
    rows = capsys.readouterr().out.splitlines()[1:]
    assert [row.split()[:3] for row in rows] == [
        [name, "yes" if each.needs_labels else "no", "yes" if each.needs_data else "no"]
        for name, each in PROXIES.items()
    ]
    assert main(["proxies", "--json"]) == 0
    assert [each["meaning"] for each in json.loads(capsys.readouterr().out)] == [e.meaning for e in PROXIES.values()]


def test_the_registry():
    assert next(iter(PROXIES)) == "freeflow"
    assert PROXIES["freeflow"].recipes == RECIPES
    found = proxies()
    found.clear()
    assert len(PROXIES) == 8
    with pytest.raises(ValueError, match="unknown proxy 'synflow'; allowed: freeflow, snip, grasp"):
        proxy("synflow")


@pytest.mark.parametrize("values", [[0.0, 2.0, 6.0], [0.0, 0.0, 0.0]])
def test_shares_are_parts_of_the_sum(values: list[float]):
    found = Scores.of(np.array(values))
    np.testing.assert_allclose(found.shares * np.exp(found.log_flow), values)
    assert found.shares.sum() == pytest.approx(float(any(values)))


def test_signed_scores_by_hand():
    """-2, 1 and 4 have a range of 6, a third of which the smallest keeps: 2, 5 and 8."""
    values, passing = np.array([-2.0, 0.0, 1.0, 4.0]), np.array([True, False, True, True])
    found = Scores.of_signed(values, passing)
    np.testing.assert_allclose(found.shares, np.array([2, 0, 5, 8]) / 15)
    assert found.log_flow == pytest.approx(np.log(15))
    positive = Scores.of_signed(np.array([1.0, 9.0, 3.0]), np.array([True, False, True]))
    np.testing.assert_allclose(positive.shares, [0.25, 0, 0.75])
    np.testing.assert_allclose(Scores.of_signed(np.array([-3.0, -3.0]), np.array([True, True])).shares, [0.5, 0.5])
    assert not Scores.of_signed(np.array([1.0]), np.array([False])).shares.any()
