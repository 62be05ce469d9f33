"""Live edges: those through which features flow from an input of a cell to its output."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.genotypes.population import ABSENT, Population, order_parallels
from engine.operations.registry import get_operation


def effective_operations(population: Population) -> NDArray[np.int8]:
    """Return the operations of a population with `ABSENT` on edges that take no part, `(cell types, networks, edges)`.

    These are edges with `none`, those whose source no features reach, and those whose target leads nowhere.
    """
    space = population.space
    zeros = [index for index, name in enumerate(space.operations) if get_operation(name).zero]
    table = np.where(np.isin(population.operations, zeros), ABSENT, population.operations)
    table = order_parallels(table, len(space.edges))  # an edge that is there at all is there in the first set
    nodes = np.arange(space.nodes)
    shape = (*table.shape[:2], space.nodes)
    reached = np.broadcast_to(nodes < space.inputs, shape).copy()
    needed = np.broadcast_to(np.isin(nodes, space.outputs), shape).copy()
    for index, (source, target) in enumerate(space.edges):
        reached[..., target] |= (table[..., index] != ABSENT) & reached[..., source]
    for index, (source, target) in reversed(list(enumerate(space.edges))):
        needed[..., source] |= (table[..., index] != ABSENT) & needed[..., target]
    for index, (source, target) in enumerate(space.edges):
        table[..., index :: len(space.edges)][~(reached[..., source] & needed[..., target])] = ABSENT
    return table
