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
from engine.spaces.fields import Seed, check_field

ABSENT = -1
"""The code of an edge that a genotype does not have, in a table of operations."""
MAX_ARCHITECTURES = 1_000_000
"""The largest space that is listed, and the largest sample."""


@dataclass(frozen=True, eq=False)
class Population:
    """Architectures of a space, encoded as a table, in order.

    `operations` `(cell types, architectures, edges)` holds the operation on every edge as its place in the space, or
    `ABSENT`. Where an architecture has an edge several times, the edges of the space stand there as often, one set
    after the other, and the operations on an edge fall from set to set. Rows are checked where they come from:
    genotypes, the whole space, or a draw from it.
    """

    space: SearchSpace
    operations: NDArray[np.int8]

    @classmethod
    def of(cls, space: str | SearchSpace, genotypes: Sequence[Genotype]) -> Population:
        """Encode genotypes of a space, or of the one with that name; `ValueError` for one of another space."""
        space = get_space(space)
        edge_index = {tuple(edge): index for index, edge in enumerate(space.edges)}
        operation_index = {name: index for index, name in enumerate(space.operations)}
        width = space.multiplicity * len(space.edges)
        table = np.full((len(space.cell_types), len(genotypes), width), ABSENT, dtype=np.int8)
        for row, genotype in enumerate(genotypes):
            if genotype.space != space:
                raise ValueError(f"genotype {row + 1} is one of {genotype.space_name}; {space.name} expected")
            for type_index, (_, genes) in enumerate(genotype.genes):
                codes = [ABSENT] * width
                for source, target, name in genes:
                    place = edge_index[source, target]
                    while codes[place] != ABSENT:
                        place += len(space.edges)
                    codes[place] = operation_index[name]
                table[type_index, row] = codes
        return cls(space, order_parallels(table, len(space.edges)))

    @classmethod
    def joined(cls, populations: Sequence[Population]) -> Population:
        """Return the architectures of one population after the other, all of one space."""
        tables = [population.operations for population in populations]
        width = max(table.shape[2] for table in tables)
        padded = [
            np.pad(table, ((0, 0), (0, 0), (0, width - table.shape[2])), constant_values=ABSENT) for table in tables
        ]
        return cls(populations[0].space, np.concatenate(padded, axis=1))

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
        """Draw `count` architectures, each uniformly from the whole space; `ValueError` for a wrong count or seed."""
        if not 0 < count <= MAX_ARCHITECTURES:
            raise ValueError(f"{count} architectures asked for; 1 to {MAX_ARCHITECTURES:,} can be drawn")
        check_field("sample seed", Seed, seed)
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

    @property
    def multiplicity(self) -> int:
        """Return the number of times that every edge of the space stands in the table."""
        return int(self.operations.shape[2]) // len(self.space.edges)

    def take(self, rows: NDArray[np.int64] | slice) -> Population:
        """Return the architectures in some rows."""
        return Population(self.space, self.operations[:, rows])

    def genotype(self, row: int) -> Genotype:
        """Decode the architecture in a row."""
        space = self.space
        cells = {
            kind: [
                Gene(*edge, space.operations[index])
                for edge, codes in zip(space.edges, table[row].reshape(-1, len(space.edges)).T.tolist(), strict=True)
                for index in codes
                if index != ABSENT
            ]
            for kind, table in zip(space.cell_types, self.operations, strict=True)
        }
        return Genotype.of(space, cells)

    def genotypes(self) -> list[Genotype]:
        """Decode all architectures."""
        return [self.genotype(row) for row in range(len(self))]

    def distinct(self) -> Population:
        """Return every architecture once, where it stands first."""
        _, first = np.unique(self.keys(), return_index=True)
        return self.take(np.sort(first))

    def keys(self) -> NDArray[np.bytes_]:
        """Return a short key for every architecture, equal where they are equal, `(architectures,)`.

        Edges that stand there but once make up its beginning; numpy takes no note of the zeros at an end.
        """
        types, rows, columns = self.operations.shape
        letters = (self.operations + ord("B")).astype(np.uint8)
        edges = len(self.space.edges)
        letters[..., edges:][self.operations[..., edges:] == ABSENT] = 0
        sets = letters.reshape(types, rows, self.multiplicity, edges).transpose(1, 2, 0, 3)
        return np.ascontiguousarray(sets).reshape(rows, types * columns).view(f"S{types * columns}")[:, 0]

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


def order_parallels(table: NDArray[np.int8], edges: int) -> NDArray[np.int8]:
    """Return a table of operations with those on one of so many `edges` in falling order, and no set of edges empty."""
    types, rows, columns = table.shape
    sets = -np.sort(-table.reshape(types, rows, columns // edges, edges), axis=2)
    used = max(1, int((sets != ABSENT).any(axis=(0, 1, 3)).sum()))
    return sets[:, :, :used].reshape(types, rows, used * edges)


def _allowed(space: SearchSpace) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """Return the operations that searches choose from on every edge, first in their rows, and their numbers.

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
