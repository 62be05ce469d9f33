"""The derived network: its cost is the one that is counted, and its cells compute what the spaces define."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from engine import SPACES, Genotype, parse_genotype
from engine.networks.cost import network_cost
from engine.networks.derived import (
    Cell,
    FactorisedReduction,
    GaussianNoise,
    Network,
    build,
    convolution,
    pooling,
    sequence,
)
from engine.operations.layers import Conv, Pool
from engine.spaces import CellPlan, Gene, SearchSpace, Size
from tests.engine.strategies import PARALLEL, genotypes

DARTS_V2 = (
    "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), "
    "('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], normal_concat=range(2, 6), "
    "reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), "
    "('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=range(2, 6))"
)
SKIPS = "[('skip_connect', 0), ('skip_connect', 1), ('skip_connect', 1), ('skip_connect', 2), ('skip_connect', 2), "
SKIPS += "('skip_connect', 3), ('skip_connect', 3), ('skip_connect', 4)]"


def only(operation: str) -> Genotype:
    """The NAS-Bench-201 cell with `operation` on every edge."""
    return parse_genotype(f"|{operation}~0|+|{operation}~0|{operation}~1|+|{operation}~0|{operation}~1|{operation}~2|")


def parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def macs(network: nn.Module, image_size: int) -> float:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network.eval()(torch.ones(1, 3, image_size, image_size))
    return counter.get_total_flops() / 2


@pytest.mark.parametrize(
    ("genotype", "published"),
    [(only("nor_conv_3x3"), 1_531_546), (only("none"), 73_306), (parse_genotype(DARTS_V2), 3_349_342)],
    ids=["nor_conv_3x3", "none", "DARTS_V2"],
)
def test_parameters_are_the_published_ones(genotype: Genotype, published: int):
    assert parameters(build(genotype)) == published == network_cost(genotype).params


def test_macs_are_the_published_ones():
    assert macs(build(only("nor_conv_3x3")), 32) / 1e6 == pytest.approx(220.12, abs=0.005)


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
@settings(max_examples=4, deadline=None)
@given(data=st.data())
def test_cost_is_that_of_the_network(space: SearchSpace, data: st.DataObject):
    genotype = data.draw(genotypes(space))
    cells = min(space.cells_range.low + data.draw(st.integers(0, 2)), space.cells_range.high)
    size, classes = Size(data.draw(st.sampled_from([4, 6, 10])), cells), data.draw(st.integers(1, 12))
    network = build(genotype, size, classes)
    counted = network_cost(genotype, size, image_size=16, classes=classes)
    assert parameters(network) == counted.params
    assert macs(network, 16) == counted.macs


@pytest.mark.parametrize("space", PARALLEL.values(), ids=PARALLEL)
@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_cost_of_none_and_of_parallel_operations_is_that_of_the_network(space: SearchSpace, data: st.DataObject):
    genotype = data.draw(genotypes(space, derivable=False))
    size, classes = (
        Size(data.draw(st.sampled_from([4, 6])), data.draw(st.integers(3, 5))),
        data.draw(st.integers(1, 12)),
    )
    network = build(genotype, size, classes)
    counted = network_cost(genotype, size, image_size=16, classes=classes)
    assert parameters(network) == counted.params
    assert macs(network, 16) == counted.macs


@pytest.mark.parametrize("name", sorted(PARALLEL.keys() - {"robust-darts-s4"}))  # noise is new at every pass
@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_a_node_is_the_sum_of_all_that_it_reads_once_or_twice(name: str, data: st.DataObject):
    space = PARALLEL[name]
    genotype = data.draw(genotypes(space, derivable=False))
    network = build(genotype, Size(4, 3)).eval()
    inputs = {0: torch.rand(2, 12, 8, 8), 1: torch.rand(2, 12, 8, 8)}
    cell, genes = network.cells[0], genotype.cells["normal"]
    nodes = {node: cell.inputs[node](state) for node, state in inputs.items()}
    for node in range(2, 6):
        read = [
            module(nodes[gene.source]) for gene, module in zip(genes, cell.edges, strict=True) if gene.target == node
        ]
        assert len(read) == space.kept_counts[node - 2]
        nodes[node] = sum(read, torch.zeros(2, 4, 8, 8))
    found = cell([inputs[0], inputs[1]])
    torch.testing.assert_close(found, torch.cat([nodes[node] for node in range(2, 6)], dim=1), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
@settings(max_examples=2, deadline=None)
@given(data=st.data())
def test_logits_are_finite_and_of_every_image(space: SearchSpace, data: st.DataObject):
    network = build(data.draw(genotypes(space)), Size(4, space.cells_range.low), classes=7)
    logits = network(torch.rand(3, 3, 16, 16))
    assert logits.shape == (3, 7)
    assert logits.isfinite().all()


def test_every_weight_learns():
    network = build(only("nor_conv_3x3"), Size(4, 1))
    network(torch.rand(2, 3, 8, 8)).sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


def test_nothing_passes_none():
    network = build(only("none"), Size(4, 2)).eval()
    logits = network(torch.rand(2, 3, 16, 16))
    assert torch.equal(logits, network.classifier.bias.expand(2, -1))


def test_nodes_are_sums_and_the_last_is_the_output():
    cell = build(only("skip_connect"), Size(4, 1)).cells[0]
    x = torch.rand(1, 4, 8, 8)
    assert torch.allclose(cell([x]), 4 * x)  # 1, then 1 + 1, then 1 + 1 + 2 paths


def test_skips_of_a_darts_cell_are_joined_node_by_node():
    text = f"Genotype(normal={SKIPS}, normal_concat=range(2, 6), reduce={SKIPS}, reduce_concat=range(2, 6))"
    cell = build(parse_genotype(text), Size(4, 3)).eval().cells[0]
    states = torch.rand(2, 1, 12, 8, 8)
    a, b = (layers(state) for layers, state in zip(cell.inputs, states, strict=True))
    nodes = [a + b, a + 2 * b, 2 * a + 3 * b, 3 * a + 5 * b]  # 2, then 1 + 2, 2 + 3, 3 + 4
    assert torch.allclose(cell(states), torch.cat(nodes, dim=1), atol=1e-6)


def test_a_node_of_none_alone_has_the_size_of_its_cell():
    plan = CellPlan("cell", 4, ((4, ()),), (1,), stride=2)
    genes = [Gene(0, 1, "none"), Gene(1, 2, "none")]
    cell = Cell(plan, genes, {False: {"none": None}, True: {"none": None}}, outputs=[1, 2])
    assert torch.equal(cell([torch.rand(2, 4, 8, 8)]), torch.zeros(2, 8, 4, 4))


@pytest.mark.parametrize(("stride", "size"), [(1, 8), (2, 4)])
def test_noise_is_drawn_anew_at_every_pass(stride: int, size: int):
    noise = GaussianNoise(stride)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        first, second = (noise(torch.zeros(64, 16, 8, 8)) for _ in range(2))
        torch.manual_seed(0)
        again = noise(torch.full((64, 16, 8, 8), 7.0))
    assert first.shape == (64, 16, size, size)
    assert torch.equal(first, again), "whatever comes in"
    assert not torch.equal(first, second)
    assert float(first.mean()) == pytest.approx(0, abs=0.03)
    assert float(first.std()) == pytest.approx(1, abs=0.03)


def test_noise_of_a_seed_is_always_the_same_and_touches_no_generator():
    x, before = torch.zeros(2, 4, 8, 8, dtype=torch.float64), torch.get_rng_state()
    one, same, other = (GaussianNoise(2, seed)(x) for seed in (3, 3, 4))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert one.dtype == torch.float64
    assert one.shape == (2, 4, 4, 4)


def test_noise_stands_on_its_edge_without_parameters():
    described = SPACES["robust-darts-s4"]
    genes = {
        kind: [Gene(source, target, "noise") for target in range(2, 6) for source in range(2)]
        for kind in described.cell_types
    }
    network = build(Genotype.of(described, genes), Size(4, 3))
    assert [type(module) for module in network.cells[0].edges[0]] == [GaussianNoise]
    assert [edge[0].stride for edge in network.cells[1].edges[:2]] == [2, 2], "a reduction cell"
    assert not list(network.cells[0].edges.parameters())


def test_reduction_halves_even_and_odd_pixels():
    reduction = FactorisedReduction(1, 2)
    nn.init.ones_(reduction.even.weight)
    nn.init.ones_(reduction.odd.weight)
    image = torch.arange(16.0).view(1, 1, 4, 4)
    assert reduction(image).flatten().tolist() == [0, 2, 8, 10, 5, 7, 13, 15]


def test_padding_takes_no_part_in_an_average():
    assert torch.equal(pooling(Pool("avg"), 2)(torch.ones(1, 1, 8, 8)), torch.ones(1, 1, 4, 4))


def test_max_pooling_takes_the_largest_neighbour():
    image = torch.zeros(1, 1, 4, 4)
    image[0, 0, 3, 3] = 1
    assert pooling(Pool("max"), 1)(image).flatten().tolist() == [0] * 10 + [1, 1, 0, 0, 1, 1]


@pytest.mark.parametrize("layer", [Conv(1), Conv(3), Conv(5, dilation=2), Conv(3, dilation=2, depthwise=True)])
def test_convolutions_keep_the_size_and_have_no_bias(layer: Conv):
    module = convolution(layer, 4, 4, stride=2)  # not marked as strided
    assert module(torch.rand(1, 4, 8, 8)).shape == (1, 4, 8, 8)
    assert module.bias is None
    assert module.groups == (4 if layer.depthwise else 1)


def test_norms_are_affine_and_rectifiers_leave_their_input():
    network = build(only("nor_conv_3x3"), Size(4, 1))
    stem, edge = network.stem, network.cells[0].edges[0]
    assert [type(module) for module in stem] == [nn.Conv2d, nn.BatchNorm2d]
    assert [type(module) for module in edge] == [nn.ReLU, nn.Conv2d, nn.BatchNorm2d]
    assert stem[1].affine
    assert not edge[0].inplace


def test_poolings_have_no_norm_at_evaluation():
    network = build(parse_genotype(DARTS_V2), Size(4, 3))
    reduce = next(cell for cell, kind in zip(network.cells, kinds("darts", 3), strict=True) if kind == "reduce")
    assert [type(module) for module in reduce.edges[0]] == [nn.MaxPool2d]


def kinds(space: str, cells: int) -> list[str]:
    return [cell.kind for cell in SPACES[space].plan(Size(4, cells)).cells]


@pytest.mark.parametrize(
    ("size", "classes", "message"),
    [
        (Size(16, 0), 10, "cells: 0 is out of range; nas-bench-201 takes 1 to 100"),
        (Size(16, 101), 10, "cells: 101 is out of range"),
        (Size(0, 5), 10, "at least 1, 0 and 10 given"),
        (Size(16, 5), 0, "at least 1, 16 and 0 given"),
    ],
)
def test_sizes_out_of_range_are_named(size: Size, classes: int, message: str):
    with pytest.raises(ValueError, match=message):
        build(only("none"), size, classes)


def test_weights_come_from_the_generator_of_torch():
    def drawn(seed: int) -> Network:
        torch.manual_seed(seed)
        return build(only("nor_conv_1x1"), Size(4, 1))

    with torch.random.fork_rng():
        first, same, other = (drawn(seed).classifier.weight for seed in (0, 0, 1))
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_a_layer_of_another_kind_is_refused():
    with pytest.raises(AssertionError):
        sequence(["a layer"], 4, 4)
