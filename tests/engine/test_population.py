from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cost import edge_costs, network_cost
from engine.population import ABSENT, Population
from engine.spaces import space, spaces
from tests.engine.strategies import genotypes

NAMES = list(spaces())


@given(st.data())
@pytest.mark.parametrize("name", NAMES)
def test_a_population_gives_back_the_genotypes_it_was_made_of(name: str, data: st.DataObject):
    given_ones = data.draw(st.lists(genotypes(space(name)), max_size=5))
    population = Population.of(name, given_ones)
    assert len(population) == len(given_ones)
    assert population.genotypes() == given_ones
    shuffled = np.array(data.draw(st.permutations(range(len(given_ones)))), dtype=int)
    assert population.take(shuffled).genotypes() == [given_ones[index] for index in shuffled]


def test_every_cell_is_listed_once_in_a_fixed_order():
    whole = Population.whole("nas-bench-201")
    assert len(set(whole.keys().tolist())) == len(whole) == space("nas-bench-201").architectures() == 15625
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
        expected = (described.kept_edges or len(incoming)) / len(incoming)
        np.testing.assert_allclose(there[:, :, incoming].mean((0, 1)), expected, atol=0.05)
    allowed = [described.operations.index(each) for each in described.genotype_operations]
    counts = [(drawn.operations[there] == index).mean() for index in allowed]
    np.testing.assert_allclose(counts, 1 / len(counts), atol=0.02)


@pytest.mark.parametrize("count", [0, -1, 1_000_001])
def test_a_sample_has_a_size(count: int):
    with pytest.raises(ValueError, match=f"{count} architectures asked for; 1 to 1,000,000"):
        Population.sample("darts", count, seed=0)


@pytest.mark.parametrize("name", NAMES)
def test_architectures_are_found_among_others(name: str):
    population = Population.sample(name, 300, seed=0)
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
