"""Gradient norm (Abdelfattah et al., ICLR 2021, arXiv 2101.08134) of operations.

The norm of the gradient of the loss by α. Every cell has an α of its own for it, so that cells of a type do not cancel
each other out as they can in SNIP, of which this is otherwise the same where α = 1.
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
    """Compute `‖∂L/∂α‖` over the cells, `(cell types, edges, operations)`, in one forward and one backward pass."""
    return np.sqrt(supernet.tied(supernet.gradient(live) ** 2))


PROXY = Proxy(
    name="gradient-norm",
    title="Gradient norm",
    unit="gradient norm",
    meaning="norm of the gradient of the loss by the α that the operation has in every cell, as a part of the sum "
    "over all operations",
    summary="norm of the gradient of the loss of a batch of labelled images by α, cell by cell",
    source="Abdelfattah et al., ICLR 2021, arXiv 2101.08134",
    open=trainable(saliency),
    needs_labels=True,
    needs_data=True,
)
