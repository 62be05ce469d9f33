from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine import SearchConfig, parse_genotype, search
from engine.genotypes.population import Population
from engine.networks.cost import Cost, network_cost
from engine.operations.layers import Conv, Norm, Relu
from engine.spaces import Size, get_space
from engine.supernets.flow import flow
from tests.engine.genotypes.test_genotype import MACRO
from tests.engine.spaces.test_chain import shapes


def test_published_structure_of_nas_bench_macro():
    widths, strides = [64] * 2 + [128] * 3 + [256] * 3, [2, 1, 2, 1, 1, 2, 1, 1]
    assert shapes("nas-bench-macro", 32) == list(zip([32, *widths], widths, strides, strict=False))
    plan = get_space("nas-bench-macro").plan(Size(32, 1))
    assert plan.stem == (Conv(3), Norm(), Relu())
    assert plan.head == (Conv(1), Norm(), Relu())
    assert (plan.stem_stride, plan.head_channels, plan.classified) == (1, 256, 1280)
    assert all(not layers for cell in plan.cells for _, layers in cell.inputs)
    assert get_space("nas-bench-macro").architectures() == 3**8 == len(Population.whole("nas-bench-macro"))


def block(c_in: int, c_out: int, size: int, ratio: int, kernel: int, stride: int) -> NDArray[np.int64]:
    """Parameters and MACs of an inverted residual block on so many pixels a side."""
    wide, after = ratio * c_in, size // stride
    params = c_in * wide + kernel**2 * wide + wide * c_out + 2 * (2 * wide + c_out)
    return np.array([params, c_in * wide * size**2 + (kernel**2 * wide + wide * c_out) * after**2])


def test_the_cost_of_a_network_of_nas_bench_macro_by_hand():
    """0 1 | 2 2 0 | 2 1 1 on 32x32 pixels."""
    frame = np.array([27 * 32 + 64 + 256 * 1280 + 2560 + 12810, 27 * 32 * 32**2 + 256 * 1280 * 4**2 + 12800])
    first = np.array([32 * 64 + 128, 32 * 64 * 16**2]) + block(64, 64, 16, 3, 3, 1)
    second = block(64, 128, 16, 6, 5, 2) + block(128, 128, 8, 6, 5, 1)
    third = block(128, 256, 8, 6, 5, 2) + 2 * block(256, 256, 4, 3, 3, 1)
    expected = Cost(*(frame + first + second + third).tolist())
    assert network_cost(parse_genotype(MACRO)) == expected


def test_the_budget_of_nas_bench_macro_is_exact():
    bound = 1_500_000
    held = search(SearchConfig(space="nas-bench-macro", max_params=bound))
    whole = Population.whole("nas-bench-macro")
    within = [network_cost(genotype).params <= bound for genotype in whole.genotypes()[::27]]
    flows = flow("nas-bench-macro", whole)[::27]
    (ours,) = flow("nas-bench-macro", [held.genotype])
    assert held.cost["params"] <= bound
    assert ours >= flows[within].max() - 1e-4


def test_a_digit_of_nas_bench_macro_is_the_operation_of_a_layer():
    genes = parse_genotype(MACRO).cells["network"]
    assert [gene[:2] for gene in genes] == [(layer, layer + 1) for layer in range(8)]
    assert [gene.operation for gene in genes] == [("identity", "mb3_k3", "mb6_k5")[int(digit)] for digit in MACRO]
