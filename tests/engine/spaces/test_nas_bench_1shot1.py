"""NAS-Bench-1Shot1: its published parents, cells one by one, pruning of plain autograd, and how many edges are kept."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from engine import SearchConfig, parse_genotype, search
from engine.genotypes.population import Population
from engine.networks.cost import Cost, network_cost
from engine.operations.layers import Pool
from engine.searches.constraints import live_operations
from engine.searches.pruning import EQUAL
from engine.spaces import Gene, Size, get_space
from engine.supernets.flow import flow
from tests.conftest import tiny
from tests.engine.genotypes.test_genotype import ONE_SHOT
from tests.engine.reference import PARENTS, Reference, prune


def parents_of(name: str) -> list[list[tuple[int, ...]]]:
    """Every choice of parents of every block, and of the output."""
    return [list(itertools.combinations(range(block), count)) for block, count in enumerate(PARENTS[name], start=1)]


@pytest.mark.parametrize(
    ("name", "architectures"),
    [("nas-bench-1shot1-1", 14_580), ("nas-bench-1shot1-2", 29_160), ("nas-bench-1shot1-3", 1_312_200)],
)
def test_how_many_cells(name: str, architectures: int):
    """Those with loose ends among them, equal ones not taken together; of the second space the published number."""
    choices = parents_of(name)
    assert get_space(name).architectures() == architectures == math.prod(map(len, choices)) * 3 ** (len(choices) - 1)
    assert sum(PARENTS[name]) == 9, "a cell of NAS-Bench-101 has 9 edges at most"


@pytest.mark.parametrize("name", PARENTS)
def test_every_cell_of_parents_and_operations_is_a_genotype(name: str):
    rng = np.random.default_rng(0)
    for _ in range(20):
        chosen = [each[rng.integers(len(each))] for each in parents_of(name)]
        names = [*rng.choice(["conv1x1_bn_relu", "conv3x3_bn_relu", "max_pool_3x3"], len(chosen) - 1), "output"]
        text = " ".join(f"{op}({','.join(map(str, each))})" for op, each in zip(names, chosen, strict=True))
        assert parse_genotype(text, name).notation == text


def test_stacks_are_those_of_nas_bench_101():
    plan = get_space("nas-bench-1shot1-1").plan(Size(128, 3))
    assert [cell.channels for cell in plan.cells] == [128] * 3 + [256] * 3 + [512] * 3
    assert [index for index, cell in enumerate(plan.cells) if cell.inputs[0][1] == (Pool("max", 2),)] == [3, 6]
    assert [cell.edge_shape(0) for cell in plan.cells[2:4]] == [(128, 128, 1), (128, 256, 1)]


def test_the_cost_of_a_cell_by_hand():
    """Max pooling of the input; 1x1 of input and that; 3x3 of blocks 1, 2; 3x3 of input and block 3; blocks 2 and 4."""

    def convolutions(c_in: int, c: int) -> list[int]:
        return [c_in * c, c_in * c, c * c, 9 * c * c, c_in * c, 9 * c * c]

    stacks = [(8, 8, 16), (8, 16, 8), (16, 32, 4)]
    params = 27 * 8 + 16 + sum(sum(convolutions(c_in, c)) + 12 * c for c_in, c, _ in stacks) + 330
    macs = 27 * 8 * 16**2 + sum(sum(convolutions(c_in, c)) * size**2 for c_in, c, size in stacks) + 320
    assert network_cost(parse_genotype(ONE_SHOT), Size(8, 1), image_size=16) == Cost(params, macs)


@pytest.mark.parametrize("name", PARENTS)
@pytest.mark.parametrize("field", ["full", "interior"])
def test_pruning_is_that_of_plain_autograd(name: str, field: str):
    config = tiny(name, field=field, seed=2)
    result = search(config)
    plain = Reference(name, seed=2, cells=1, wrap=field == "interior")
    removals, _, shares = prune(plain, EQUAL)
    names = [(edge, result.space.operations[index]) for _, edge, index in removals]
    assert [(step.edge, step.operation) for step in result.steps] == names
    np.testing.assert_allclose(result.passes[0].shares["cell"], plain.shares()[0], rtol=1e-4)
    np.testing.assert_allclose(result.passes[-1].shares["cell"], shares[0], rtol=1e-4, atol=1e-7)
    strength = dict(zip(result.space.edges, shares[0].sum(axis=1), strict=True))
    kept = [gene[:2] for gene in result.genotype.cells["cell"]]
    for block, count in enumerate(PARENTS[name], start=1):
        into = sorted((edge for edge in strength if edge.target == 2 * block - 1), key=strength.__getitem__)
        assert sorted(edge for edge in kept if edge[1] == 2 * block - 1) == sorted(into[-count:])


def test_a_block_has_as_many_pinned_parents_as_it_keeps():
    described = get_space("nas-bench-1shot1-3")
    live_operations(described, ["0-7:conv1x1_bn_relu", "2-7:skip_connect"], [])
    for pins, count in (
        (["0-5:conv1x1_bn_relu", "2-5:skip_connect"], 1),
        ([f"{n}-7:skip_connect" for n in (2, 4, 6)], 2),
    ):
        with pytest.raises(
            ValueError, match=f"{len(pins)} edges are pinned; a genotype of .* keeps {count} at this node"
        ):
            live_operations(described, pins, [])
    pinned = SearchConfig(space=described.name, field="interior", channels=4, cells=1, pinned=["0-11:conv1x1_bn_relu"])
    assert "output(0," in search(pinned).genotype.notation


@pytest.mark.parametrize("name", PARENTS)
def test_a_budget_is_kept(name: str):
    free = search(tiny(name, field="interior"))
    bound = int(0.4 * free.cost["params"])
    held = search(tiny(name, field="interior", max_params=bound))
    assert held.cost["params"] <= bound < free.cost["params"]
    assert [gene.target for gene in held.genotype.cells["cell"]] == [
        gene.target for gene in free.genotype.cells["cell"]
    ]


def test_the_free_search_finds_more_flow_than_most_cells():
    drawn = Population.sample("nas-bench-1shot1-1", 500, seed=0)
    found = search(SearchConfig(space="nas-bench-1shot1-1", field="interior", channels=8, cells=2)).genotype
    flows = flow("nas-bench-1shot1-1", drawn, channels=8, cells=2)
    (ours,) = flow("nas-bench-1shot1-1", [found], channels=8, cells=2)
    assert (flows < ours).mean() > 0.99


def test_a_word_of_nas_bench_1shot1_is_a_block_with_its_parents():
    genes = parse_genotype(ONE_SHOT).cells["cell"]
    assert genes[:2] == (Gene(0, 1, "conv1x1_bn_relu"), Gene(1, 2, "max_pool_3x3"))
    assert genes[2:5] == (Gene(0, 3, "conv1x1_bn_relu"), Gene(2, 3, "skip_connect"), Gene(3, 4, "conv1x1_bn_relu"))
    assert genes[-2:] == (Gene(4, 9, "skip_connect"), Gene(8, 9, "skip_connect"))
    assert parse_genotype(ONE_SHOT.replace("(1,2)", "(2,1)")).notation == ONE_SHOT
