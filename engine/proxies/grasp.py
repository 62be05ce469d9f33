"""GraSP (Wang et al., ICLR 2020, arXiv 2002.07376) of operations: their part in the norm of the gradient.

With the gradient g of the loss by α and its Hessian H, removing an operation changes `gᵀg` by `-2 α · (H g)` to first
order (their equation 8). The operation that keeps the norm up most is worth most, so the score is `α · (H g)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.proxies.base import Proxy, trainable
from engine.spaces.masks import Mask

if TYPE_CHECKING:
    from engine.supernets.trainable import TrainableSupernet


def saliency(supernet: TrainableSupernet, live: Mask) -> NDArray[np.float64]:
    """Compute `α · (H g)`, `(cell types, edges, operations)`, in one forward and two backward passes of the batch."""
    return supernet.alpha * supernet.curvature(live)


PROXY = Proxy(
    name="grasp",
    title="GraSP",
    unit="kept gradient",
    meaning="how much of the gradient norm falls away with the operation, α · (H g), as a part of the sum over all "
    "operations; shifted to be positive, so that order and differences count, not the sign",
    summary="how much the gradient of the loss of a batch of labelled images shrinks without the operation",
    source="Wang et al., ICLR 2020, arXiv 2002.07376",
    open=trainable(saliency, signed=True),
    needs_labels=True,
    needs_data=True,
)
