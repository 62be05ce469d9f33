"""GraSP (Wang et al., ICLR 2020, arXiv 2002.07376) of operations: what they do for the norm of the gradient.

With the gradient g of the loss by α and its Hessian H, removing an operation changes `gᵀg` by `-2 α · (H g)` to first
order (their equation 8); what keeps it up most is worth most, so an operation scores `α · (H g)`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.proxies.base import PLAIN, Mask, Proxy, Scores, trainable

if TYPE_CHECKING:
    from engine.trainable import TrainableSupernet


def score(supernet: TrainableSupernet, live: Mask) -> Scores:
    """One forward and two backward passes of the batch."""
    return Scores.of_signed(supernet.alpha * supernet.curvature(live), supernet.passing(live))


PROXY = Proxy(
    name="grasp",
    title="GraSP",
    unit="gradient kept",
    meaning="how much of the gradient norm falls away with the operation, α · (H g), as a part of the sum over all "
    "operations; shifted to be positive, so that order and differences count, not the sign",
    summary="how much the gradient of the loss of a batch of labelled images shrinks without the operation",
    source="Wang et al., ICLR 2020, arXiv 2002.07376",
    open=trainable(score),
    recipes=MappingProxyType({"plain": {**PLAIN["plain"], "dtype": "float64"}}),
    needs_labels=True,
    needs_data=True,
)
