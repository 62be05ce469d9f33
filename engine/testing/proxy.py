"""The contract of a proxy: finite scores of every mask by itself, from its seed alone, with nothing global changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import torch

from engine.data.images import Data, gaussian
from engine.operations.registry import get_operation
from engine.proxies import Proxy, Scores
from engine.proxies.base import ProxySetting
from engine.spaces import SearchSpace, get_space
from engine.spaces.masks import Mask, silent_operations
from engine.supernets.spec import SupernetSpec
from engine.testing.requirement import require, require_texts, succeeding

_CHANNELS, _PIXELS, _IMAGES = 4, 8, 3
"""The sizes of the supernet, and of the batch, that a proxy is tried on."""
_PARTS = ("normalisation", "alpha", "method")
"""The fields that a recipe sets."""


def check_proxy(proxy: Proxy, space: str | SearchSpace = "nas-bench-201") -> None:
    """Check that a proxy scores masks of a small supernet; raise `AssertionError` with what does not hold first.

    Shares are finite, at least 0, and 0 for operations that are not live or pass nothing. A mask is scored as if it
    stood alone, and a seed means the same scores. No global generator is read, none and no setting of torch is changed.
    The description is complete, and every recipe can be taken by a supernet.
    """
    candidate_space = get_space(space)
    _check_description(proxy, candidate_space)
    masks = list(_random_masks(candidate_space, 2))
    scores = _scores(proxy, candidate_space, masks)
    require(len(scores) == len(masks), f"proxy '{proxy.name}' does not give scores for every mask")
    for mask, result in zip(masks, scores, strict=True):
        _check_numbers(proxy, candidate_space, mask, result)
        (alone,) = _scores(proxy, candidate_space, [mask])
        require(_equal(alone, result), f"proxy '{proxy.name}' scores a mask differently beside others")
    _check_seed(proxy, candidate_space, masks, scores)
    _check_global_state(proxy, candidate_space, masks, scores)


def _check_description(proxy: Proxy, space: SearchSpace) -> None:
    name = f"proxy '{proxy.name}'"
    fields = ("name", "title", "unit", "meaning", "summary", "source")
    require_texts(name, [(field, getattr(proxy, field)) for field in fields])
    require(proxy.needs_data or not proxy.needs_labels, f"{name} needs labels, and so it needs data")
    require(bool(proxy.recipes), f"{name} has no recipe")
    for recipe, parts in proxy.recipes.items():
        require(set(_PARTS) <= parts.keys(), f"recipe '{recipe}' of {name} does not set {', '.join(_PARTS)}")
        with succeeding(f"a supernet takes recipe '{recipe}' of {name}"):
            spec = _setting(replace(proxy, recipes={recipe: parts}), space, 0).spec
        require(isinstance(proxy.may_cancel(spec), bool), f"`may_cancel` of {name} gives no bool")
    require(proxy.passes(5) >= 1, f"`passes` of {name} gives no number of passes of at least 1")
    require(proxy.side_by_side(_setting(proxy, space, 0)) >= 1, f"`side_by_side` of {name} gives less than one mask")


def _setting(proxy: Proxy, space: SearchSpace, seed: int) -> ProxySetting:
    """Return a small supernet as the first recipe of a proxy has it, with a batch of labelled noise."""
    fields = {**proxy.fixed, **next(iter(proxy.recipes.values()))}
    parts = {name: value for name, value in fields.items() if name in SupernetSpec.model_fields}
    size = {"channels": _CHANNELS, "cells": space.cells_range.low, "image_size": _PIXELS}
    spec = SupernetSpec.model_validate({"space": space, "seed": seed, **size, **parts})
    return ProxySetting(spec, dtype=fields.get("dtype", "float32"), batch=_batch(seed) if proxy.needs_data else None)


def _batch(seed: int) -> Data:
    noise = gaussian(seed, _IMAGES, _PIXELS)
    return replace(noise, labels=np.random.default_rng((seed, 1)).integers(noise.classes, size=_IMAGES))


def _random_masks(space: SearchSpace, count: int) -> Iterator[Mask]:
    """Yield masks with about half of the candidates, and on every edge one that passes something."""
    passing = np.array([not get_operation(name).zero for name in space.operations])
    generator = np.random.default_rng(0)
    for _ in range(count):
        order = np.where(space.candidates, generator.random(space.candidates.shape), -1.0)
        first = (order * passing).max(axis=2, keepdims=True)
        yield space.candidates & ((order > 0.6) | (order == first))


def _scores(proxy: Proxy, space: SearchSpace, masks: Sequence[Mask], seed: int = 0) -> list[Scores]:
    with succeeding(f"proxy '{proxy.name}' scores masks of {space.title}"):
        return proxy.open(_setting(proxy, space, seed))(masks)


def _check_numbers(proxy: Proxy, space: SearchSpace, mask: Mask, scores: Scores) -> None:
    name, shares = f"proxy '{proxy.name}'", scores.shares
    require(
        shares.shape == mask.shape and shares.dtype == np.float64,
        f"the shares of {name} are no float64 of (cell types, edges, operations)",
    )
    require(
        bool(np.isfinite(shares).all() and np.isfinite(scores.log_flow)), f"{name} gives scores that are not finite"
    )
    require(bool((shares >= 0).all()), f"{name} gives negative shares")
    require(bool((shares[~mask] == 0).all()), f"{name} gives a share to operations that are not live")
    zero = mask & np.array([get_operation(operation).zero for operation in space.operations])
    require(bool((shares[zero] == 0).all()), f"{name} gives a share to an operation that passes nothing")
    passing = mask & ~silent_operations(space, mask)
    require(bool(shares[passing].any()), f"{name} gives no share to anything")


def _check_seed(proxy: Proxy, space: SearchSpace, masks: Sequence[Mask], scores: Sequence[Scores]) -> None:
    again = _scores(proxy, space, masks)
    require(
        all(np.array_equal(one.shares, other.shares) for one, other in zip(again, scores, strict=True)),
        f"proxy '{proxy.name}' gives other scores for the same seed",
    )


def _check_global_state(proxy: Proxy, space: SearchSpace, masks: Sequence[Mask], scores: Sequence[Scores]) -> None:
    """Check that scores are the same for another state of the global generators, and leave all as it is."""
    with _other_generators():
        before = _global_state()
        again = _scores(proxy, space, masks)
        changed = [name for name, value in _global_state().items() if value != before[name]]
    require(not changed, f"proxy '{proxy.name}' changes the {' and the '.join(changed)}")
    require(
        all(np.array_equal(one.shares, other.shares) for one, other in zip(again, scores, strict=True)),
        f"the scores of proxy '{proxy.name}' depend on a global generator",
    )


@contextmanager
def _other_generators() -> Iterator[None]:
    """Give the global generators of torch and NumPy another state for a while."""
    legacy = np.random.get_state()  # noqa: NPY002
    with torch.random.fork_rng(devices=[]):
        torch.set_rng_state(torch.Generator().manual_seed(5).get_state())
        np.random.set_state(np.random.RandomState(5).get_state())  # noqa: NPY002
        try:
            yield
        finally:
            np.random.set_state(legacy)  # noqa: NPY002


def _global_state() -> dict[str, object]:
    numpy_state = np.random.get_state(legacy=False)  # noqa: NPY002
    return {
        "generator of torch": torch.get_rng_state().tolist(),
        "generator of NumPy": (numpy_state["state"]["key"].tolist(), numpy_state["state"]["pos"]),
        "gradient mode of torch": torch.is_grad_enabled(),
        "default type of torch": torch.get_default_dtype(),
        "threads of torch": torch.get_num_threads(),
        "error state of NumPy": np.geterr(),
    }


def _equal(one: Scores, other: Scores) -> bool:
    return np.allclose(one.shares, other.shares, rtol=1e-4, atol=1e-7) and abs(one.log_flow - other.log_flow) < 1e-4
