"""The flow of whole architectures in closed form: tens of thousands of genotypes a second, without an image.

Away from the image border every feature map of a network without normalisation is constant, so every operation acts
as a matrix on its channels. The logarithm of the sum of the logits of a derived network is then a few hundred products
of small matrices, the same for all genotypes that put the same operation on an edge.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.config import SearchConfig
from engine.errors import SearchStopped
from engine.genotype import Genotype
from engine.search import Progress, resolve_device
from engine.spaces import Gene, SearchSpace, space

if TYPE_CHECKING:
    from torch import Tensor

    from engine.supernet import Supernet
    from engine.weights import Cell

Rows = Mapping[tuple[int, int], "Tensor"]
"""Which genotypes have an operation on an edge, by edge and operation."""

ABSENT = -1
"""What stands in a table of operations on an edge that a genotype does not have."""
SIDE_BY_SIDE = 2048
"""How many genotypes are computed together: their features stay in the cache."""
MOST = 1_000_000
"""The largest space that is enumerated."""


def flow(
    space: str,
    genotypes: Sequence[Genotype],
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

    from engine.supernet import Supernet

    def on_cell() -> None:
        if should_stop is not None and should_stop():
            raise SearchStopped("the flow of the genotypes was stopped")

    started = time.perf_counter()
    size = {"channels": channels, "cells": cells}
    config = SearchConfig.model_validate({"space": space, "seed": seed, **size, "field": "interior", "device": device})
    table = operations_table(config.described_space, genotypes)
    found = np.empty(len(genotypes))
    with torch.inference_mode():
        supernet = Supernet(config, resolve_device(device), on_cell=on_cell)
        for first in range(0, len(genotypes), SIDE_BY_SIDE):
            part = slice(first, first + SIDE_BY_SIDE)
            found[part] = _log_flow(supernet, table[:, part])
            if on_progress is not None:
                done = min(part.stop, len(genotypes))
                on_progress(Progress(done, len(genotypes), time.perf_counter() - started))
    return found


def enumerate_genotypes(space_name: str) -> list[Genotype]:
    """Every genotype of a space that keeps all edges, the operation on the last edge changing fastest.

    `ValueError` for a space too large to list.
    """
    described = space(space_name)
    if described.kept_edges is not None or described.architectures() > MOST:
        raise ValueError(
            f"{described.title} holds {described.architectures():.1e} architectures, too many to list; sample them"
        )
    (kind,) = described.cell_types
    return [
        Genotype.of(space_name, {kind: [Gene(*edge, name) for edge, name in zip(described.edges, names, strict=True)]})
        for names in itertools.product(described.operations, repeat=len(described.edges))
    ]


def sample_genotypes(space_name: str, count: int, seed: int) -> list[Genotype]:
    """`count` genotypes, each drawn uniformly from the whole space."""
    described = space(space_name)
    generator = np.random.default_rng(seed)
    shape = (count, len(described.cell_types), len(described.edges))
    order, drawn = generator.random(shape), generator.integers(len(described.genotype_operations), size=shape)
    return [
        Genotype.of(
            space_name,
            {
                kind: list(_drawn_genes(described, order[index, place], drawn[index, place]))
                for place, kind in enumerate(described.cell_types)
            },
        )
        for index in range(count)
    ]


def _drawn_genes(described: SearchSpace, order: NDArray[np.float64], drawn: NDArray[np.int64]) -> Iterator[Gene]:
    """For every node the edges that come first in `order`, with the drawn operations."""
    for node in range(described.inputs, described.nodes):
        incoming = [index for index, edge in enumerate(described.edges) if edge.target == node]
        kept = sorted(incoming, key=lambda index: order[index])[: described.kept_edges or len(incoming)]
        for index in sorted(kept):
            yield Gene(*described.edges[index], described.genotype_operations[drawn[index]])


def operations_table(described: SearchSpace, genotypes: Sequence[Genotype]) -> NDArray[np.int8]:
    """The operation on every edge, `(cell types, genotypes, edges)`, as its place in the space, or `ABSENT`."""
    edge_index = {tuple(edge): index for index, edge in enumerate(described.edges)}
    operation_index = {name: index for index, name in enumerate(described.operations)}
    table = np.full((len(described.cell_types), len(genotypes), len(described.edges)), ABSENT, dtype=np.int8)
    for row, genotype in enumerate(genotypes):
        if genotype.space_name != described.name:
            raise ValueError(f"genotype {row + 1} is one of {genotype.space_name}; {described.name} expected")
        for type_index, (_, genes) in enumerate(genotype.genes):
            for source, target, name in genes:
                table[type_index, row, edge_index[source, target]] = operation_index[name]
    return table


def _log_flow(supernet: Supernet, table: NDArray[np.int8]) -> NDArray[np.float64]:
    """log R of the genotypes in `table` `(cell types, genotypes, edges)`."""
    where = [_rows(supernet, operations) for operations in table]
    passed = supernet.propagate(
        table.shape[1], lambda cell, states: _run_cell(supernet.space, cell, states, where[cell.type_index])
    )
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


def _run_cell(described: SearchSpace, cell: Cell, states: Sequence[Tensor], where: Rows) -> Tensor:
    """The output of `cell` for every genotype, `(genotypes, 1, 1, C)`: each operation on the genotypes that have it."""
    import torch

    nodes = [stack(state)[0].flatten(1) for stack, state in zip(cell.inputs, states, strict=True)]  # (genotypes, C)
    for groups in cell.targets:
        total = torch.zeros_like(nodes[0])
        for group in groups:
            assert group.matrices is not None  # in the interior every operation is a matrix
            for edge, matrices in zip(group.edges, group.matrices, strict=True):
                source = nodes[described.edges[edge].source]
                for operation, matrix in zip(group.operations, matrices, strict=True):
                    rows = where.get((edge, operation))
                    if rows is not None:
                        total.index_add_(0, rows, source[rows] @ matrix)
        nodes.append(total)
    return torch.cat([nodes[node] for node in described.outputs], dim=1)[:, None, None]
