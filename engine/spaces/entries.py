"""What stands before the cells of a network."""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple

from engine.operations.layers import Conv, Layer, Norm, Pool, Reduce, Relu, Residual

TO_CHANNELS: tuple[Layer, ...] = (Relu(), Conv(1), Norm())
"""What stands before the input nodes of a cell."""


TO_HALF_SIZE: tuple[Layer, ...] = (Relu(), Reduce(), Norm())
"""What stands before the older input node of a cell that comes after a reduction."""


RESIDUAL_BLOCK: tuple[Layer, ...] = (
    Residual(
        main=(Relu(), Conv(3, strided=True), Norm(), Relu(), Conv(3), Norm()),
        shortcut=(Pool("avg", kernel=2), Conv(1)),
    ),
)
"""What stands before the first cell of the second and of the third stage."""


class Entry(NamedTuple):
    """What stands before the cells.

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
"""How features enter a cell: as they are, as in NAS-Bench-201 (the residual block), as in DARTS (1x1 convolutions)."""
