"""Every layer in use keeps the contract, and a layer whose readings disagree does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import get_args

import pytest
from torch import Tensor

from engine.operations.layers import Conv, Layer, Noise, Norm, Pool, Reduce, Relu, Residual
from engine.operations.registry import OPERATIONS
from engine.spaces import SPACES
from engine.supernets import adjoint
from engine.supernets.adjoint import Kernel
from engine.supernets.weights import WeightStream
from engine.testing import check_layer, readings


def parts(layers: Iterable[Layer]) -> Iterator[Layer]:
    """Layers, and those in their branches."""
    for layer in layers:
        yield layer
        if isinstance(layer, Residual):
            yield from parts((*layer.main, *layer.shortcut))


def in_use() -> list[Layer]:
    described = [operation.at(stride) for operation in OPERATIONS.values() for stride in (1, 2)]
    for space in SPACES.values():
        plan = space.plan(space.search_size)
        described += [plan.stem, plan.head, *(layers for cell in plan.cells for _, layers in cell.inputs)]
    return sorted({layer for layers in described for layer in parts(layers)}, key=repr)


@pytest.mark.parametrize("layer", in_use(), ids=repr)
def test_every_layer_in_use(layer: Layer):
    if isinstance(layer, Pool) and layer.kernel == 2:  # stands where an even size is halved
        check_layer(layer, strides=(2,), sizes=(8,))
    else:
        check_layer(layer)


def test_every_kind_of_layer_is_in_use():
    assert {type(layer) for layer in in_use()} == set(get_args(Layer))


@pytest.mark.parametrize(
    "layer",
    [
        Conv(5, dilation=2, strided=True),
        Conv(7, depthwise=True),
        Conv(3, expansion=2, strided=True),
        Pool("max", kernel=5),
        Pool("avg", kernel=5, strided=False),
        Relu(1),
        Residual((Conv(3, strided=True), Norm()), (Conv(1, strided=True),)),
        Residual((Reduce(),), (Relu(), Reduce())),
    ],
    ids=repr,
)
def test_layers_that_a_space_could_have(layer: Layer):
    check_layer(layer)


def refused(layer: Layer, words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        check_layer(layer)


@pytest.mark.parametrize(
    ("error", "words"),
    [({"params": 1}, "costs 1 parameters"), ({"macs": 1}, "costs 1 multiply-accumulates")],
)
def test_a_wrong_cost_is_found(monkeypatch: pytest.MonkeyPatch, error: dict[str, int], words: str):
    count = readings.layers_cost

    def wrong(*arguments):
        cost, size = count(*arguments)
        return replace(cost, **error), size

    monkeypatch.setattr(readings, "layers_cost", wrong)
    refused(Conv(3), words)


def test_a_size_that_is_rounded_down_is_found(monkeypatch: pytest.MonkeyPatch):
    count = readings.layers_cost

    def wrong(layers, c_in, c_out, size, stride):
        return count(layers, c_in, c_out, size, stride)[0], size // stride

    monkeypatch.setattr(readings, "layers_cost", wrong)
    refused(Pool("max"), "has 3 pixels behind it from 4 to 4 channels at stride 2 on 7 pixels; its torch module has 4")


def test_weights_of_another_shape_are_found(monkeypatch: pytest.MonkeyPatch):
    draw = WeightStream.kernel
    monkeypatch.setattr(WeightStream, "kernel", lambda self, c_out, fan, size: draw(self, c_out, fan, 1))
    refused(Conv(3), r"the weights drawn for Conv\(kernel=3.*\) are those of its torch module .*: ValueError")


def test_weights_beyond_their_fan_in_are_found(monkeypatch: pytest.MonkeyPatch):
    draw = WeightStream.kernel
    monkeypatch.setattr(WeightStream, "kernel", lambda self, *shape: 3 * draw(self, *shape))
    refused(Conv(3), r"do not lie between 0 and 1 / sqrt\(36\)")


def test_a_kernel_that_is_not_turned_is_no_adjoint(monkeypatch: pytest.MonkeyPatch):
    def unturned(weight: Tensor, depthwise: bool) -> Kernel:
        return Kernel(weight, weight if depthwise else weight.transpose(1, 2).contiguous())

    monkeypatch.setattr(Kernel, "of", unturned)
    refused(Conv(3), "the pull of .* is not its vector-Jacobian product")
    check_layer(Conv(1))


def test_the_dot_test_finds_it_too(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Kernel, "of", lambda weight, depthwise: Kernel(weight, weight))
    monkeypatch.setattr(readings, "_check_vjp", lambda *arguments: None)
    refused(Conv(3, depthwise=True), "the pull of .* is not its adjoint .*: ⟨A u, v⟩ is")


def test_features_other_than_those_of_the_module_are_found(monkeypatch: pytest.MonkeyPatch):
    make = Kernel.of
    monkeypatch.setattr(Kernel, "of", lambda weight, depthwise: make(2 * weight, depthwise))
    refused(Conv(3), "computes other features than its torch module")


def test_a_pull_that_overwrites_its_gradient_is_found(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(adjoint, "_relu", lambda x, limit: (x.relu(), lambda gradient: gradient.mul_(x > 0)))
    refused(Relu(), "the pull of .* changes the gradient that it is given")


@dataclass(frozen=True)
class Shuffle:
    """A layer that nothing knows."""


def test_a_layer_that_nothing_reads_is_named():
    refused(Shuffle(), "Shuffle")


def test_a_layer_that_runs_nowhere_is_named():
    refused(Residual((Conv(3, expansion=2),), ()), "runs in none of the cases")


def test_noise_takes_no_part_in_the_dot_test():
    check_layer(Noise())
    check_layer(Noise(strided=False))
