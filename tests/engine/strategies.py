"""Hypothesis strategies over the registered search spaces."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from engine import SPACES, Genotype
from engine.spaces import Gene, SearchSpace, Size

FIELDS = [
    (name, field)
    for name, space in SPACES.items()
    for field in ("full", "interior")
    if field == "full" or space.no_closed_form is None
]
"""Every registered space with every field that it has."""

NORMALISED = {name: {"image_size": {"nas-bench-macro": 12, "mobilenet": 36}.get(name, 8)} for name in SPACES}
"""The smallest image of which batch norm leaves something at the end of a space."""

THREEFOLD = replace(
    SPACES["darts"],
    name="threefold",
    operations=("sep_conv_3x3", "skip_connect", "none", "max_pool_3x3"),
    kept_edges=(2, 3, 3, 3),
    search_size=Size(4, 3),
    evaluation_size=Size(6, 4),
)
"""A space with `none` between other operations, whose nodes may read one input three times."""
PARALLEL = {space.name: space for space in (*SPACES.values(), THREEFOLD) if space.multiplicity > 1}
"""The spaces of which an architecture may have an edge several times."""


@st.composite
def genotypes(draw: st.DrawFn, space: SearchSpace | None = None, derivable: bool = True) -> Genotype:
    """Any genotype of `space`, or of any space, its edges in the order of the space.

    Those that no search answers with are among them where they need not be `derivable`; operations on one edge fall.
    """
    space = space or draw(st.sampled_from(list(SPACES.values())))
    names = space.genotype_choices if derivable else space.candidate_names
    unique = derivable or space.multiplicity == 1
    cells = {}
    for kind in space.cell_types:
        genes = []
        for node in range(space.inputs, space.nodes):
            incoming = st.sampled_from([edge for edge in space.edges if edge.target == node])
            count = space.kept_counts[node - space.inputs]
            kept = draw(st.lists(incoming, min_size=count, max_size=count, unique=unique))
            drawn = [Gene(*edge, draw(st.sampled_from(names[kind, edge]))) for edge in sorted(kept)]
            genes += sorted(drawn, key=lambda gene: (gene.source, -space.operations.index(gene.operation)))
        cells[kind] = genes
    return Genotype.of(space, cells)


def gene_counts(genotype: Genotype) -> np.ndarray:
    """How often an operation stands on an edge of a genotype, `(cell types, edges, operations)`."""
    space = genotype.space
    counts = np.zeros(space.candidates.shape, dtype=int)
    for kind, genes in enumerate(genes for _, genes in genotype.genes):
        for source, target, name in genes:
            counts[kind, space.edges.index((source, target)), space.operations.index(name)] += 1
    return counts


_NAMED = [name for name, described in SPACES.items() if name == described.notation_form]
named_by_their_text = st.sampled_from(_NAMED).flatmap(lambda name: genotypes(SPACES[name]))
"""Any genotype of the spaces that notations are named after."""


@st.composite
def masks(draw: st.DrawFn, space: SearchSpace) -> np.ndarray:
    """Any mask of candidates with at least one live operation on every edge, and without `none`."""
    passing = space.candidates & (np.array(space.operations) != "none")
    live = np.zeros_like(passing)
    for kind, edge in np.ndindex(live.shape[:2]):
        there = np.flatnonzero(passing[kind, edge])
        bits = draw(st.integers(1, 2 ** len(there) - 1))
        live[kind, edge, there] = [bool(bits >> bit & 1) for bit in range(len(there))]
    return live
