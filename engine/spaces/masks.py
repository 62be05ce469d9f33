"""Masks of live operations, and the operations that pass nothing in them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.operations.registry import get_operation
from engine.spaces import SearchSpace

Mask = NDArray[np.bool_]
"""A mask of live operations, `(cell types, edges, operations)`."""


def silent_operations(space: SearchSpace, live: Mask) -> Mask:
    """Return the mask of live operations that pass nothing: `none`, and those on no path through a cell.

    Noise is an input of its own.
    """
    passing: Mask = live & np.array([not get_operation(name).zero for name in space.operations])
    random = np.array([get_operation(name).random for name in space.operations])
    for rows in passing:
        fed, read = set(range(space.inputs)), set(space.outputs)
        passes = list(zip(space.edges, rows, strict=True))  # by target node
        for edge, row in passes:
            if (row & (random | (edge.source in fed))).any():
                fed.add(edge.target)
        for edge, row in reversed(passes):
            if (row & ~random).any() and edge.target in read:
                read.add(edge.source)
        for edge, row in passes:
            row &= (random | (edge.source in fed)) & (edge.target in read)
    return live & ~passing
