"""Every registered operation keeps the contract, an own one too; broken ones do not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.operations.layers import Conv, Norm, Pool, Relu
from engine.operations.registry import OPERATIONS, Operation
from engine.testing import check_operation

OWN = Operation(
    "conv_5x5",
    "conv 5×5",
    "conv 5",
    "#2E9BD6",
    "ReLU, 5x5 convolution, batch norm",
    (Relu(), Conv(5, strided=True), Norm()),
)


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_every_operation(operation: Operation):
    check_operation(operation)


def test_an_own_operation_is_checked_and_not_registered():
    check_operation(OWN)
    assert OWN.name not in OPERATIONS


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (replace(OWN, name="nor_conv_3x3"), "the name 'nor_conv_3x3' is that of another"),
        (replace(OWN, name="Conv 5"), "its name is not lower-case"),
        (replace(OWN, short="convolution"), "its short name 'convolution' has more than 8"),
        (replace(OWN, summary=""), "its summary '' is no printable text"),
        (replace(OWN, colour="blue"), "its colour 'blue' is not written"),
        (replace(OWN, colour="#FFE08A"), r"a contrast of 1\.\d:1 to a white page"),
        (replace(OWN, colour="#101010"), r"a contrast of 1\.\d:1 to a black page"),
        (replace(OWN, zero=True), "passes nothing, and so it has no layers"),
        (replace(OWN, layers=(Conv(5),)), r"gives channels and pixels \(4, 8\) from 4 to 4 channels at stride 2"),
        (replace(OWN, layers=(Conv(5, strided=True), Pool("max"))), r"gives channels and pixels \(4, 2\)"),
        (replace(OWN, changing=(Conv(1),)), r"gives channels and pixels \(4, 8\)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_broken_operation_is_named(operation: Operation, words: str):
    with pytest.raises(AssertionError, match=words):
        check_operation(operation)
    assert OWN.name not in OPERATIONS
