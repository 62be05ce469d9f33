"""NASWOT: how well the rectifiers of an untrained network tell the images of a batch apart (Mellor et al. 2021)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.genotypes.population import Population
from engine.measures.base import Measure, Setting

if TYPE_CHECKING:
    from torch import Tensor

BATCH = 128
"""Images in the batch, as in the paper."""


class Kernel:
    """K[i, j]: in how many of the rectifiers seen so far images i and j are on the same side of zero."""

    def __init__(self, images: int) -> None:
        self.total = np.zeros((images, images))
        self._seen: deque[tuple[Tensor, NDArray[np.float64]]] = deque(maxlen=8)

    def add(self, features: Tensor) -> None:
        """Count the rectifiers that take `features` `(B, C, H, W)`; the same tensor again counts again."""
        agreement = next((known for seen, known in self._seen if seen is features), None)
        if agreement is None:
            agreement = agreements(features)
            self._seen.append((features, agreement))
        self.total += agreement


def agreements(features: Tensor) -> NDArray[np.float64]:
    """X Xᵀ + (1 - X)(1 - X)ᵀ for the codes X = `features` > 0, `(B, B)`; exact, the counts are below 2^24."""
    import torch

    codes = torch.gt(features, 0, out=torch.empty_like(features)).permute(0, 2, 3, 1).flatten(1)
    ones = codes.sum(1)
    both = codes @ codes.T
    agreement = 2 * both + (codes.shape[1] - ones[:, None] - ones)
    return np.asarray(agreement.cpu().numpy(), dtype=np.float64)


def naswot(population: Population, setting: Setting) -> NDArray[np.float64]:
    """log|det K| of one batch, at the search size."""
    import torch

    from engine.measures.each import Genes, of_each, prepare

    networks, images, _ = prepare(population.space, setting, BATCH, "uniform")
    kernel = Kernel(len(images))
    networks.on_rectifier(lambda features: kernel.add(features))

    def score(genes: Genes) -> list[float]:
        nonlocal kernel
        kernel = Kernel(len(images))
        networks(images, genes)
        return [float(np.linalg.slogdet(kernel.total)[1])]

    with torch.inference_mode():
        return of_each(population, setting, score)[:, 0]


MEASURE = Measure(
    name="naswot",
    title="NASWOT",
    unit="log|det K|",
    summary=f"how differently {BATCH} images switch the rectifiers on and off",
    source="Mellor et al. 2021, arXiv 2006.04647",
    of=naswot,
    needs_data=True,
)
