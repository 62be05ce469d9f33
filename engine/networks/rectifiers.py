"""The activation patterns of rectifiers: the images of a batch that each of them passes."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor


class AgreementKernel:
    """The kernel K of NASWOT: K[i, j] counts the rectifiers at which images i and j are on the same side of zero."""

    def __init__(self, images: int) -> None:
        self.total = np.zeros((images, images))
        self._recent: deque[tuple[Tensor, NDArray[np.float64]]] = deque(maxlen=8)

    def add(self, features: Tensor) -> None:
        """Count the rectifiers that take `features` `(B, C, H, W)`; the same tensor again counts again."""
        matrix = next((matrix for tensor, matrix in self._recent if tensor is features), None)
        if matrix is None:
            matrix = agreement_matrix(features)
            self._recent.append((features, matrix))
        self.total += matrix


def agreement_matrix(features: Tensor) -> NDArray[np.float64]:
    """Return X Xᵀ + (1 - X)(1 - X)ᵀ for the codes X = `features` > 0, `(B, B)`; exact, the counts are below 2^24."""
    import torch

    codes = torch.gt(features, 0, out=torch.empty_like(features)).permute(0, 2, 3, 1).flatten(1)
    ones = codes.sum(1)
    both = codes @ codes.T
    agreement = 2 * both + (codes.shape[1] - ones[:, None] - ones)
    return np.asarray(agreement.cpu().numpy(), dtype=np.float64)
