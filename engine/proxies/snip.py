"""SNIP (Lee et al., ICLR 2019, arXiv 1810.02340) of operations: the sensitivity of the loss of a batch to each α.

Connection sensitivity `|α · ∂L/∂α|` with α in the place of the weights (their equations 4 to 6), the α of a cell type
shared by all its cells.
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
    """Compute `|α · ∂L/∂α|`, `(cell types, edges, operations)`, in one forward and one backward pass of the batch."""
    return np.abs(supernet.alpha * supernet.tied(supernet.gradient(live)))


PROXY = Proxy(
    name="snip",
    title="SNIP",
    unit="saliency",
    meaning="how much the loss L depends on the operation, |α · ∂L/∂α|, as a part of the sum over all operations",
    summary="how much the loss of a batch of labelled images depends on the α of the operation",
    source="Lee et al., ICLR 2019, arXiv 1810.02340",
    open=trainable(saliency),
    needs_labels=True,
    needs_data=True,
)
