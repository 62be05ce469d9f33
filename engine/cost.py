"""Parameters and multiply-accumulates of a derived network, counted from the description alone.

Convolutions and linear maps count as MACs, as the field reports them; batch norms are affine and count as parameters.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engine.genotype import Genotype
from engine.layers import Conv, Layer, Norm, Pool, Reduce, Residual
from engine.operations import operation
from engine.spaces import Size
from engine.spaces.base import CellPlan

IMAGE_SIZE = 32
CLASSES = 10


@dataclass(frozen=True)
class Cost:
    """Cost of a network: `params` and `macs` (for one image), both plain counts."""

    params: int
    macs: int

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.params + other.params, self.macs + other.macs)


NOTHING = Cost(0, 0)


def layers_cost(layers: Iterable[Layer], c_in: int, c_out: int, size: int, stride: int) -> tuple[Cost, int]:
    """Cost of `layers` on a `c_in` x `size` x `size` input, and the size of their output."""
    total, channels = NOTHING, c_in
    for layer in layers:
        match layer:
            case Conv():
                size = size // stride if layer.strided else size
                fan_in = 1 if layer.depthwise else channels
                channels = channels if layer.depthwise else c_out
                params = channels * fan_in * layer.kernel**2
                total += Cost(params, params * size * size)
            case Reduce():
                size, params = size // 2, channels * c_out
                channels = c_out
                total += Cost(params, params * size * size)
            case Pool():
                size = size // stride if layer.strided else size
            case Norm():
                total += Cost(2 * channels, 0)
            case Residual():
                main, after = layers_cost(layer.main, channels, c_out, size, stride)
                shortcut, _ = layers_cost(layer.shortcut, channels, c_out, size, stride)
                total, size, channels = total + main + shortcut, after, c_out
    return total, size


def network_cost(
    genotype: Genotype, size: Size | None = None, image_size: int = IMAGE_SIZE, classes: int = CLASSES
) -> Cost:
    """Cost of the network of `genotype` at `size` (the space's evaluation size where it is None)."""
    plan = genotype.space.plan(size or genotype.space.evaluation_size)
    total, resolution = layers_cost(plan.stem, 3, plan.stem_channels, image_size, 1)
    resolutions = [resolution] * genotype.space.inputs
    for cell in plan.cells:
        cost, resolution = _cell_cost(cell, genotype, resolutions)
        total += cost
        resolutions = [*resolutions[1:], resolution]
    head, _ = layers_cost(plan.head, plan.head_channels, plan.head_channels, resolution, 1)
    classifier = Cost((plan.head_channels + 1) * classes, plan.head_channels * classes)
    return total + head + classifier


def _cell_cost(cell: CellPlan, genotype: Genotype, resolutions: list[int]) -> tuple[Cost, int]:
    total = NOTHING
    size = resolutions[-1]
    for (c_in, layers), stride, resolution in zip(cell.inputs, cell.input_stride, resolutions, strict=True):
        cost, size = layers_cost(layers, c_in, cell.channels, resolution, stride)
        total += cost
    for gene in genotype.cells[cell.kind]:
        stride = cell.stride if gene.source < genotype.space.inputs else 1
        at = size if gene.source < genotype.space.inputs else size // cell.stride
        total += layers_cost(operation(gene.operation).at(stride), cell.channels, cell.channels, at, stride)[0]
    return total, size // cell.stride


def cost_report(genotype: Genotype) -> dict[str, Any]:
    """Cost at the evaluation size and at the search size, as in the JSON of a search result."""
    described = genotype.space
    evaluation = network_cost(genotype)
    search = network_cost(genotype, described.search_size)
    return {
        "params": evaluation.params,
        "macs": evaluation.macs,
        **described.evaluation_size._asdict(),
        "image_size": IMAGE_SIZE,
        "classes": CLASSES,
        "at_search_size": {"params": search.params, "macs": search.macs, **described.search_size._asdict()},
    }
