"""What a proxy is: a function from a supernet and the operations that are live in it to a score for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from engine.supernet import Supernet

Mask = NDArray[np.bool_]
"""Which operations are live, `(cell types, edges, operations)`."""


@dataclass(frozen=True)
class Scores:
    """The scores of one pass.

    `shares` are `(cell types, edges, operations)`, free of scale; a raw score is `share * exp(log_flow)`.
    """

    shares: NDArray[np.float64]
    log_flow: float


@dataclass(frozen=True)
class Proxy:
    """A zero-cost proxy.

    `score(supernet, masks)` gives the `Scores` of every mask, as if each stood alone; it raises `NonFiniteScores`
    rather than return a score that is not a number.
    """

    name: str
    title: str
    summary: str
    source: str
    needs_labels: bool
    needs_data: bool
    score: Callable[[Supernet, Sequence[Mask]], list[Scores]]
