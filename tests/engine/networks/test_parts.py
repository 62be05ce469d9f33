"""The parts of networks, counted by hand and held against the networks that are built."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch

from engine.genotypes.population import Population
from engine.networks.derived import build
from engine.networks.parts import LayerStack, network_parts
from engine.spaces import SPACES, SearchSpace, Size, get_space


@pytest.mark.parametrize(("name", "entries"), [("nas-bench-201", 22), ("darts", 53)])
def test_equal_parts_are_timed_once(name: str, entries: int):
    """NAS-Bench-201: 5 operations (one the identity) in 3 stages, stem, 2 residual blocks, 3 aggregations, head.

    DARTS: 8 operations in 3 stages and 2 reductions, stem, 8 layers at inputs, 3 aggregations, head.
    """
    space = get_space(name)
    assert len({part for part, _ in network_parts(space, space.evaluation_size, 32, classes=10)}) == entries


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_every_candidate_has_a_part_in_every_cell_of_its_type(space: SearchSpace):
    size = Size(8, max(3, space.cells_range.low) if space.cells_range.high > 1 else 1)
    counts = Counter(index for _, index in network_parts(space, size, 32, 10) if index is not None)
    plan = space.plan(size)
    assert {index[:2]: count for index, count in counts.items()} == {
        (kind, edge): plan.repeats(name)
        for kind, name in enumerate(space.cell_types)
        for edge in range(len(space.edges))
    }
    assert set(counts) == {tuple(index) for index in np.argwhere(space.candidates).tolist()}


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
@pytest.mark.parametrize("image_size", [16, 32])
def test_parts_name_the_features_that_run_through_a_network(space: SearchSpace, image_size: int):
    size, genotype = Size(4, space.cells_range.low), Population.sample(space, 1, seed=3).genotype(0)
    genes = {
        (kind, space.edges.index(gene[:2]), space.operations.index(gene.operation))
        for kind, name in enumerate(space.cell_types)
        for gene in genotype.cells[name]
    }
    expected = Counter(
        (part.c_in, part.size)
        for part, index in network_parts(space, size, image_size, 10)
        if isinstance(part, LayerStack) and (index is None or index in genes)
    )
    network, seen = build(genotype, size), Counter()
    for stack in (network.stem, *(stack for cell in network.cells for stack in (*cell.inputs, *cell.edges))):
        stack.register_forward_pre_hook(lambda module, inputs: seen.update([tuple(inputs[0].shape[1:3])]))
    with torch.no_grad():
        network(torch.ones(2, 3, image_size, image_size))
    assert seen == expected
