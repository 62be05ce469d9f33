"""What a proxy is: a function from the live operations of an untrained supernet to a score for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.common.errors import NonFiniteScores
from engine.common.work import Work
from engine.spaces.masks import Mask
from engine.supernets.spec import SupernetSpec

if TYPE_CHECKING:
    from engine.data.images import Data
    from engine.supernets.supernet import Supernet
    from engine.supernets.trainable import TrainableSupernet


Fields = Mapping[str, str]
"""Fields of a configuration and their values."""

PLAIN: Mapping[str, Fields] = MappingProxyType(
    {"plain": {"normalisation": "batch", "alpha": "ones", "method": "one-shot"}}
)
"""The recipe of proxies that look at a network as it is trained."""


@dataclass(frozen=True)
class Scores:
    """The scores of one pass.

    `shares` are `(cell types, edges, operations)`, finite and at least 0, free of scale; a raw score is
    `share * exp(log_flow)`.
    """

    shares: NDArray[np.float64]
    log_flow: float

    @classmethod
    def of(cls, values: NDArray[np.float64]) -> Scores:
        """Raw scores of at least 0, each as a part of their sum."""
        total = float(values.sum())
        return cls(values / total, float(np.log(total))) if total > 0 else cls(np.zeros_like(values), 0.0)

    @classmethod
    def of_signed(cls, values: NDArray[np.float64], passing: Mask) -> Scores:
        """Raw scores of any sign, in their order; 0 for what is not `passing`.

        They are shifted alike, so that the smallest is their range divided by their number: differences stay, and none
        looks as if it carried nothing.
        """
        raw = np.zeros_like(values)
        if len(found := values[passing]):
            raw[passing] = found - found.min() + (np.ptp(found) or 1.0) / len(found)
        return cls.of(raw)


Evaluate = Callable[[Sequence[Mask]], list[Scores]]
"""The scores of every mask, as if each stood alone; raises `NonFiniteScores` rather than give what is no number."""


@dataclass(frozen=True)
class ProxySetting:
    """What a proxy scores, and where: a supernet on `device` in `dtype`, with a `batch` of images if it needs some.

    `work` is checked at every cell or operation. A proxy that takes several passes for a mask counts a step after each
    of them but the last.
    """

    spec: SupernetSpec
    device: str = "cpu"
    dtype: str = "float32"
    batch: Data | None = None
    work: Work = field(default_factory=Work)

    def trainable_supernet(self) -> TrainableSupernet:
        """Build the supernet as it is trained, on the batch."""
        import torch

        from engine.supernets.trainable import TrainableSupernet

        assert self.batch is not None  # a proxy that takes this supernet says that it needs data
        return TrainableSupernet(self.spec, self.batch, self.device, getattr(torch, self.dtype), self.work)

    def linear_supernet(self) -> Supernet:
        """Build the supernet through which flow goes."""
        import torch

        from engine.supernets.supernet import Supernet

        return Supernet(self.spec, self.device, getattr(torch, self.dtype), self.work)


def _one_by_one(setting: ProxySetting) -> int:
    return 1


def _always(spec: SupernetSpec) -> bool:
    return True


def _one(operations: int) -> int:
    return 1


@dataclass(frozen=True)
class Proxy:
    """A zero-cost proxy of operations on edges.

    `open(setting)` makes ready and gives the function that scores masks. `unit` names what is shared out, `meaning`
    says what a share is. `recipes` are the named settings that suit it, the default first; `fixed` holds what else a
    question must have. `may_cancel(spec)` says whether a score can be a small difference of large numbers,
    `passes(operations)` how many passes a mask of so many passing operations takes, `side_by_side(setting)` how many
    masks are quicker scored together than in turn. `guard` is a proxy that shows in fewer passes what cancels here.
    """

    name: str
    title: str
    unit: str
    meaning: str
    summary: str
    source: str
    open: Callable[[ProxySetting], Evaluate]
    needs_labels: bool = False
    needs_data: bool = False
    recipes: Mapping[str, Fields] = field(default_factory=lambda: PLAIN)
    fixed: Fields = field(default_factory=lambda: MappingProxyType({"field": "full"}))
    may_cancel: Callable[[SupernetSpec], bool] = _always
    passes: Callable[[int], int] = _one
    side_by_side: Callable[[ProxySetting], int] = _one_by_one
    guard: Proxy | None = None


def trainable(
    saliency: Callable[[TrainableSupernet, Mask], NDArray[np.float64]], *, signed: bool = False
) -> Callable[[ProxySetting], Evaluate]:
    """The `open` of a proxy whose raw scores, of any sign where `signed`, come from the supernet as it is trained."""

    def opened(setting: ProxySetting) -> Evaluate:
        supernet = setting.trainable_supernet()

        def score(live: Mask) -> Scores:
            values = saliency(supernet, live)
            if not values.any():
                raise NonFiniteScores("the scores are all 0: nothing comes through; take normalisation 'batch'")
            return Scores.of_signed(values, supernet.passing(live)) if signed else Scores.of(values)

        return lambda masks: [score(mask) for mask in masks]

    return opened
