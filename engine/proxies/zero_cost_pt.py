"""Zero-Cost-PT (Xiang et al. 2021, arXiv 2106.06799): the drop of a score of the supernet without an operation.

The inner score is selectable: the flow in closed form (see `engine.supernets.flow`), the gradient norm, or NASWOT. The
paper settles the edges one after the other; here the scores are pruned like those of any proxy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from engine.common.errors import NonFiniteScores
from engine.networks.rectifiers import AgreementKernel
from engine.proxies import freeflow, gradient_norm
from engine.proxies.base import Evaluate, Proxy, ProxySetting, Scores, remedy
from engine.spaces.masks import Mask, silent_operations

Inner = Callable[[Sequence[Mask]], Iterator[float]]
"""An inner score of the supernet for every mask; -inf where nothing flows through it."""

NETWORKS_AT_ONCE = 64
"""The number of supernets that are computed together in closed form."""


def supernet_flow(setting: ProxySetting) -> Inner:
    """Return the inner score log R, the logarithm of the sum of the logits."""
    import torch

    supernet = setting.linear_supernet()

    def inner(masks: Sequence[Mask]) -> Iterator[float]:
        for first in range(0, len(masks), NETWORKS_AT_ONCE):
            part = masks[first : first + NETWORKS_AT_ONCE]
            with torch.no_grad():
                flow, log_scale = supernet(supernet.architecture_parameters(part), np.any(part, axis=0))
            yield from (flow.cpu().double().log() + log_scale.cpu().double()).tolist()

    return inner


def supernet_gradient_norm(setting: ProxySetting) -> Inner:
    """Return the inner score ‖∂L/∂α‖, over the α of every cell."""
    supernet = setting.trainable_supernet()
    return lambda masks: (float(np.linalg.norm(supernet.gradient(mask))) for mask in masks)


def supernet_naswot(setting: ProxySetting) -> Inner:
    """Return the inner score log|det K| of the rectifiers of the supernet (Mellor et al. 2021, arXiv 2006.04647)."""
    supernet = setting.trainable_supernet()
    kernel = AgreementKernel(len(supernet.images))
    supernet.networks.on_rectifier(lambda features: kernel.add(features))

    def inner(masks: Sequence[Mask]) -> Iterator[float]:
        nonlocal kernel
        for mask in masks:
            kernel = AgreementKernel(len(supernet.images))
            supernet(mask)
            yield float(np.linalg.slogdet(kernel.total)[1])

    return inner


def open_zero_cost_pt(build: Callable[[ProxySetting], Inner], signed: bool, setting: ProxySetting) -> Evaluate:
    """Return the function that scores operations by the drop of the inner score without them, which `build` opens.

    Only operations that pass something are tried; `signed` where the inner score may rise.
    """
    inner = build(setting)

    def score(live: Mask) -> Scores:
        passing = live & ~silent_operations(setting.spec.space, live)
        places = np.argwhere(passing)
        masks = np.repeat(live[None], 1 + len(places), axis=0)
        masks[(np.arange(1, len(masks)), *places.T)] = False
        values: list[float] = []
        for value in inner(list(masks)):
            if values:
                setting.work.step()
            values.append(value)
        drops = np.zeros(live.shape)
        drops[passing] = _drops(np.array(values))
        if passing.any() and not drops.any():
            raise NonFiniteScores(f"the scores are all 0: no operation makes a difference; {remedy(setting)}")
        if signed:
            return Scores.of_signed(drops, passing)
        rounding = float(np.finfo(setting.dtype).eps) * abs(values[0])
        return Scores.of(np.maximum(drops, rounding * passing))

    return lambda masks: [score(mask) for mask in masks]


def _drops(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the first value less each of the others; twice the largest finite drop where nothing is left of it."""
    if not np.isfinite(values[0]) or not (values[1:] < np.inf).all():
        raise NonFiniteScores(
            "the scores are not numbers: the inner score of the supernet is none (NASWOT has none for equal images)"
        )
    drops = values[0] - values[1:]
    finite = drops[np.isfinite(drops)]
    return np.asarray(np.where(np.isfinite(drops), drops, 2 * np.abs(finite).max(initial=0.5)))


def _proxy(inner: str, what: str, build: Callable[[ProxySetting], Inner], labels: bool, data: bool) -> Proxy:
    return Proxy(
        name=f"zero-cost-pt-{inner}",
        title=f"Zero-Cost-PT ({inner})",
        unit="drop",
        meaning=f"how much {what} falls without the operation, as a part of the sum over all operations"
        + ("; shifted to be positive, so that order and differences count, not the sign" if data else ""),
        summary=f"how much {what} falls without the operation",
        source="Xiang et al. 2021, arXiv 2106.06799",
        open=partial(open_zero_cost_pt, build, data),
        needs_labels=labels,
        needs_data=data,
        passes=lambda operations: 1 + operations,
    )


BY_FLOW = replace(
    _proxy("flow", "the logarithm of the flow through the supernet", supernet_flow, labels=False, data=False),
    recipes=MappingProxyType({"synaptic": {**freeflow.RECIPES["synaptic"], "dtype": "float64"}}),
    fixed=MappingProxyType({"field": "interior", "normalisation": "bypass"}),
)
BY_GRADIENT_NORM = replace(
    _proxy(
        "gradient-norm", "the norm of the gradient of the loss by α", supernet_gradient_norm, labels=True, data=True
    ),
    guard=gradient_norm.PROXY,
)
BY_NASWOT = replace(
    _proxy("naswot", "log|det K| of the rectifiers in the supernet", supernet_naswot, labels=False, data=True),
    may_cancel=lambda spec: False,
)
