"""Hypothesis strategies over the registered search spaces."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from engine import Genotype, spaces
from engine.spaces import Gene, SearchSpace


@st.composite
def genotypes(draw: st.DrawFn, space: SearchSpace | None = None) -> Genotype:
    """Any genotype of `space`, or of any space, its edges in the order of the space."""
    space = space or draw(st.sampled_from(list(spaces().values())))
    cells = {}
    for kind in space.cell_types:
        genes = []
        for node in range(space.inputs, space.nodes):
            incoming = [edge for edge in space.edges if edge.target == node]
            count = space.kept_edges or len(incoming)
            kept = draw(st.sets(st.sampled_from(incoming), min_size=count, max_size=count))
            genes += [Gene(*edge, draw(st.sampled_from(space.genotype_operations))) for edge in sorted(kept)]
        cells[kind] = genes
    return Genotype.of(space.name, cells)


@st.composite
def masks(draw: st.DrawFn, space: SearchSpace, zero: int = 0) -> np.ndarray:
    """Any mask with at least one live operation besides the one at `zero` on every edge."""
    shape = (len(space.cell_types), len(space.edges), len(space.operations))
    rows = st.integers(1, 2 ** (shape[2] - 1) - 1)
    live = np.zeros(shape, dtype=bool)
    for kind, edge in np.ndindex(shape[:2]):
        bits = draw(rows)
        for bit, index in enumerate(i for i in range(shape[2]) if i != zero):
            live[kind, edge, index] = bits >> bit & 1
    return live
