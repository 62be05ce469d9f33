"""Proxies, which score every live operation of an untrained supernet: their settings, scores, and description."""

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
    {"plain": {"normalisation": "batch", "alpha": "ones", "method": "one-shot", "dtype": "float64"}}
)
"""The recipe of proxies that look at a network as it is trained; single precision would decide for them (see
`engine.searches.diagnostics.precision`)."""


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
        """Return the scores whose shares are raw `values` of at least 0, each as a part of their sum."""
        total = float(values.sum())
        return cls(values / total, float(np.log(total))) if total > 0 else cls(np.zeros_like(values), 0.0)

    @classmethod
    def of_signed(cls, values: NDArray[np.float64], passing: Mask) -> Scores:
        """Return the scores of raw `values` of any sign, in their order; 0 for operations that are not `passing`.

        They are shifted alike, so that the smallest is their range divided by their number: differences stay, and none
        looks as if it carried nothing.
        """
        raw = np.zeros_like(values)
        if len(kept := values[passing]):
            raw[passing] = kept - kept.min() + (np.ptp(kept) or 1.0) / len(kept)
        return cls.of(raw)


Evaluate = Callable[[Sequence[Mask]], list[Scores]]
"""A function that scores every mask as if it stood alone; it raises `NonFiniteScores` where a score is no number."""


@dataclass(frozen=True)
class ProxySetting:
    """The supernet that a proxy scores, on `device` in `dtype`, with a `batch` of images for a proxy that needs some.

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


def _one_mask(setting: ProxySetting) -> int:
    return 1


def _always(spec: SupernetSpec) -> bool:
    return True


def _one_pass(operations: int) -> int:
    return 1


@dataclass(frozen=True)
class Proxy:
    """A zero-cost proxy of operations on edges.

    `open(setting)` builds what is needed and returns the function that scores masks. `unit` names the quantity whose
    shares are given, `meaning` says what a share is. `recipes` are the named settings that suit it, the default first;
    `fixed` holds the other fields that its question must have. `may_cancel(spec)` is True where a score can be a small
    difference of large numbers, `passes(operations)` the number of passes that a mask of so many passing operations
    takes, `side_by_side(setting)` the number of masks that are quicker scored together than in turn. `guard` is a proxy
    that shows in fewer passes what cancels here.
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
    passes: Callable[[int], int] = _one_pass
    side_by_side: Callable[[ProxySetting], int] = _one_mask
    guard: Proxy | None = None


def remedy(setting: ProxySetting) -> str:
    """Return the advice for scores that are all 0 in a setting."""
    remedies = ["float64"] * (setting.dtype == "float32") + ["normalisation 'batch'"] * (not setting.spec.normalised)
    return f"take {' or '.join(remedies) or 'other images'}"


def trainable(
    saliency: Callable[[TrainableSupernet, Mask], NDArray[np.float64]], *, signed: bool = False
) -> Callable[[ProxySetting], Evaluate]:
    """Return the `open` of a proxy with the raw scores `saliency`, of any sign where `signed`, of the trained supernet.

    The supernet is the one with signed weights, rectifiers and norms that training begins with. The function raises
    `NonFiniteScores` where all scores are 0.
    """

    def open_trainable(setting: ProxySetting) -> Evaluate:
        supernet = setting.trainable_supernet()

        def score(live: Mask) -> Scores:
            values = saliency(supernet, live)
            if not values.any():
                raise NonFiniteScores(f"the scores are all 0: nothing comes through; {remedy(setting)}")
            return Scores.of_signed(values, supernet.passing(live)) if signed else Scores.of(values)

        return lambda masks: [score(mask) for mask in masks]

    return open_trainable
