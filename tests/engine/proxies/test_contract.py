"""What holds for every proxy: the numbers it gives, what it leaves alone, and what it says of itself."""

from __future__ import annotations

import json
import random
from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import RECIPES, SPACES, SearchConfig
from engine.__main__ import main
from engine.proxies import PROXIES, Scores, get_proxy
from engine.proxies.base import ProxySetting
from engine.searches.batch import draw_batch
from tests.conftest import tiny
from tests.engine.strategies import masks

SPACE = "nas-bench-201"
every = pytest.mark.parametrize("name", PROXIES)


def question(name: str, **parts: object) -> SearchConfig:
    return tiny(SPACE, **{"proxy": name, "batch": 3, **parts})


def scored(config: SearchConfig, *lives: np.ndarray) -> list[Scores]:
    evaluate = get_proxy(config.proxy).open(ProxySetting(config.supernet, dtype=config.dtype, batch=draw_batch(config)))
    return evaluate(lives or [config.live])


@cache
def whole(name: str) -> Scores:
    return scored(question(name))[0]


@every
def test_scores_are_finite_and_at_least_nothing(name: str):
    found = whole(name)
    assert found.shares.shape == question(name).live.shape
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
    lives = [data.draw(masks(SPACES[SPACE])) for _ in range(2)]
    config = question(name)
    together = scored(config, *lives)
    for live, found in zip(lives, together, strict=True):
        assert (found.shares[~live] == 0).all()
        (alone,) = scored(config, live)
        np.testing.assert_allclose(found.shares, alone.shares, rtol=1e-4, atol=1e-7)
        assert found.log_flow == pytest.approx(alone.log_flow, abs=1e-4)


@every
def test_a_seed_means_the_same_scores_and_another_others(name: str):
    same, other = (scored(question(name, seed=seed))[0].shares for seed in (0, 1))
    np.testing.assert_array_equal(whole(name).shares, same)
    assert np.array_equal(same, other) == (name == "params")


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
def test_a_question_begins_with_what_suits_the_proxy(name: str):
    found, config = get_proxy(name), SearchConfig(proxy=name)
    assert config.recipe == next(iter(found.recipes))
    for recipe, parts in found.recipes.items():
        asked = SearchConfig(proxy=name, recipe=recipe)
        assert asked.recipe == recipe
        assert {part: getattr(asked, part) for part in parts} == dict(parts)
    assert all(getattr(config, part) == value for part, value in found.fixed.items())
    assert SearchConfig.model_validate(config.to_dict()) == config


@every
def test_a_proxy_says_what_it_is(name: str):
    found = get_proxy(name)
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
    with pytest.raises(ValueError, match="unknown proxy 'synflow'; allowed: freeflow, snip, grasp"):
        get_proxy("synflow")


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
