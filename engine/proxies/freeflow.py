"""FreeFlow (Zhang et al. 2021, arXiv 2106.11542 v1): the saliency of every operation for the flow of an image of ones.

With the sum of the logits R, an operation o on edge e has the saliency `S[e, o] = α[e, o] · ∂R/∂α[e, o]`; its flow
share `F = S / R = ∂ log R / ∂ log α` is free of scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from engine.errors import NonFiniteScores
from engine.proxies.base import Mask, Proxy, Scores

if TYPE_CHECKING:
    from engine.supernet import Supernet


def score(supernet: Supernet, masks: Sequence[Mask]) -> list[Scores]:
    """One forward and one backward pass for all `masks` together; shares are magnitudes, as in the released code."""
    import torch

    alpha = supernet.architecture_parameters(masks).requires_grad_()
    flow, log_scale = supernet(alpha, np.any(masks, axis=0))
    (gradient,) = torch.autograd.grad(flow.sum(), alpha)
    found = (alpha * gradient, flow, log_scale)
    shares, totals, logs = (each.detach().cpu().double().numpy() for each in found)  # not every device has doubles
    numbers = (shares, totals, logs)
    if not all(np.isfinite(found).all() for found in numbers) or (totals == 0).any():
        raise NonFiniteScores(
            f"the scores are not numbers: the features leave the range of {supernet.dtype} in this supernet; "
            "take float64, fewer cells, or normalisation 'bypass'"
        )
    return [
        Scores(np.abs(share / total), float(np.log(abs(total)) + log))
        for share, total, log in zip(shares, totals, logs, strict=True)
    ]


PROXY = Proxy(
    name="freeflow",
    title="FreeFlow",
    summary="flow of an all-ones image through the operation, one forward and one backward pass",
    source="Zhang et al. 2021, arXiv 2106.11542 v1",
    needs_labels=False,
    needs_data=False,
    score=score,
)
