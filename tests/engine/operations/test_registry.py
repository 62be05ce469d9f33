from __future__ import annotations

import re

import pytest

from engine.operations.layers import Conv, Noise, Norm, Pool, Reduce, Relu, Residual
from engine.operations.registry import OPERATIONS, get_operation
from tests.engine import reference

CONVOLUTIONS = {"nor_conv_1x1", "nor_conv_3x3", "sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5"}
CONVOLUTIONS |= {"conv1x1_bn_relu", "conv3x3_bn_relu"}
INVERTED = {"mb3_k3", "mb6_k5", *(f"mbconv{ratio}_{size}x{size}" for ratio in (3, 6) for size in (3, 5, 7))}


PUBLISHED = {name for names in reference.OPERATIONS.values() for name in names}


def test_the_registry_holds_what_published_spaces_use():
    assert set(OPERATIONS) >= PUBLISHED
    assert all(name == found.name for name, found in OPERATIONS.items())


def test_kinds_of_operations():
    assert {name for name in PUBLISHED if get_operation(name).convolutional} == CONVOLUTIONS | INVERTED
    assert {name for name in PUBLISHED if get_operation(name).pooling} == {"avg_pool_3x3", "max_pool_3x3"}
    assert {name for name in PUBLISHED if get_operation(name).zero} == {"none"}
    assert {name for name in PUBLISHED if get_operation(name).random} == {"noise"}


def test_short_names_differ():
    assert len({found.short for found in OPERATIONS.values()}) == len(OPERATIONS)


def test_an_unknown_operation_is_named():
    with pytest.raises(ValueError, match=r"unknown operation 'conv_7x7'; allowed: none, skip_connect, "):
        get_operation("conv_7x7")


def test_skip_is_nothing_at_stride_1_and_a_factorised_reduction_at_stride_2():
    skip = get_operation("skip_connect")
    assert skip.at(1) == ()
    assert skip.at(2) == (Relu(), Reduce(), Norm())


@pytest.mark.parametrize(
    ("name", "kernels"),
    [
        ("nor_conv_1x1", [(1, 1, False)]),
        ("conv1x1_bn_relu", [(1, 1, False)]),
        ("conv3x3_bn_relu", [(3, 1, False)]),
        ("nor_conv_3x3", [(3, 1, False)]),
        ("sep_conv_3x3", [(3, 1, True), (1, 1, False)] * 2),
        ("sep_conv_5x5", [(5, 1, True), (1, 1, False)] * 2),
        ("dil_conv_3x3", [(3, 2, True), (1, 1, False)]),
        ("dil_conv_5x5", [(5, 2, True), (1, 1, False)]),
    ],
)
def test_convolutions_have_the_published_kernels(name: str, kernels: list[tuple[int, int, bool]]):
    convs = [layer for layer in get_operation(name).at(1) if isinstance(layer, Conv)]
    assert [(conv.kernel, conv.dilation, conv.depthwise) for conv in convs] == kernels


@pytest.mark.parametrize("name", sorted(INVERTED))
@pytest.mark.parametrize(("stride", "same_width"), [(1, True), (1, False), (2, True), (2, False)])
def test_an_inverted_block_is_that_of_mobilenet_v2(name: str, stride: int, same_width: bool):
    """1x1 to more channels, depthwise, 1x1 back; no rectifier behind the last; a residual where nothing changes."""
    ratio, size = int(re.search(r"[36]", name)[0]), int(name[-1])
    relu = Relu(6) if "conv" in name else Relu()
    block = (
        *(Conv(1, expansion=ratio), Norm(), relu),
        *(Conv(size, depthwise=True, strided=True), Norm(), relu),
        *(Conv(1), Norm()),
    )
    unchanged = stride == 1 and same_width
    assert get_operation(name).at(stride, same_width) == ((Residual(block, ()),) if unchanged else block)


def test_the_identity_of_nas_bench_macro_is_a_projection_where_something_changes():
    identity = get_operation("identity")
    assert identity.at(1) == ()
    assert identity.at(1, same_width=False) == identity.at(2) == (Conv(1, strided=True), Norm())


@pytest.mark.parametrize("name", sorted(set(OPERATIONS) - {"none", "skip_connect"} - INVERTED))
def test_exactly_one_layer_of_an_operation_is_strided(name: str):
    layers = get_operation(name).at(2)
    assert sum(bool(getattr(layer, "strided", False)) for layer in layers) == 1
    assert next(layer for layer in layers if isinstance(layer, Conv | Pool | Noise)).strided
