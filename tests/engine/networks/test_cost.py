"""Costs against published numbers, formulas by hand, and a network that runs."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from engine import SPACES, Genotype, parse_genotype
from engine.networks.cost import NO_COST, Cost, cost_report, layers_cost, network_cost, part_cost
from engine.networks.derived import sequence
from engine.networks.parts import network_parts
from engine.operations.layers import Conv, Layer, Noise, Norm, Pool, Reduce, Relu, Residual
from engine.operations.registry import OPERATIONS, get_operation
from engine.spaces import Size
from engine.spaces.entries import RESIDUAL_BLOCK
from tests.engine.genotypes.test_genotype import DARTS
from tests.engine.reference import PUBLISHED, Reference
from tests.engine.strategies import gene_counts, genotypes


def bench(name: str) -> Genotype:
    return parse_genotype(f"|{name}~0|+|{name}~0|{name}~1|+|{name}~0|{name}~1|{name}~2|")


def test_published_costs_of_nas_bench_201():
    best = network_cost(bench("nor_conv_3x3"))
    assert best.params == 1_531_546
    assert best.macs / 1e6 == pytest.approx(220.12, abs=0.005)
    nothing = network_cost(bench("none"))
    assert nothing.params / 1e6 == pytest.approx(0.073, abs=0.0005)
    assert nothing.macs / 1e6 == pytest.approx(7.78, abs=0.005)


def test_published_cost_of_darts_v2():
    assert network_cost(parse_genotype(DARTS)).params == 3_349_342


@pytest.mark.parametrize(
    ("name", "stride", "params", "macs_per_pixel"),
    [  # with C channels: parameters (norms 2C), and multiply-accumulates for one pixel of the output
        ("none", 1, lambda c: 0, lambda c: 0),
        ("skip_connect", 1, lambda c: 0, lambda c: 0),
        ("skip_connect", 2, lambda c: c * c + 2 * c, lambda c: c * c),
        ("avg_pool_3x3", 2, lambda c: 0, lambda c: 0),
        ("noise", 2, lambda c: 0, lambda c: 0),
        ("nor_conv_1x1", 1, lambda c: c * c + 2 * c, lambda c: c * c),
        ("nor_conv_3x3", 1, lambda c: 9 * c * c + 2 * c, lambda c: 9 * c * c),
        ("sep_conv_3x3", 1, lambda c: 2 * (9 * c + c * c + 2 * c), lambda c: 2 * (9 * c + c * c)),
        ("sep_conv_5x5", 2, lambda c: 2 * (25 * c + c * c + 2 * c), lambda c: 2 * (25 * c + c * c)),
        ("dil_conv_3x3", 1, lambda c: 9 * c + c * c + 2 * c, lambda c: 9 * c + c * c),
        ("dil_conv_5x5", 2, lambda c: 25 * c + c * c + 2 * c, lambda c: 25 * c + c * c),
    ],
)
@pytest.mark.parametrize("channels", [4, 16])
def test_cost_of_an_operation(name: str, stride: int, params, macs_per_pixel, channels: int):
    cost, size = layers_cost(get_operation(name).at(stride), channels, channels, 8, stride)
    assert size == 8 // (stride if name != "none" else 1)
    assert cost == Cost(params(channels), macs_per_pixel(channels) * size * size)


def test_layers_change_channels_and_size_as_they_go():
    layers = (Relu(), Conv(3, strided=True), Norm(), Pool("avg", kernel=2), Reduce(), Conv(1))
    cost, size = layers_cost(layers, 3, 8, 32, 2)
    assert size == 4
    conv, reduce, last = 3 * 8 * 9, 8 * 8, 8 * 8
    assert cost == Cost(conv + 16 + reduce + last, conv * 16**2 + reduce * 4**2 + last * 4**2)


@settings(max_examples=4)
@given(st.data())
@pytest.mark.parametrize("name", PUBLISHED)
def test_cost_is_that_of_a_network_that_runs(name: str, data: st.DataObject):
    described = SPACES[name]
    genotype = data.draw(genotypes(described, derivable=False))
    low, high = described.cells_range
    size = Size(2 * data.draw(st.integers(2, 4)), data.draw(st.integers(low, min(4, high))))
    image_size, classes = data.draw(st.sampled_from([8, 16, 20])), data.draw(st.sampled_from([10, 100]))
    parts = {"channels": size.channels, "cells": size.cells, "image_size": image_size, "derived": True}
    network, counts = Reference(name, **parts), gene_counts(genotype)
    network.double(Reference(name, **parts), counts == 2)
    assert network_cost(genotype, size, image_size, classes) == Cost(*network.cost(counts > 0, classes))


@pytest.mark.parametrize(
    ("genotype", "evaluation", "search"),
    [(bench("nor_conv_1x1"), (16, 5), (16, 5)), (parse_genotype(DARTS), (36, 20), (16, 8))],
)
def test_the_report_gives_both_sizes(genotype: Genotype, evaluation: tuple[int, int], search: tuple[int, int]):
    report = cost_report(genotype)
    small = report.pop("at_search_size")
    large = network_cost(genotype)
    assert report == {
        "params": large.params,
        "macs": large.macs,
        "channels": evaluation[0],
        "cells": evaluation[1],
        "image_size": 32,
        "classes": 10,
    }
    found = network_cost(genotype, Size(*search))
    assert small == {"params": found.params, "macs": found.macs, "channels": search[0], "cells": search[1]}


@pytest.mark.parametrize(
    ("before", "after", "params"),
    [  # at 36 channels in the normal cells, 6 + 6 + 6 of them at 1, 2 and 4 times the width
        ("('skip_connect', 0)", "('none', 0)", 0),
        ("('sep_conv_3x3', 0)", "('none', 0)", -6 * sum(2 * (9 * c + c * c + 2 * c) for c in (36, 72, 144))),
        ("('sep_conv_3x3', 0)", "('sep_conv_3x3', 1)", 0),
        ("('sep_conv_3x3', 0)", "('skip_connect', 1)", -6 * sum(2 * (9 * c + c * c + 2 * c) for c in (36, 72, 144))),
    ],
)
def test_darts_v2_with_none_or_an_input_read_twice(before: str, after: str, params: int):
    changed = parse_genotype(DARTS.replace(before, after, 1))
    assert not changed.derivable
    assert network_cost(changed).params == 3_349_342 + params


LAYERS = [
    *(
        Relu(),
        Relu(6),
        Norm(),
        Noise(),
        Noise(strided=False),
        Pool("avg"),
        Pool("max", kernel=5),
        Pool("avg", strided=False),
    ),
    *(Conv(1), Conv(3, strided=True), Conv(5, dilation=2, depthwise=True, strided=True), Conv(1, expansion=3)),
    *(Residual((Conv(3, strided=True), Norm()), (Conv(1, strided=True),)),),
]


@pytest.mark.parametrize("layer", LAYERS, ids=repr)
@pytest.mark.parametrize("size", [8, 7])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("c_out", [4, 6])
def test_cost_of_a_layer_is_that_of_its_module(layer: Layer, c_out: int, stride: int, size: int):
    assert layers_cost((layer,), 4, c_out, size, stride) == module_cost((layer,), 4, c_out, size, stride)


@pytest.mark.parametrize(
    "layers", [(Reduce(),), RESIDUAL_BLOCK, (Pool("max", kernel=2),)], ids=["reduce", "block", "pool"]
)
@pytest.mark.parametrize("c_out", [4, 6])
def test_cost_of_layers_that_halve_an_even_size_is_that_of_their_module(layers: tuple[Layer, ...], c_out: int):
    assert layers_cost(layers, 4, c_out, 8, 2) == module_cost(layers, 4, c_out, 8, 2)


PLACES = [(1, 4, 8), (1, 4, 7), (1, 6, 7), (2, 4, 8), (2, 6, 8), (2, 4, 7)]
"""Stride, channels behind an operation (4 before it), and size before it."""
AT_PLACES = [
    (name, operation.at(stride, c_out == 4), stride, c_out, size)
    for name, operation in OPERATIONS.items()
    for stride, c_out, size in PLACES
    if not operation.zero
]


@pytest.mark.parametrize(
    ("name", "layers", "stride", "c_out", "size"),
    [place for place in AT_PLACES if Reduce() not in place[1] or (place[2] == 2 and place[4] == 8)],
)
def test_cost_of_every_operation_is_that_of_its_module(
    name: str, layers: tuple[Layer, ...], stride: int, c_out: int, size: int
):
    assert layers_cost(layers, 4, c_out, size, stride) == module_cost(layers, 4, c_out, size, stride)


def module_cost(layers: tuple[Layer, ...], c_in: int, c_out: int, size: int, stride: int) -> tuple[Cost, int]:
    """Parameters and multiply-accumulates of the torch module, and the size of what it gives."""
    module = sequence(layers, c_in, c_out, stride).eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        height, width = module(torch.ones(1, c_in, size, size)).shape[2:]
    assert height == width
    params = sum(parameter.numel() for parameter in module.parameters())
    return Cost(params, counter.get_total_flops() // 2), height


def test_costs_of_candidates_sum_to_that_of_a_network():
    genotype = parse_genotype(DARTS)
    space, size = genotype.space, Size(8, 3)
    total = network_cost(genotype, size)
    chosen = {
        (kind, space.edges.index(gene[:2]), space.operations.index(gene.operation))
        for kind, name in enumerate(space.cell_types)
        for gene in genotype.cells[name]
    }
    parts = [part_cost(part) for part, index in network_parts(space, size, 32, 10) if index is None or index in chosen]
    assert sum(parts, NO_COST) == total


def test_a_layer_of_another_kind_is_refused():
    with pytest.raises(AssertionError):
        layers_cost(["a layer"], 4, 4, 8, 1)
