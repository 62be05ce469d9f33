"""The weights of a supernet, drawn from its seed in one fixed order, whatever computes with them, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.data.images import CLASSES
from engine.operations.layers import Conv, Layer, Noise, Norm, Pool, Reduce, Relu, Residual, strided
from engine.operations.registry import get_operation
from engine.spaces.plan import CellPlan, EdgeShape, Plan
from engine.supernets.spec import SupernetSpec

IMAGE_CHANNELS = 3
ALPHA_NOISE = 1e-3
"""Scale of the released code's α, `1e-3 · |N(0, 1)|`."""


def architecture_parameters(spec: SupernetSpec) -> Tensor:
    """Draw α of a supernet, `(cell types, edges, operations)`; noise has a stream apart from that of the weights."""
    shape = spec.space.candidates.shape
    if spec.alpha == "ones":
        return torch.ones(shape)
    noise = np.random.default_rng([spec.seed, 2]).standard_normal(shape, np.float32)
    return ALPHA_NOISE * torch.from_numpy(noise).abs()


@dataclass(frozen=True)
class WeightedLayers:
    """Layers between `c_in` and `c_out` channels, at `stride`, with the weights drawn for them.

    `weights` stand in the order of the layers: a kernel `(c_out, c_in / groups, k, k)` for a convolution, two for a
    factorised reduction, those of the main branch and then of the shortcut for a residual, and a map `(C, H, W)` for
    noise.
    """

    layers: tuple[Layer, ...]
    c_in: int
    c_out: int
    stride: int
    weights: tuple[Tensor, ...]


@dataclass(frozen=True)
class CellWeights:
    """The layers before the input nodes of a cell, and those on its edges, with their weights.

    `edges` holds them by edge and operation, both as places in the space, for operations that pass something.
    """

    plan: CellPlan
    inputs: tuple[WeightedLayers, ...]
    edges: Mapping[int, Mapping[int, WeightedLayers]]


class WeightStream:
    """A stream of weights from a seed, float32 on the CPU.

    Noise has a generator of its own, so that the weights are the same for every size of the image.
    """

    def __init__(self, seed: int) -> None:
        self._generator = torch.Generator().manual_seed(seed)
        self._noise_generator = np.random.default_rng([seed, 1])

    def layers(
        self, layers: tuple[Layer, ...], c_in: int, c_out: int, stride: int = 1, image_size: int = 1
    ) -> WeightedLayers:
        """Draw weights for `layers`, whose result has `image_size` pixels on a side."""
        return WeightedLayers(layers, c_in, c_out, stride, tuple(self._draw(layers, c_in, c_out, image_size)))

    def kernel(self, c_out: int, fan_channels: int, size: int) -> Tensor:
        """Draw the absolute value of PyTorch's default initialisation, U(-b, b) with b = 1 / sqrt(fan in)."""
        shape = (c_out, fan_channels, size, size)
        kernel: Tensor = torch.rand(shape, generator=self._generator) / (fan_channels * size**2) ** 0.5
        return kernel

    def _draw(self, layers: Sequence[Layer], c_in: int, c_out: int, image_size: int) -> Iterator[Tensor]:
        channels = c_in
        for layer in layers:
            match layer:
                case Conv():
                    widened = layer.widens(channels, c_out)
                    yield self.kernel(widened, 1 if layer.depthwise else channels, layer.kernel)
                    channels = widened
                case Reduce():
                    yield from (self.kernel(c_out // 2, channels, 1) for _ in range(2))
                    channels = c_out
                case Residual():
                    for branch in (layer.main, layer.shortcut):
                        yield from self._draw(branch, channels, c_out, image_size)
                    channels = c_out
                case Noise():
                    shape = channels, image_size, image_size
                    yield torch.from_numpy(self._noise_generator.standard_normal(shape, np.float32))
                case Relu() | Norm() | Pool():
                    pass
                case _:
                    assert_never(layer)


class SupernetWeights:
    """The weights of a supernet, to be drawn in the order of the methods: stem, cells, head, classifier.

    A cell draws input by input, then edge by edge, operation by operation.
    """

    def __init__(self, spec: SupernetSpec) -> None:
        self.space, self.plan = spec.space, spec.space.plan(spec.size)
        self._image_sizes = image_sizes(self.plan, spec.image_size)
        self._stream = WeightStream(spec.seed)

    def stem(self) -> WeightedLayers:
        """Draw the weights of the stem."""
        return self._stream.layers(self.plan.stem, IMAGE_CHANNELS, self.plan.stem_channels, self.plan.stem_stride)

    def cells(self) -> Iterator[CellWeights]:
        """Draw the weights of one cell after the other, each as it is asked for."""
        for plan, image_size in zip(self.plan.cells, self._image_sizes, strict=True):
            inputs = tuple(
                self._stream.layers(layers, c_in, plan.input_channels, stride)
                for (c_in, layers), stride in zip(plan.inputs, plan.input_stride, strict=True)
            )
            candidates = self.space.candidates[self.space.cell_types.index(plan.kind)]
            edges = {
                index: dict(self._operations(candidates[index], plan.edge_shape(edge.source), image_size))
                for index, edge in self.space.local_edges(plan).items()
            }
            yield CellWeights(plan, inputs, edges)

    def head(self) -> WeightedLayers:
        """Draw the weights of the head."""
        return self._stream.layers(self.plan.head, self.plan.head_channels, self.plan.classified)

    def classifier(self) -> Tensor:
        """Draw the weights of the classifier, `(classes, channels)`; the bias stays out, it is not flow."""
        return self._stream.kernel(CLASSES, self.plan.classified, 1)[..., 0, 0]

    def _operations(
        self, candidates: NDArray[np.bool_], shape: EdgeShape, image_size: int
    ) -> Iterator[tuple[int, WeightedLayers]]:
        """Draw the weights of the operations on an edge that has the `candidates`, `(operations,)`, and this shape."""
        for index in np.flatnonzero(candidates).tolist():
            operation = get_operation(self.space.operations[index])
            if not operation.zero:
                layers = operation.at(shape.stride, shape.c_in == shape.c_out)
                if operation.pooling and self.space.normalised_pooling:
                    layers += (Norm(),)
                yield index, self._stream.layers(layers, *shape, image_size)


def image_sizes(plan: Plan, image_size: int) -> list[int]:
    """Return the pixels on a side of the features that every cell gives, `(cells,)`."""
    sizes, size = [], strided(image_size, plan.stem_stride)
    for cell in plan.cells:
        size = strided(strided(size, cell.input_stride[-1]), cell.stride)
        sizes.append(size)
    return sizes
