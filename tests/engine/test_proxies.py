"""The registry of proxies, and what holds of all of them beyond their contract (tests/engine/testing/test_proxy.py)."""

from __future__ import annotations

import json

import numpy as np
import pytest
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


@every
def test_the_whole_supernet_has_scores_of_every_seed(name: str):
    one, other = (scored(question(name, seed=seed))[0] for seed in (0, 1))
    assert (one.shares[..., 0] == 0).all(), "`none` is worth nothing"
    assert (one.shares[..., 3] > 0).all(), "a convolution is worth something"
    if name != "freeflow":
        assert one.shares.sum() == pytest.approx(1)
    assert np.array_equal(one.shares, other.shares) == (name == "params")


@pytest.mark.slow
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
def test_a_question_begins_with_what_suits_the_proxy(name: str):
    found, config = get_proxy(name), SearchConfig(proxy=name)
    assert config.recipe == next(iter(found.recipes))
    for recipe, parts in found.recipes.items():
        asked = SearchConfig(proxy=name, recipe=recipe)
        assert asked.recipe == recipe
        assert {part: getattr(asked, part) for part in parts} == dict(parts)
    assert all(getattr(config, part) == value for part, value in found.fixed.items())
    assert SearchConfig.model_validate(config.to_dict()) == config


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
