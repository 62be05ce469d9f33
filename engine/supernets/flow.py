"""The flow of whole architectures in closed form: tens of thousands of genotypes a second, without an image.

Away from the image border every feature map of a network without normalisation is constant, so every operation acts
as a matrix on its channels. The logarithm of the sum of the logits of a derived network is then a few hundred products
of small matrices, the same for all genotypes that put the same operation on an edge. Where a genotype puts the same
operation on an edge several times, each has weights of its own: the second those of a supernet of another seed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.common.environment import resolve_device
from engine.common.threads import computing_threads
from engine.common.ties import Rounding
from engine.common.work import OnProgress, ShouldStop, Work
from engine.genotypes.genotype import Genotype
from engine.genotypes.population import Population
from engine.spaces import SearchSpace, Size, get_space
from engine.supernets.spec import SupernetSpec

if TYPE_CHECKING:
    from torch import Tensor

    from engine.supernets.arrangement import SupernetCell
    from engine.supernets.supernet import Supernet

GenotypeRows = Mapping[tuple[int, int, int], "Tensor"]
"""The numbers of the genotypes that have an operation on an edge more than so many times, by edge, operation, times."""

GENOTYPES_AT_ONCE = 2048
"""Genotypes that are computed together: their features stay in the cache."""
FLOW_ROUNDING = Rounding(absolute=5e-6, relative=5e-7)
"""The precision of log R: an absolute part, for R is a product in float32, whose error is relative; and a relative part
of some units of float32, for values that were kept in single precision.

Measured: at most 7.0e-7, absolute, between AVX-512, AVX2 and the plainest kernels (of ATen, MKL, oneDNN), 1 and 2
threads, over all 15,625 cells of NAS-Bench-201, all 6,561 networks of NAS-Bench-Macro and 2,000 architectures of every
other space with a closed form, seeds 0 to 2, at their search sizes.
"""


def flow(
    space: str | SearchSpace,
    genotypes: Sequence[Genotype] | Population,
    seed: int = 0,
    *,
    channels: int | None = None,
    cells: int | None = None,
    device: str = "auto",
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    threads: int | None = None,
) -> NDArray[np.float64]:
    """Compute log R of every genotype, a network with the weights of the interior supernet of `seed`, `(genotypes,)`.

    -inf marks one that has no path. `channels` and `cells` default to the size of the space's supernet; `threads` of
    the CPU are taken, one where None. Raises
    `SearchStopped` when `should_stop`, asked at every cell, says so, and `ValueError` for a genotype of another space,
    a wrong size or a device that is not there.
    """
    space = get_space(space)
    population = genotypes if isinstance(genotypes, Population) else Population.of(space, genotypes)
    if population.space != space:
        raise ValueError(f"the architectures are those of {population.space}; {space} expected")
    size = space.search_size
    size = Size(size.channels if channels is None else channels, size.cells if cells is None else cells)
    with computing_threads(threads):
        return population_flow(population, seed, Work(on_progress, should_stop), size, device)


def population_flow(
    population: Population, seed: int, work: Work, size: Size | None = None, device: str = "auto"
) -> NDArray[np.float64]:
    """Compute log R as `flow` does, at the search size where `size` is None, as `work`, a step an architecture."""
    import torch

    from engine.supernets.supernet import Supernet

    space = population.space
    size = size or space.search_size
    seeds = parallel_seeds(seed, population.multiplicity)
    fields = {"space": space, "channels": size.channels, "cells": size.cells, "field": "interior"}
    specs = [SupernetSpec.model_validate({**fields, "seed": seed}) for seed in seeds]
    log_flows = np.empty(len(population))
    work.begin(len(population))
    with torch.inference_mode():
        supernets = [Supernet(spec, resolve_device(device), work=work.quiet()) for spec in specs]
        for first in range(0, len(population), GENOTYPES_AT_ONCE):
            part = population.take(slice(first, first + GENOTYPES_AT_ONCE))
            log_flows[first : first + len(part)] = _log_flow(supernets, part.operations)
            work.step(len(part))
    return log_flows


def parallel_seeds(seed: int, count: int) -> list[int]:
    """Return `seed`, and those of the weights of operations that stand on an edge a second time, and so on."""
    return [seed, *(int(np.random.default_rng([seed, 3, place]).integers(2**32)) for place in range(1, count))]


def _log_flow(supernets: Sequence[Supernet], operations: NDArray[np.int8]) -> NDArray[np.float64]:
    """Return log R of genotypes, `(genotypes,)`, from their `operations` `(cell types, genotypes, edges)`."""
    import torch

    rows = [dict(_genotype_rows(supernets[0], of_type)) for of_type in operations]
    cells = zip(*(supernet.cells for supernet in supernets), strict=True)
    result = supernets[0].propagate(
        operations.shape[1], lambda cell, states, _: _run_cell(next(cells), states, rows[cell.type_index])
    )
    factors = torch.stack([result.flow, *(scale.flatten() for scale in result.scales)]).cpu().double()
    log_flow: NDArray[np.float64] = factors.log().sum(0).numpy()  # in float64: a sum of logarithms loses digits
    return log_flow


def _genotype_rows(supernet: Supernet, operations: NDArray[np.int8]) -> Iterator[tuple[tuple[int, int, int], Tensor]]:
    """Yield the `GenotypeRows` of one cell type, from its `operations` `(genotypes, edges)`."""
    import torch

    edges = len(supernet.space.edges)
    for edge, operation in np.ndindex(edges, len(supernet.space.operations)):
        counts = (operations[:, edge::edges] == operation).sum(axis=1)
        for times in range(counts.max(initial=0)):
            yield (edge, operation, times), torch.from_numpy(np.flatnonzero(counts > times)).to(supernet.device)


def _run_cell(parallels: Sequence[SupernetCell], states: Sequence[Tensor], rows: GenotypeRows) -> Tensor:
    """Return the output of a cell for every genotype, `(genotypes, 1, 1, C)`.

    Each operation is computed for the genotypes that have it; one that an edge has several times, in each of the
    `parallels`.
    """
    import torch

    cell = parallels[0]
    nodes = [stack(state)[0].flatten(1) for stack, state in zip(cell.inputs, states, strict=True)]  # (genotypes, C)
    for targets in zip(*(parallel.targets for parallel in parallels), strict=True):
        total = nodes[0].new_zeros(len(nodes[0]), cell.channels)
        for times, group in ((times, group) for times, groups in enumerate(targets) for group in groups):
            assert group.matrices is not None  # in the interior every operation is a matrix
            for edge, matrices in zip(group.edges, group.matrices, strict=True):
                source = nodes[cell.edges[edge].source]
                for operation, matrix in zip(group.operations, matrices, strict=True):
                    chosen = rows.get((edge, operation, times))
                    if chosen is not None:
                        total.index_add_(0, chosen, source[chosen] @ matrix)
        nodes.append(total)
    return torch.cat([nodes[node] for node in cell.outputs], dim=1)[:, None, None]
