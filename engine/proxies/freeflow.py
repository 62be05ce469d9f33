"""FreeFlow (Zhang et al. 2021, arXiv 2106.11542 v1): the saliency of every operation for the flow of an image of ones.

With the sum of the logits R, an operation o on edge e has the saliency `S[e, o] = α[e, o] · ∂R/∂α[e, o]`; its flow
share `F = S / R = ∂ log R / ∂ log α` is free of scale.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from engine.common.errors import NonFiniteScores
from engine.proxies.base import Evaluate, Fields, Proxy, ProxySetting, Scores
from engine.spaces.masks import Mask

if TYPE_CHECKING:
    from engine.supernets.supernet import Supernet

RECIPES: Mapping[str, Fields] = MappingProxyType(
    {
        "synaptic": {"normalisation": "bypass", "alpha": "ones", "method": "iterative"},
        "released": {"normalisation": "batch", "alpha": "noise", "method": "one-shot"},
    }
)
FEATURES_AT_ONCE = 2**26
"""The most numbers in the features that passes side by side keep on the CPU, counted at the size of the first cell."""


def score_masks(supernet: Supernet, masks: Sequence[Mask]) -> list[Scores]:
    """Score all `masks` in one forward and one backward pass; shares are magnitudes, as in the released code."""
    import torch

    alpha = supernet.architecture_parameters(masks).requires_grad_()
    flow, log_scale = supernet(alpha, np.any(masks, axis=0))
    (gradient,) = torch.autograd.grad(flow.sum(), alpha)
    tensors = (alpha * gradient, flow, log_scale)
    numbers = [tensor.detach().cpu().double().numpy() for tensor in tensors]  # not every device has doubles
    shares, totals, logs = numbers
    if not all(np.isfinite(array).all() for array in numbers) or (totals == 0).any():
        raise NonFiniteScores(
            f"the scores are not numbers: the features leave the range of {supernet.dtype} in this supernet; "
            "take float64, fewer cells, or normalisation 'bypass'"
        )
    return [
        Scores(np.abs(share / total), float(np.log(abs(total)) + log))
        for share, total, log in zip(shares, totals, logs, strict=True)
    ]


def open_freeflow(setting: ProxySetting) -> Evaluate:
    """Build the supernet of a setting, and return `score_masks` on it."""
    supernet = setting.linear_supernet()
    return lambda masks: score_masks(supernet, masks)


def side_by_side(setting: ProxySetting) -> int:
    """Return the number of passes to run side by side, which suits the caches of a processor, or a device's memory."""
    spec = setting.spec
    if spec.interior:
        return 64
    if setting.device != "cpu":
        return 32
    edges = sum(len(spec.space.local_edges(cell)) for cell in spec.space.plan(spec.size).cells)
    features = edges * len(spec.space.operations) * spec.channels * spec.image_size**2
    return int(np.clip(FEATURES_AT_ONCE // features, 1, 8))


PROXY = Proxy(
    name="freeflow",
    title="FreeFlow",
    unit="flow",
    meaning="in how many cells a unit of flow passes the operation: |α · ∂ log R / ∂α|, R being the sum of the logits",
    summary="flow of an all-ones image through the operation, one forward and one backward pass",
    source="Zhang et al. 2021, arXiv 2106.11542 v1",
    open=open_freeflow,
    recipes=RECIPES,
    fixed=MappingProxyType({}),
    may_cancel=lambda spec: spec.normalised,
    side_by_side=side_by_side,
)
