"""The layers that operations and networks are described with: plain data, no framework.

A description is a tuple of layers. One description has four readings: the torch module of the derived
network (`engine.network`), the frozen weights of the supernet (`engine.supernet`), the analytic cost
(`engine.cost`) and the exported PyTorch source (`engine.export`).

A layer maps `c_in` channels to `c_out`. Layers marked `strided` use the stride of the place they stand in.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Relu:
    """Rectifier; the identity on the non-negative features of a supernet without normalisation."""


@dataclass(frozen=True)
class Norm:
    """Batch normalisation of every channel."""


@dataclass(frozen=True)
class Conv:
    """Square convolution without bias, padded to keep the size: `c_in` to `c_out`, or each channel by itself."""

    kernel: int
    dilation: int = 1
    depthwise: bool = False
    strided: bool = False


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
    """A standard normal number in place of every feature; what comes in sets the shape alone."""

    strided: bool = True


@dataclass(frozen=True)
class Residual:
    """The sum of two branches."""

    main: tuple[Layer, ...]
    shortcut: tuple[Layer, ...]


Layer = Relu | Norm | Conv | Pool | Reduce | Noise | Residual
