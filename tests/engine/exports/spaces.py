"""Spaces that every export is tried on, and a genotype of each."""

from __future__ import annotations

import json

import pytest

from engine import SPACES, Genotype
from engine.spaces import Gene, SearchSpace, load_space
from tests.engine.documents import DARTS, NAS_BENCH_201, SMALL

EVERY = {
    **SPACES,
    **{document["name"]: load_space(json.dumps(document)) for document in (NAS_BENCH_201, DARTS, SMALL)},
}
every_space = pytest.mark.parametrize("space", EVERY.values(), ids=EVERY)


def varied(space: SearchSpace) -> Genotype:
    """A genotype with every operation of its space, as far as it has edges for them."""
    cells = {}
    for kind in space.cell_types:
        genes = []
        for node in range(space.inputs, space.nodes):
            for edge in [edge for edge in space.edges if edge.target == node][: space.kept_counts[node - space.inputs]]:
                names = space.genotype_choices[kind, edge]
                genes.append(Gene(*edge, names[len(genes) % len(names)]))
        cells[kind] = genes
    return Genotype.of(space, cells)
