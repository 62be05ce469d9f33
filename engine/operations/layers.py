"""Layers, the vocabulary that operations and networks are described with: plain data, no framework.

A description is a tuple of layers, from `c_in` channels to `c_out`. It has several readings, which must agree: the
torch module of the derived network (`engine.networks.derived`), its analytic cost (`engine.networks.cost`), the frozen
weights of the supernet (`engine.supernets.weights`), each layer's step and adjoint (`engine.supernets.adjoint`), and
the exported PyTorch source (`engine.exports.source`). Each matches all layers, and `engine.testing.check_layer` holds
them against each other. Layers marked `strided` take the stride of the edge, or of the place, that they stand in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never


@dataclass(frozen=True)
class Relu:
    """Rectifier, bounded by `limit` where there is one (ReLU6).

    The identity on the non-negative features of a supernet without normalisation, which knows no bound: the unit of
    such features is arbitrary.
    """

    limit: int | None = None


@dataclass(frozen=True)
class Norm:
    """Batch normalisation of every channel."""


@dataclass(frozen=True)
class Conv:
    """Square convolution without bias, padded to keep the size: `c_in` to `c_out`, or each channel by itself.

    With an `expansion` it goes from `c_in` to that many times as many channels in place of `c_out`.
    """

    kernel: int
    dilation: int = 1
    depthwise: bool = False
    strided: bool = False
    expansion: int | None = None

    def widens(self, c_in: int, c_out: int) -> int:
        """Return the channels of the result, from `c_in` channels on the way to `c_out`."""
        if self.depthwise:
            return c_in
        return c_out if self.expansion is None else self.expansion * c_in


@dataclass(frozen=True)
class Pool:
    """Average or max pooling; padding takes no part in an average."""

    kind: str
    kernel: int = 3
    strided: bool = True


@dataclass(frozen=True)
class Reduce:
    """Factorised reduction: two 1x1 convolutions of stride 2, the second shifted by a pixel, stacked."""


@dataclass(frozen=True)
class Noise:
    """Gaussian noise N(0, 1) in place of the features, of their shape."""

    strided: bool = True


@dataclass(frozen=True)
class Residual:
    """The sum of two branches; one without layers is the identity."""

    main: tuple[Layer, ...]
    shortcut: tuple[Layer, ...]


Layer = Relu | Norm | Conv | Pool | Reduce | Noise | Residual


def has_weights(layer: Layer) -> bool:
    """Return True for a layer with weights that mix or scale features, a convolution; norms do not count."""
    match layer:
        case Conv() | Reduce():
            return True
        case Residual():
            return any(map(has_weights, (*layer.main, *layer.shortcut)))
        case Relu() | Norm() | Pool() | Noise():
            return False
        case _:
            assert_never(layer)


def strided(size: int, stride: int) -> int:
    """Return the pixels a side that are left of `size` at a `stride`, rounded up."""
    return -(-size // stride)
