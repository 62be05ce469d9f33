"""Entries: the layers between cells, and before the classifier."""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple

from engine.operations.layers import Conv, Layer, Norm, Pool, Reduce, Relu, Residual

TO_CHANNELS: tuple[Layer, ...] = (Relu(), Conv(1), Norm())
"""The 1x1 convolution before an input node of a DARTS cell."""
TO_HALF_SIZE: tuple[Layer, ...] = (Relu(), Reduce(), Norm())
"""The factorised reduction before the older input node of a DARTS cell behind a reduction cell."""
RESIDUAL_BLOCK: tuple[Layer, ...] = (
    Residual(
        main=(Relu(), Conv(3, strided=True), Norm(), Relu(), Conv(3), Norm()),
        shortcut=(Pool("avg", kernel=2), Conv(1)),
    ),
)
"""The residual block between the stages of NAS-Bench-201."""


class Entry(NamedTuple):
    """The layers that bring features into a cell.

    `same` before every input node, in its place `changed` at a cell that changes width or size, and `behind` before the
    older input node of a cell that follows such a change of size. Size changes there where it is `outside`, else on the
    edges of the cell. `head` stands before the classifier.
    """

    same: tuple[Layer, ...]
    changed: tuple[Layer, ...]
    behind: tuple[Layer, ...]
    outside: bool
    head: tuple[Layer, ...]


ENTRIES = MappingProxyType(
    {
        "plain": Entry((), (), (), False, (Norm(), Relu())),
        "residual": Entry((), RESIDUAL_BLOCK, (), True, (Norm(), Relu())),
        "preprocessed": Entry(TO_CHANNELS, TO_CHANNELS, TO_HALF_SIZE, False, ()),
    }
)
"""The entries by name: features as they are, as in NAS-Bench-201 (residual block), as in DARTS (1x1 convolutions)."""
