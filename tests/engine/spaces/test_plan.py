from __future__ import annotations

from collections.abc import Sequence

import pytest

from engine.operations.layers import Conv, Layer, Reduce, Residual
from engine.spaces import SPACES, CellPlan, Gene, SearchSpace, Size
from engine.spaces.plan import walk
from tests.engine.spaces.test_base import every_space


@every_space
@pytest.mark.parametrize("channels", [4, 16])
def test_a_plan_fits_together(described: SearchSpace, channels: int):
    low, high = described.cells_range
    for cells in (low, min(low + 1, high), described.search_size.cells, high):
        plan = described.plan(Size(channels, cells))
        widths = [_channels(plan.stem, 3, plan.stem_channels)] * described.inputs
        sizes = [1.0] * described.inputs
        for cell in plan.cells:
            assert cell.kind in described.cell_types
            assert [c_in for c_in, _ in cell.inputs] == widths
            entered = cell.input_channels
            assert all(_channels(layers, c_in, entered) == entered for c_in, layers in cell.inputs)
            reached = {size / stride for size, stride in zip(sizes, cell.input_stride, strict=True)}
            assert len(reached) == 1, "input nodes of different sizes"
            widths = [*widths[1:], len(described.outputs) * cell.channels]
            sizes = [*sizes[1:], reached.pop() / cell.stride]
        assert plan.head_channels == widths[-1]
        assert _channels(plan.head, plan.head_channels, plan.classified) == plan.classified
        if all(cell.layer is None for cell in plan.cells):
            assert sizes[-1] in {1, 1 / 2, 1 / 4}, "image sizes are multiples of 4"
        else:
            assert [cell.layer for cell in plan.cells] == list(range(len(described.edges)))
        assert {cell.kind for cell in plan.cells} == set(described.cell_types)


def _channels(layers: Sequence[Layer], c_in: int, c_out: int) -> int:
    changes = (Reduce, Residual)
    changed = any(isinstance(x, changes) or (isinstance(x, Conv) and not x.depthwise) for x in layers)
    return c_out if changed else c_in


def test_walk_gives_every_cell_the_features_of_the_cells_before_it():
    seen: list[tuple[str, list[int]]] = []

    def run_cell(cell: str, states: Sequence[int]) -> int:
        seen.append((cell, list(states)))
        return sum(states)

    assert walk("abc", [1, 2], run_cell) == [5, 8]
    assert seen == [("a", [1, 2]), ("b", [2, 3]), ("c", [3, 5])]
    assert walk("", [7], run_cell) == [7]


def test_a_cell_has_all_genes_of_its_type_and_a_layer_its_own():
    genes = [Gene(0, 1, "a"), Gene(1, 2, "b"), Gene(2, 3, "c")]
    cell = CellPlan("cell", 8, ((4, ()),), (1,))
    assert cell.local_genes(genes) == tuple(genes)
    assert cell.local_outputs((2, 3)) == (2, 3)
    layer = CellPlan("network", 8, ((4, ()),), (1,), stride=2, entered=4, layer=1)
    assert layer.local_genes(genes) == (Gene(0, 1, "b"),)
    assert layer.local_outputs((3,)) == (1,)
    assert layer.edge_shape(0) == (4, 8, 2)
    assert layer.edge_shape(0).changes
    assert cell.edge_shape(1) == (8, 8, 1)
    assert not cell.edge_shape(1).changes


def test_an_edge_stands_in_every_cell_of_its_type_and_a_layer_once():
    darts, macro = SPACES["darts"], SPACES["nas-bench-macro"]
    plan = darts.plan(Size(16, 8))
    assert (plan.repeats("normal"), plan.repeats("reduce")) == (6, 2)
    assert macro.plan(macro.search_size).repeats("network") == 1
