"""Many architectures of one space: a table of operations in place of as many objects."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.common.ties import SHARE_ROUNDING, tie
from engine.genotypes.genotype import Genotype
from engine.spaces import Gene, SearchSpace, get_space

ABSENT = -1
"""The code of an edge that a genotype does not have, in a table of operations."""
MAX_ARCHITECTURES = 1_000_000
"""The largest space that is listed, and the largest sample."""


@dataclass(frozen=True, eq=False)
class Population:
    """Architectures of a space, encoded as a table, in order.

    `operations` `(cell types, architectures, edges)` holds the operation on every edge as its place in the space, or
    `ABSENT`. Rows are checked where they come from: genotypes, the whole space, or a draw from it.
    """

    space: SearchSpace
    operations: NDArray[np.int8]

    @classmethod
    def of(cls, space: str | SearchSpace, genotypes: Sequence[Genotype]) -> Population:
        """Encode genotypes of a space, or of the one with that name; `ValueError` for one of another space."""
        space = get_space(space)
        edge_index = {tuple(edge): index for index, edge in enumerate(space.edges)}
        operation_index = {name: index for index, name in enumerate(space.operations)}
        table = np.full((len(space.cell_types), len(genotypes), len(space.edges)), ABSENT, dtype=np.int8)
        for row, genotype in enumerate(genotypes):
            if genotype.space != space:
                raise ValueError(f"genotype {row + 1} is one of {genotype.space_name}; {space.name} expected")
            for type_index, (_, genes) in enumerate(genotype.genes):
                for source, target, name in genes:
                    table[type_index, row, edge_index[source, target]] = operation_index[name]
        return cls(space, table)

    @classmethod
    def whole(cls, space: str | SearchSpace) -> Population:
        """List every architecture of a space that keeps all edges, the operation on the last edge changing fastest.

        `ValueError` for a space too large to list.
        """
        space = get_space(space)
        if not listable(space):
            raise ValueError(
                f"{space.title} holds {space.architectures():.1e} architectures, too many to list; sample them"
            )
        names, (counts,) = _allowed(space)
        choices = np.indices(counts, dtype=np.int8).reshape(len(counts), -1)
        return cls(space, np.stack([names[0, edge, row] for edge, row in enumerate(choices)], axis=1)[None])

    @classmethod
    def sample(cls, space: str | SearchSpace, count: int, seed: int) -> Population:
        """Draw `count` architectures, each uniformly from the whole space; `ValueError` for none or too many."""
        if not 0 < count <= MAX_ARCHITECTURES:
            raise ValueError(f"{count} architectures asked for; 1 to {MAX_ARCHITECTURES:,} can be drawn")
        space = get_space(space)
        generator = np.random.default_rng(seed)
        names, counts = _allowed(space)
        shape = (len(space.cell_types), count, len(space.edges))
        order = generator.random(shape)
        drawn = generator.integers(counts[:, None], size=shape)
        table = names[np.arange(shape[0])[:, None, None], np.arange(shape[2]), drawn]
        for incoming, kept in zip(space.incoming(), space.kept_counts, strict=True):
            for kind, choices in enumerate(counts[:, incoming]):
                dropped = ~_kept(order[kind][:, incoming], choices, kept)
                table[kind][:, incoming] = np.where(dropped, ABSENT, table[kind][:, incoming])
        return cls(space, table)

    def __len__(self) -> int:
        return int(self.operations.shape[1])

    def take(self, rows: NDArray[np.int64] | slice) -> Population:
        """Return the architectures in some rows."""
        return Population(self.space, self.operations[:, rows])

    def genotype(self, row: int) -> Genotype:
        """Decode the architecture in a row."""
        cells = {
            kind: [
                Gene(*edge, self.space.operations[index])
                for edge, index in zip(self.space.edges, table[row].tolist(), strict=True)
                if index != ABSENT
            ]
            for kind, table in zip(self.space.cell_types, self.operations, strict=True)
        }
        return Genotype.of(self.space, cells)

    def genotypes(self) -> list[Genotype]:
        """Decode all architectures."""
        return [self.genotype(row) for row in range(len(self))]

    def distinct(self) -> Population:
        """Return every architecture once, where it stands first."""
        _, first = np.unique(self.keys(), return_index=True)
        return self.take(np.sort(first))

    def keys(self) -> NDArray[np.bytes_]:
        """Return a short key for every architecture, equal where they are equal, `(architectures,)`."""
        width = self.operations.shape[0] * self.operations.shape[2]
        letters = (self.operations.swapaxes(0, 1).reshape(len(self), width) + ord("B")).astype(np.uint8)
        return letters.view(f"S{width}")[:, 0]

    def rows_of(self, others: Population) -> NDArray[np.int64]:
        """Find the row of each of `others` here, -1 where it is missing, `(others,)`."""
        keys = self.keys()
        order = keys.argsort(kind="stable")
        wanted = others.keys()
        if not len(keys):
            return np.full(len(wanted), -1)
        places = order[np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)]
        return np.where(keys[places] == wanted, places, -1)

    def counts(self) -> NDArray[np.int64]:
        """Count every operation in every architecture, `(architectures, operations)`."""
        return np.stack([(self.operations == index).sum((0, 2)) for index in range(len(self.space.operations))], axis=1)


def _allowed(space: SearchSpace) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """Return the operations that genotypes may have on every edge, first in their rows, and their numbers.

    `(cell types, edges, operations)` as places in the space, and `(cell types, edges)`.
    """
    allowed = space.genotype_candidates
    return np.argsort(~allowed, axis=2, kind="stable").astype(np.int8), allowed.sum(axis=2)


def _kept(order: NDArray[np.float64], counts: NDArray[np.int64], kept: int) -> NDArray[np.bool_]:
    """Draw which edges into a node are kept, `(rows, edges)`, by uniform numbers from 0 to 1.

    A set of `kept` edges is as likely as it has ways to put one of `counts` operations on each.
    """
    if not np.ptp(counts) or kept == len(counts):
        return np.asarray(order.argsort(axis=1).argsort(axis=1) < kept)
    ways = np.array(list(itertools.combinations(range(len(counts)), kept)))
    ends = np.prod(counts[ways], axis=1).cumsum()
    picks = ways[np.searchsorted(ends, order[:, 0] * ends[-1], side="right")]
    return np.asarray((picks[..., None] == np.arange(len(counts))).any(axis=1))


def listable(space: SearchSpace) -> bool:
    """Return True for a space whose architectures can all be listed."""
    return space.kept_edges is None and len(space.cell_types) == 1 and space.architectures() <= MAX_ARCHITECTURES


def keep_edges(
    space: SearchSpace,
    chosen: NDArray[np.int64],
    order: NDArray[np.float64],
    pinned: Collection[tuple[int, int]] = (),
) -> Population:
    """Build the one architecture with the `chosen` operations on the edges that come first in `order` at every node.

    Both are `(cell types, edges)`; `pinned` edges `(cell type, edge)` come before all others; equals keep their order.
    """
    table = np.full(chosen.shape, ABSENT, dtype=np.int8)
    for kind in range(len(chosen)):
        for incoming, count in zip(space.incoming(), space.kept_counts, strict=True):
            ranked = sorted(incoming, key=lambda edge: ((kind, edge) not in pinned, order[kind, edge]))
            table[kind, ranked[:count]] = chosen[kind, ranked[:count]]
    return Population(space, table[:, None])


def keep_strongest(
    space: SearchSpace,
    chosen: NDArray[np.int64],
    shares: NDArray[np.float64],
    pinned: Collection[tuple[int, int]] = (),
) -> Population:
    """Build the architecture of the edges with the largest share, `shares` `(cell types, edges, operations)`.

    Of edges whose shares are tied the first is kept.
    """
    chosen_shares = np.take_along_axis(shares, chosen[..., None], axis=2)[..., 0]
    return keep_edges(space, chosen, -tie(chosen_shares, SHARE_ROUNDING), pinned)
