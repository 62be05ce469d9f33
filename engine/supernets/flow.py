"""The flow of whole architectures in closed form: tens of thousands of genotypes a second, without an image.

Away from the image border every feature map of a network without normalisation is constant, so every operation acts
as a matrix on its channels. The logarithm of the sum of the logits of a derived network is then a few hundred products
of small matrices, the same for all genotypes that put the same operation on an edge.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.common.environment import resolve_device
from engine.common.errors import SearchStopped
from engine.common.work import Progress
from engine.genotypes.genotype import Genotype
from engine.genotypes.population import Population
from engine.searches.config import SearchConfig
from engine.spaces import SearchSpace

if TYPE_CHECKING:
    from torch import Tensor

    from engine.supernets.supernet import Supernet
    from engine.supernets.weights import SupernetCell

Rows = Mapping[tuple[int, int], "Tensor"]
"""Which genotypes have an operation on an edge, by edge and operation."""

GENOTYPES_AT_ONCE = 2048
"""How many genotypes are computed together: their features stay in the cache."""


def flow(
    space: str | SearchSpace,
    genotypes: Sequence[Genotype] | Population,
    seed: int = 0,
    *,
    channels: int | None = None,
    cells: int | None = None,
    device: str = "auto",
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> NDArray[np.float64]:
    """log R of every genotype, a network with the weights of the interior supernet of `seed`; -inf if it has no path.

    `channels` and `cells` default to the size of the space's supernet. Raises `SearchStopped` when `should_stop`, asked
    at every cell, says so, and `ValueError` for a genotype of another space, a wrong size or a device not there.
    """
    import torch

    from engine.supernets.supernet import Supernet

    def on_cell() -> None:
        if should_stop is not None and should_stop():
            raise SearchStopped("the flow of the genotypes was stopped")

    started = time.perf_counter()
    size = {"channels": channels, "cells": cells}
    config = SearchConfig.model_validate({"space": space, "seed": seed, **size, "field": "interior", "device": device})
    population = genotypes if isinstance(genotypes, Population) else Population.of(space, genotypes)
    if population.space != config.search_space:
        raise ValueError(f"the architectures are those of {population.space}; {space} expected")
    found = np.empty(len(population))
    with torch.inference_mode():
        supernet = Supernet(config, resolve_device(device), on_cell=on_cell)
        for first in range(0, len(population), GENOTYPES_AT_ONCE):
            part = slice(first, first + GENOTYPES_AT_ONCE)
            found[part] = _log_flow(supernet, population.operations[:, part])
            if on_progress is not None:
                done = min(part.stop, len(population))
                on_progress(Progress(done, len(population), time.perf_counter() - started))
    return found


def _log_flow(supernet: Supernet, table: NDArray[np.int8]) -> NDArray[np.float64]:
    """log R of the genotypes in `table` `(cell types, genotypes, edges)`."""
    where = [_rows(supernet, operations) for operations in table]
    passed = supernet.propagate(table.shape[1], lambda cell, states, _: _run_cell(cell, states, where[cell.type_index]))
    found: NDArray[np.float64] = (passed.flow.cpu().double().log() + passed.log_scale.cpu().double()).numpy()
    return found


def _rows(supernet: Supernet, operations: NDArray[np.int8]) -> Rows:
    import torch

    return {
        (edge, operation): torch.from_numpy(rows).to(supernet.device)
        for edge in range(operations.shape[1])
        for operation in range(len(supernet.space.operations))
        if len(rows := np.flatnonzero(operations[:, edge] == operation))
    }


def _run_cell(cell: SupernetCell, states: Sequence[Tensor], where: Rows) -> Tensor:
    """The output of `cell` for every genotype, `(genotypes, 1, 1, C)`: each operation on the genotypes that have it."""
    import torch

    nodes = [stack(state)[0].flatten(1) for stack, state in zip(cell.inputs, states, strict=True)]  # (genotypes, C)
    for groups in cell.targets:
        total = nodes[0].new_zeros(len(nodes[0]), cell.channels)
        for group in groups:
            assert group.matrices is not None  # in the interior every operation is a matrix
            for edge, matrices in zip(group.edges, group.matrices, strict=True):
                source = nodes[cell.edges[edge].source]
                for operation, matrix in zip(group.operations, matrices, strict=True):
                    rows = where.get((edge, operation))
                    if rows is not None:
                        total.index_add_(0, rows, source[rows] @ matrix)
        nodes.append(total)
    return torch.cat([nodes[node] for node in cell.outputs], dim=1)[:, None, None]
