"""All networks of a space in one module, against the derived networks that are built one by one."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from engine import SPACES, Genotype, parse_genotype
from engine.genotypes.population import Population
from engine.measures import MeasureSetting
from engine.measures.scoring import prepare_networks
from engine.networks.shared import SharedNetworks
from engine.spaces import SearchSpace, Size
from tests.engine.derived import derived, encoded_genes
from tests.engine.strategies import PARALLEL, genotypes

DEAD = "|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|nor_conv_1x1~2|"
"""A cell with an edge that leads nowhere and one that nothing comes to."""


SMALL = {name: Size(4, described.cells_range.low) for name, described in SPACES.items()}


every_space = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)


def genes_of(genotype: Genotype) -> dict[str, list[tuple[int, int]]]:
    """All genes of a genotype, dead or not, `none` left out."""
    described = genotype.space
    return {
        kind: [
            (described.edges.index((source, target)), described.operations.index(name))
            for source, target, name in genes
            if name != "none"
        ]
        for kind, genes in genotype.genes
    }


@cache
def small(space: str) -> SharedNetworks:
    """The networks of a space at their smallest, seven classes."""
    return SharedNetworks(SPACES[space], SMALL[space], 7, seed=5, scheme="kaiming")


@every_space
@settings(max_examples=3)
@given(data=st.data())
def test_the_network_of_some_genes_is_the_one_that_is_built(space: SearchSpace, data: st.DataObject):
    genotype = data.draw(genotypes(space))
    size = 16 if space.name != "mobilenet" else 64  # norms of a few numbers would blow up their rounding
    images = torch.randn(3, 3, size, size, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        found = small(space.name)(images, encoded_genes(genotype))
        expected = derived(small(space.name), genotype, SMALL[space.name], 7)(images)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


every_parallel = pytest.mark.parametrize("space", PARALLEL.values(), ids=PARALLEL)


@cache
def parallel(space: str) -> SharedNetworks:
    """The networks of a space at their smallest, seven classes, every edge as often as it may stand there."""
    described = PARALLEL[space]
    return SharedNetworks(described, Size(4, 3), 7, seed=5, scheme="kaiming", multiplicity=described.multiplicity)


@pytest.mark.slow
@every_parallel
@settings(max_examples=8)
@given(data=st.data())
def test_parallel_operations_have_weights_of_their_own_as_in_the_network_that_is_built(
    space: SearchSpace, data: st.DataObject
):
    genotype = data.draw(genotypes(space, derivable=False))
    images = torch.randn(3, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        found = parallel(space.name)(images, encoded_genes(genotype))
        expected = derived(parallel(space.name), genotype, Size(4, 3), 7)(images)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.slow
@every_parallel
def test_weights_are_the_same_however_often_an_edge_may_stand_there(space: SearchSpace):
    once, *more = (
        SharedNetworks(space, Size(4, 3), 7, seed=5, scheme="normal", multiplicity=times).state_dict()
        for times in range(1, space.multiplicity + 1)
    )
    for smaller, larger in zip((once, *more), more, strict=False):
        assert len(smaller) < len(larger)
        assert all(torch.equal(weights, larger[name]) for name, weights in smaller.items())
    again = parallel(space.name)
    for cell in again.candidate_cells:
        firsts = cell.operations.state_dict()
        for other in cell.parallel:
            weights = other.state_dict()
            assert [each.shape for each in firsts.values()] == [each.shape for each in weights.values()]
            assert all(one.dim() == 1 or not torch.equal(one, weights[name]) for name, one in firsts.items())


def test_dead_edges_change_nothing_and_cost_nothing():
    genotype = parse_genotype(DEAD)
    genes = encoded_genes(genotype)
    skip = genotype.space.operations.index("skip_connect")
    assert genes == {"cell": [(genotype.space.edges.index((0, 3)), skip)]}
    networks = SharedNetworks(genotype.space, Size(4, 1), 10, seed=0, scheme="uniform")
    images = torch.ones(2, 3, 8, 8) * torch.arange(2)[:, None, None, None]
    everything = genes_of(genotype) | {}
    everything["cell"] = [gene for gene in everything["cell"] if gene[0] != 5]  # nothing comes to node 2
    assert torch.equal(networks(images, genes), networks(images, everything))


@pytest.mark.parametrize(
    ("scheme", "spread"), [("uniform", (1 / 3) ** 0.5 / 24), ("kaiming", 2**0.5 / 24), ("normal", 1)]
)
def test_weights_are_drawn_as_the_scheme_says(scheme: str, spread: float):
    space = SPACES["nas-bench-201"]
    networks = SharedNetworks(space, Size(16, 1), 10, seed=0, scheme=scheme)
    convolution = networks.candidate_cells[2].edges[0][space.operations.index("nor_conv_3x3")][1]
    weight = convolution.weight.detach()  # 64 channels, 576 = 24²
    assert float(weight.mean()) == pytest.approx(0, abs=5 * spread / weight.numel() ** 0.5)
    assert float(weight.std()) == pytest.approx(spread, rel=0.02)
    assert (float(weight.abs().max()) < 1 / 24) == (scheme == "uniform")
    assert bool((networks.classifier.bias == 0).all()) == (scheme != "uniform")
    norms = [module for module in networks.modules() if isinstance(module, nn.BatchNorm2d)]
    assert all((norm.weight == 1).all() and (norm.bias == 0).all() for norm in norms)


def test_no_global_generator_is_touched():
    before, before_numpy = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    networks, images, _ = prepare_networks(
        Population.of("nas-bench-201", []), MeasureSetting(device="cpu"), 2, "uniform", Size(4, 1)
    )
    networks(images, encoded_genes(parse_genotype(DEAD)))
    assert torch.equal(before, torch.get_rng_state())
    np.testing.assert_array_equal(before_numpy, np.random.get_state()[1])  # noqa: NPY002


def test_norms_take_the_statistics_of_the_batch_and_keep_none():
    networks, images, _ = prepare_networks(
        Population.of("nas-bench-201", []), MeasureSetting(device="cpu"), 5, "normal", Size(4, 1)
    )
    behind = networks.stem(3 * images + 7)
    torch.testing.assert_close(behind.mean((0, 2, 3)), torch.zeros(4), atol=1e-5, rtol=0)
    torch.testing.assert_close(behind.var((0, 2, 3), correction=0), torch.ones(4), atol=1e-3, rtol=0)
    assert not list(networks.buffers())


@pytest.mark.slow
def test_steps_are_residual_blocks_and_cells():
    nas_bench, darts = (
        SharedNetworks(SPACES[name], SPACES[name].search_size, 10, seed=1, scheme="kaiming")
        for name in ("nas-bench-201", "darts")
    )
    assert len(list(nas_bench.steps({"cell": []}))) == 15 + 2
    assert len(list(darts.steps({"normal": [], "reduce": []}))) == 8
