from __future__ import annotations

import dataclasses

import pytest
import torch

from engine.operations.layers import Conv, Layer, Noise, Norm, Pool, Reduce, Relu, strided


@pytest.mark.parametrize("layer", [Relu(), Norm(), Conv(3), Pool("avg"), Reduce(), Noise()])
def test_layers_are_frozen_values(layer: Layer):
    assert hash(layer) == hash(dataclasses.replace(layer))
    if fields := dataclasses.fields(layer):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(layer, fields[0].name, 0)


@pytest.mark.parametrize(("size", "stride", "left"), [(32, 1, 32), (32, 2, 16), (5, 2, 3), (1, 2, 1), (7, 4, 2)])
def test_a_stride_leaves_pixels_rounded_up_as_a_padded_convolution_does(size: int, stride: int, left: int):
    assert strided(size, stride) == left
    convolution = torch.nn.Conv2d(1, 1, 3, stride=stride, padding=1)
    assert convolution(torch.zeros(1, 1, size, size)).shape[-1] == left


def test_the_channels_behind_a_convolution():
    assert Conv(3).widens(4, 10) == 10
    assert Conv(3, depthwise=True).widens(4, 10) == 4
    assert Conv(1, expansion=6).widens(4, 10) == 24
