"""Every registered proxy keeps the contract; broken ones do not."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.proxies import PROXIES, Proxy, Scores
from engine.proxies.base import Evaluate, ProxySetting
from engine.spaces.masks import Mask
from engine.testing import check_proxy


@pytest.mark.parametrize("proxy", PROXIES.values(), ids=PROXIES)
def test_every_proxy(proxy: Proxy):
    before = generators()
    check_proxy(proxy)
    assert generators() == before


def generators() -> tuple[object, ...]:
    """The states of the global generators."""
    legacy = np.random.get_state(legacy=False)["state"]  # noqa: NPY002
    return torch.get_rng_state().tolist(), legacy["key"].tolist(), legacy["pos"], random.getstate()


@pytest.mark.parametrize("space", ["darts", "robust-darts-s4", "nas-bench-macro"])
@pytest.mark.parametrize("name", ["freeflow", "snip", "params"])
def test_in_other_spaces(name: str, space: str):
    check_proxy(PROXIES[name], space)


def proxy(score: Callable[[ProxySetting, Mask, Sequence[Mask]], np.ndarray], **parts: object) -> Proxy:
    """A proxy whose shares are those of `score(setting, mask, masks)`."""

    def open_own(setting: ProxySetting) -> Evaluate:
        def evaluate(masks: Sequence[Mask]) -> list[Scores]:
            return [Scores(np.asarray(score(setting, mask, masks)), 0.0) for mask in masks]

        return evaluate

    return replace(PROXIES["params"], name="own", open=open_own, **parts)


def ones(setting: ProxySetting, mask: Mask, masks: Sequence[Mask]) -> np.ndarray:
    """1 for every live operation but `none`."""
    shares = mask.astype(float)
    shares[..., 0] = 0
    return shares


def test_an_own_proxy():
    check_proxy(proxy(ones))


def numpy_global(setting: ProxySetting, mask: Mask, masks: Sequence[Mask]) -> np.ndarray:
    return ones(setting, mask, masks) * np.random.random()  # noqa: NPY002


def torch_global(setting: ProxySetting, mask: Mask, masks: Sequence[Mask]) -> np.ndarray:
    with torch.random.fork_rng(devices=[]):
        return ones(setting, mask, masks) * float(torch.rand(()))


def seeding(setting: ProxySetting, mask: Mask, masks: Sequence[Mask]) -> np.ndarray:
    torch.manual_seed(setting.spec.seed)
    return ones(setting, mask, masks) * float(torch.rand(()))


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (proxy(lambda s, mask, m: ones(s, mask, m)[0]), "shares of .* are no float64 of"),
        (proxy(lambda s, mask, m: ones(s, mask, m).astype(np.float32)), "shares of .* are no float64 of"),
        (proxy(lambda s, mask, m: -ones(s, mask, m)), "negative shares"),
        (proxy(lambda s, mask, m: ones(s, mask, m) * np.nan), "not finite"),
        (proxy(lambda s, mask, m: mask.astype(float)), "an operation that passes nothing"),
        (proxy(lambda s, mask, m: np.ones(mask.shape)), "operations that are not live"),
        (proxy(lambda s, mask, m: np.zeros(mask.shape)), "no share to anything"),
        (proxy(lambda s, mask, m: ones(s, mask, m) / len(m)), "a mask differently beside others"),
        (proxy(numpy_global), "other scores for the same seed|beside others"),
        (proxy(torch_global), "beside others|depend on a global generator"),
        (proxy(seeding), "changes the generator of torch"),
        (proxy(ones, unit=""), "its unit '' is no printable text"),
        (proxy(ones, needs_labels=True), "needs labels, and so it needs data"),
        (proxy(ones, recipes={}), "has no recipe"),
        (proxy(ones, recipes={"plain": {"alpha": "ones"}}), "recipe 'plain' of .* does not set normalisation"),
        (
            proxy(ones, recipes={"plain": {"alpha": "twos", "normalisation": "batch", "method": "one-shot"}}),
            "a supernet takes recipe 'plain'",
        ),
        (proxy(ones, passes=lambda operations: 0), "`passes` of"),
        (proxy(ones, side_by_side=lambda setting: 0), "`side_by_side` of"),
        (proxy(ones, may_cancel=lambda spec: None), "`may_cancel` of"),
        (replace(PROXIES["params"], open=lambda setting: lambda masks: []), "does not give scores for every mask"),
        (replace(PROXIES["snip"], needs_data=False, needs_labels=False), "proxy 'snip' scores masks of"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_broken_proxy_is_named(broken: Proxy, words: str):
    with torch.random.fork_rng(devices=[]), pytest.raises(AssertionError, match=words):
        check_proxy(broken)
