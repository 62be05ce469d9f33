from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.genotypes.genotype import Genotype
from engine.genotypes.population import ABSENT, Population, _kept, keep_strongest, order_parallels
from engine.networks.cost import edge_costs, network_cost
from engine.spaces import SPACES, SearchSpace, get_space
from tests.engine.strategies import PARALLEL, genotypes

NAMES = list(SPACES)


@settings(max_examples=15)
@given(st.data())
@pytest.mark.parametrize("name", NAMES)
def test_a_population_gives_back_the_genotypes_it_was_made_of(name: str, data: st.DataObject):
    given_ones = data.draw(st.lists(genotypes(get_space(name)), max_size=5))
    population = Population.of(name, given_ones)
    assert len(population) == len(given_ones)
    assert population.genotypes() == given_ones
    assert Population.of(name, given_ones * 2).distinct().genotypes() == list(dict.fromkeys(given_ones))
    shuffled = np.array(data.draw(st.permutations(range(len(given_ones)))), dtype=int)
    assert population.take(shuffled).genotypes() == [given_ones[index] for index in shuffled]


def test_every_cell_is_listed_once_in_a_fixed_order():
    whole = Population.whole("nas-bench-201")
    assert len(set(whole.keys().tolist())) == len(whole) == get_space("nas-bench-201").architectures() == 15625
    assert whole.genotype(0).notation == "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|"
    assert whole.genotype(1).notation == "|none~0|+|none~0|none~1|+|none~0|none~1|skip_connect~2|"
    product = itertools.product(range(5), repeat=6)
    assert [tuple(row) for row in whole.operations[0, :40].tolist()] == list(itertools.islice(product, 40))
    with pytest.raises(ValueError, match="too many to list"):
        Population.whole("darts")


@pytest.mark.parametrize("name", NAMES)
def test_samples_are_uniform_and_follow_the_seed(name: str):
    drawn = Population.sample(name, 2000, seed=1)
    assert (drawn.operations == Population.sample(name, 2000, seed=1).operations).all()
    assert (drawn.operations != Population.sample(name, 2000, seed=2).operations).any()
    assert len(drawn.take(slice(0, 50)).genotypes()) == 50  # each of them is checked
    described, there = drawn.space, drawn.operations != ABSENT
    for node in range(described.inputs, described.nodes):
        incoming = [index for index, edge in enumerate(described.edges) if edge.target == node]
        expected = described.kept_counts[node - described.inputs] / len(incoming)
        np.testing.assert_allclose(there[:, :, incoming].mean((0, 1)), expected, atol=0.05)
    for kind, edge in np.ndindex(there.shape[0], there.shape[2]):
        chosen = drawn.operations[kind, there[kind, :, edge], edge]
        allowed = described.genotype_candidates[kind, edge]
        expected = allowed / allowed.sum()
        counts = np.bincount(chosen, minlength=len(allowed)) / len(chosen)
        np.testing.assert_allclose(counts, expected, atol=5 * (0.25 / len(chosen)) ** 0.5)


def test_cells_and_samples_of_a_space_keep_to_the_operations_of_every_edge():
    """NAS-Bench-201 with one, two or three operations on an edge; two edges into the last node are kept, or all."""
    names = ("none", "skip_connect", "nor_conv_3x3")
    listed = (names[2:], names[1:], names, names[1:], names, names[2:])
    all_kept = replace(get_space("nas-bench-201"), name="uneven", operations=names, edge_operations=(listed,))
    expected = set(itertools.product(*([names.index(each) for each in edge] for edge in listed)))
    whole = Population.whole(all_kept)
    assert len(whole) == all_kept.architectures() == len(expected) == 1 * 2 * 3 * 2 * 3 * 1
    assert {tuple(row) for row in whole.operations[0].tolist()} == expected
    assert len(whole.genotypes()) == len(whole)  # each of them is checked


def test_samples_of_uneven_edges_are_uniform_over_the_genotypes():
    """Of the edges into a node one is kept: one with two operations is twice as likely as one with one."""
    names = ("skip_connect", "nor_conv_1x1", "nor_conv_3x3")
    listed = (names[:1], names[:2], names, names, names[:1], names[:2])
    uneven = replace(
        get_space("nas-bench-201"), name="uneven", operations=names, edge_operations=(listed,), kept_edges=1
    )
    assert uneven.architectures() == 1 * (2 + 3) * (3 + 1 + 2)
    drawn = Population.sample(uneven, 12_000, seed=0)
    counts = Counter(drawn.keys().tolist())
    assert len(counts) == 30
    np.testing.assert_allclose(list(counts.values()), 400, atol=5 * 400**0.5)
    assert len(drawn.take(slice(0, 100)).genotypes()) == 100


def test_edges_are_kept_as_often_as_they_have_genotypes():
    kept = _kept(np.random.default_rng(0).random((30_000, 3)), np.array([3, 1, 2]), 2)
    found = Counter(tuple(row) for row in kept.tolist())
    pairs = {(True, True, False): 3 * 1, (True, False, True): 3 * 2, (False, True, True): 1 * 2}
    assert found.keys() == pairs.keys()
    for pair, ways in pairs.items():
        assert found[pair] / 30_000 == pytest.approx(ways / 11, abs=0.015)


@pytest.mark.parametrize("count", [0, -1, 1_000_001])
def test_a_sample_has_a_size(count: int):
    with pytest.raises(ValueError, match=f"{count} architectures asked for; 1 to 1,000,000"):
        Population.sample("darts", count, seed=0)


def test_a_sample_has_a_seed():
    with pytest.raises(ValueError, match="sample seed: input should be greater than or equal to 0, -4 given"):
        Population.sample("darts", 5, seed=-4)


@pytest.mark.parametrize("name", NAMES)
def test_architectures_are_found_among_others(name: str):
    population = Population.sample(get_space(name), 300, seed=0)
    wanted = [17, 4, 299]
    strangers = Population.sample(name, 5, seed=1)
    others = Population.of(name, [*population.take(np.array(wanted)).genotypes(), *strangers.genotypes()])
    found = population.rows_of(others)
    assert population.take(found[:3]).genotypes() == others.genotypes()[:3]
    known = {genotype: row for row, genotype in reversed(list(enumerate(population.genotypes())))}
    assert found.tolist() == [known.get(genotype, -1) for genotype in others.genotypes()]
    nothing = Population.of(name, [])
    assert population.rows_of(nothing).tolist() == []
    assert nothing.rows_of(others).tolist() == [-1] * len(others)


@pytest.mark.parametrize("name", NAMES)
def test_counts_and_costs_are_those_of_each_genotype(name: str):
    population = Population.sample(name, 50, seed=3)
    counts, costs = population.counts(), edge_costs(population.space)
    params, macs = costs["params"].of(population), costs["macs"].of(population)
    for row, genotype in enumerate(population.genotypes()):
        genes = [gene.operation for _, cell in genotype.genes for gene in cell]
        assert counts[row].tolist() == [genes.count(each) for each in population.space.operations]
        cost = network_cost(genotype)
        assert (params[row], macs[row]) == (cost.params, cost.macs)


@pytest.mark.parametrize("seed", range(5))
def test_of_edges_whose_shares_differ_by_rounding_the_first_are_kept(seed: int):
    space = SPACES["darts"]
    chosen = np.full((2, len(space.edges)), space.operations.index("skip_connect"))
    shares = 1 + 1e-6 * np.random.default_rng(seed).uniform(-1, 1, (2, len(space.edges), len(space.operations)))
    cells = keep_strongest(space, chosen, shares).genotype(0).cells
    assert [gene[:2] for gene in cells["normal"]] == [(0, 2), (1, 2), (0, 3), (1, 3), (0, 4), (1, 4), (0, 5), (1, 5)]
    shares[0, space.edges.index((4, 5))] += 1e-4
    cells = keep_strongest(space, chosen, shares).genotype(0).cells
    assert [gene.source for gene in cells["normal"] if gene.target == 5] == [0, 4]


every_parallel = pytest.mark.parametrize("space", PARALLEL.values(), ids=PARALLEL)


def some(space: SearchSpace, derivable: bool = False) -> st.SearchStrategy[list[Genotype]]:
    """A few architectures of a space, with `none` and parallel edges unless they must be `derivable`."""
    return st.lists(genotypes(space, derivable), min_size=1, max_size=5)


@settings(max_examples=8)
@given(data=st.data())
@every_parallel
def test_parallel_edges_and_none_come_back(space: SearchSpace, data: st.DataObject):
    drawn = data.draw(some(space))
    population = Population.of(space, drawn)
    assert population.genotypes() == drawn
    most = max(Counter(gene[:2] for gene in genes).most_common(1)[0][1] for one in drawn for _, genes in one.genes)
    assert population.operations.shape == (len(space.cell_types), len(drawn), most * len(space.edges))
    assert population.multiplicity == most
    assert population.distinct().genotypes() == list(dict.fromkeys(drawn))
    for row, genotype in enumerate(drawn):
        names = [gene.operation for _, genes in genotype.genes for gene in genes]
        assert population.counts()[row].tolist() == [names.count(name) for name in space.operations]


@pytest.mark.slow
@settings(max_examples=8)
@given(data=st.data())
@every_parallel
def test_keys_are_equal_where_architectures_are_whatever_stands_beside_them(space: SearchSpace, data: st.DataObject):
    plain, others = data.draw(some(space, derivable=True)), data.draw(some(space))
    narrow, both = Population.of(space, plain), Population.of(space, [*others, *plain])
    np.testing.assert_array_equal(narrow.keys(), both.keys()[len(others) :])
    equal = np.equal.outer(both.keys(), both.keys())
    assert equal.tolist() == [[one == other for other in both.genotypes()] for one in both.genotypes()]
    joined = Population.joined([Population.of(space, others), narrow, Population.of(space, [])])
    np.testing.assert_array_equal(joined.operations, both.operations)
    first = [both.genotypes().index(genotype) for genotype in plain]
    assert both.rows_of(narrow).tolist() == first
    found = narrow.rows_of(both)
    assert [plain[row] if row >= 0 else None for row in found] == [
        one if one in plain else None for one in both.genotypes()
    ]


@settings(max_examples=8)
@given(data=st.data())
@every_parallel
def test_the_order_of_parallel_edges_does_not_matter(space: SearchSpace, data: st.DataObject):
    genotype = data.draw(genotypes(space, derivable=False))
    cells = {
        kind: sorted(data.draw(st.permutations(genes)), key=lambda gene: gene.target) for kind, genes in genotype.genes
    }
    same = Population.of(space, [genotype, Genotype.of(space, cells)])
    assert len(same.distinct()) == 1
    assert same.rows_of(same).tolist() == [0, 0]


def test_a_population_of_derivable_architectures_has_every_edge_once():
    for space in PARALLEL.values():
        drawn = Population.sample(space, 20, seed=0)
        assert all(genotype.derivable for genotype in drawn.genotypes())
        again = Population.of(space, drawn.genotypes())
        np.testing.assert_array_equal(again.operations, drawn.operations)
        assert again.multiplicity == drawn.multiplicity == 1


def test_parallel_operations_fall_and_empty_sets_of_edges_go():
    table = np.array([[[0, ABSENT, 3, 1, ABSENT, ABSENT], [2, ABSENT, ABSENT, 2, 1, ABSENT]]], dtype=np.int8)
    assert order_parallels(table, 2).tolist() == [[[3, 1, 0, ABSENT], [2, 2, 1, ABSENT]]]
    assert order_parallels(np.full((2, 3, 4), ABSENT, np.int8), 2).tolist() == [[[ABSENT] * 2] * 3] * 2
    assert order_parallels(np.full((2, 0, 4), ABSENT, np.int8), 2).shape == (2, 0, 2)
