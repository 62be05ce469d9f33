from __future__ import annotations

import pytest

from engine import parse_genotype
from engine.networks.cost import network_cost
from engine.networks.derived import build
from engine.operations.layers import Conv, Norm, Relu
from engine.spaces import Gene, Size, get_space
from tests.engine.genotypes.test_genotype import PROXYLESS
from tests.engine.spaces.test_chain import shapes


def test_published_structure_of_mobilenet():
    widths = [32] * 4 + [56] * 4 + [112] * 4 + [128] * 4 + [256] * 4 + [432]
    strides = [2 if layer in (0, 4, 8, 16) else 1 for layer in range(21)]
    assert shapes("mobilenet", 40) == list(zip([24, *widths], widths, strides, strict=False))
    plan = get_space("mobilenet").plan(Size(40, 1))
    entry = Conv(3, depthwise=True), Norm(), Relu(6), Conv(1), Norm()
    assert [cell.inputs for cell in plan.cells[:2]] == [((40, entry),), ((32, ()),)]
    assert (plan.stem_channels, plan.stem_stride, plan.head_channels, plan.classified) == (40, 2, 432, 1728)
    assert get_space("mobilenet").architectures() == 6**6 * 7**15


def test_the_published_network_of_proxylessnas():
    """7,119,848 parameters and 465 million MACs for ImageNet, as reported of the network for GPUs."""
    cost = network_cost(parse_genotype(PROXYLESS), image_size=224, classes=1000)
    assert cost.params == 7_119_848
    assert cost.macs / 1e6 == pytest.approx(465, abs=0.5)
    network = build(parse_genotype(PROXYLESS), classes=1000)
    assert sum(parameter.numel() for parameter in network.parameters()) == 7_119_848


def test_a_code_of_mobilenet_is_the_block_of_a_layer():
    genes = parse_genotype(PROXYLESS).cells["network"]
    assert genes[0] == Gene(0, 1, "mbconv3_5x5")
    assert genes[1] == Gene(1, 2, "skip_connect")
    assert genes[20] == Gene(20, 21, "mbconv6_7x7")
    assert parse_genotype(PROXYLESS.replace(" | ", "|\n")).notation == PROXYLESS
