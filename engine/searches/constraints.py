"""Operations pinned to an edge or banned from it, as short texts such as `normal:0-2:sep_conv_3x3` or `0-3:none`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import compress
from typing import NamedTuple

import numpy as np

from engine.common.errors import quoted, unknown_name
from engine.spaces import Edge, SearchSpace
from engine.spaces.masks import Mask, silent_operations

_EDGE_OPERATION = re.compile(r"(?:(?P<cell>\w+):)?(?P<source>[0-9]{1,3})-(?P<target>[0-9]{1,3}):(?P<operation>\w+)")


class EdgeOperation(NamedTuple):
    """An operation on an edge of a cell type, by name and numbers."""

    cell: str
    edge: Edge
    operation: str

    def text(self, space: SearchSpace) -> str:
        """Write it as it stands in a configuration; the cell type only where there are several."""
        cell = f"{self.cell}:" if len(space.cell_types) > 1 else ""
        return f"{cell}{self.edge.source}-{self.edge.target}:{self.operation}"

    def index_in(self, space: SearchSpace) -> tuple[int, int, int]:
        """Return its index in a table `(cell types, edges, operations)`."""
        edge, operation = space.edges.index(self.edge), space.operations.index(self.operation)
        return space.cell_types.index(self.cell), edge, operation


def parse_edge_operation(text: str, space: SearchSpace) -> EdgeOperation:
    """Read the operation and its edge from `text`; `ValueError` says what is wrong with it."""
    match = _EDGE_OPERATION.fullmatch(text.strip())
    if match is None:
        first = space.cell_types[0], space.edges[0]
        example = EdgeOperation(*first, space.genotype_choices[first][-1]).text(space)
        raise ValueError(f"{quoted(text)} names no operation on {_an(space.edge_noun)}; written like '{example}'")
    cell = match["cell"] or (space.cell_types[0] if len(space.cell_types) == 1 else "")
    edge, operation = Edge(int(match["source"]), int(match["target"])), match["operation"]
    if cell not in space.cell_types:
        kinds = ", ".join(space.cell_types)
        raise ValueError(f"{quoted(text)}: a cell type expected before the {space.edge_noun}, one of {kinds}")
    if edge not in space.edges:
        nodes = f"from node {edge.source} to node {edge.target}"
        raise ValueError(f"{quoted(text)}: {space.title} has no {space.edge_noun} {nodes}")
    if operation not in space.operations:
        raise ValueError(f"{quoted(text)}: {unknown_name('operation', operation, space.operations)}")
    place = EdgeOperation(cell, edge, operation)
    candidates = space.candidates[place.index_in(space)[:2]]
    if not candidates[space.operations.index(operation)]:
        where = f"on this {space.edge_noun} of {space.title}"
        allowed = ", ".join(compress(space.operations, candidates))
        raise ValueError(f"{quoted(text)}: '{operation}' is no candidate {where}; allowed: {allowed}")
    return place


def candidate_operations(space: SearchSpace) -> list[str]:
    """Return every candidate operation on every edge, in the order of the tables."""
    return [
        EdgeOperation(space.cell_types[kind], space.edges[edge], space.operations[operation]).text(space)
        for kind, edge, operation in np.argwhere(space.candidates).tolist()
    ]


def live_operations(space: SearchSpace, pinned: Iterable[str], banned: Iterable[str]) -> Mask:
    """Return the mask of the operations that a search may choose from, `(cell types, edges, operations)`.

    `ValueError` where nothing is left or nothing flows, or where pins contradict each other.
    """
    live = space.candidates.copy()
    for place in (parse_edge_operation(text, space) for text in banned):
        live[place.index_in(space)] = False
    pins = [parse_edge_operation(text, space) for text in pinned]
    for place in pins:
        if place.operation not in space.genotype_operations:
            raise ValueError(f"'{place.operation}' cannot be pinned: no genotype of {space.title} holds it")
        kind, edge, operation = place.index_in(space)
        if not live[kind, edge, operation]:
            raise ValueError(f"{quoted(place.text(space))} is pinned, and banned or replaced by another pin")
        live[kind, edge] = np.arange(len(space.operations)) == operation
    _check_nodes(space, pins)
    for kind, edge in np.argwhere(~(live & space.genotype_candidates).any(axis=2)).tolist():
        where = _where(space, space.cell_types[kind], space.edges[edge])
        raise ValueError(f"{where}: every operation is banned; leave at least one")
    for kind in np.flatnonzero((silent_operations(space, live) == live).all(axis=(1, 2))).tolist():
        raise ValueError(f"{space.cell_types[kind]}: pins and bans leave no path from input to output")
    return live


def pinned_edges(space: SearchSpace, pinned: Iterable[str]) -> frozenset[tuple[int, int]]:
    """Return the edges that a genotype must keep, as indices in a table `(cell types, edges)`."""
    return frozenset(parse_edge_operation(text, space).index_in(space)[:2] for text in pinned)


def _check_nodes(space: SearchSpace, pins: list[EdgeOperation]) -> None:
    for kind in space.cell_types:
        for node in range(space.inputs, space.nodes):
            count = sum(place.cell == kind and place.edge.target == node for place in pins)
            if count > (kept := space.kept_counts[node - space.inputs]):
                where = f"{kind}, node {space.node_name(node)}"
                raise ValueError(
                    f"{where}: {count} edges are pinned; a genotype of {space.title} keeps {kept} at this node"
                )


def _where(space: SearchSpace, kind: str, edge: Edge) -> str:
    """Name an edge of a cell type in a sentence, as in `cell, edge 0→1` or, where its name says all, `layer 3`."""
    name = space.edge_name(edge)
    return name if name.startswith(f"{space.edge_noun} ") else f"{kind}, {space.edge_noun} {name}"


def _an(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
