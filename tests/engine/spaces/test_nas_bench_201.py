from __future__ import annotations

import pytest
from hypothesis import given

from engine import SPACES, Genotype
from engine.operations.layers import Norm, Pool, Relu
from engine.spaces import Size, get_space
from engine.spaces.plan import Edge
from tests.engine import reference
from tests.engine.strategies import genotypes


@pytest.mark.parametrize("name", ["nas-bench-201", "darts"])
def test_published_edges_and_operations(name: str):
    assert list(get_space(name).edges) == [Edge(*edge) for edge in reference.EDGES[name]]
    assert list(get_space(name).operations) == reference.OPERATIONS[name]


def test_published_macro_structure():
    bench = get_space("nas-bench-201").plan(Size(16, 5))
    assert [cell.channels for cell in bench.cells] == [16] * 5 + [32] * 5 + [64] * 5
    assert [index for index, cell in enumerate(bench.cells) if cell.inputs[0][1]] == [5, 10]
    assert (bench.stem_channels, bench.head_channels) == (16, 64)
    assert bench.head == (Norm(), Relu())
    assert isinstance(bench.cells[5].inputs[0][1][0].shortcut[0], Pool)
    for size, reductions in ((Size(16, 8), [2, 5]), (Size(36, 20), [6, 13])):
        plan = get_space("darts").plan(size)
        assert [index for index, cell in enumerate(plan.cells) if cell.kind == "reduce"] == reductions
        assert plan.stem_channels == 3 * size.channels
        assert plan.head_channels == 4 * 4 * size.channels


@given(genotypes(SPACES["nas-bench-201"]))
def test_the_notation_of_nas_bench_201_holds_every_edge(genotype: Genotype):
    a, b, c, d, e, f = (gene.operation for gene in genotype.cells["cell"])
    assert genotype.notation == f"|{a}~0|+|{b}~0|{c}~1|+|{d}~0|{e}~1|{f}~2|"
