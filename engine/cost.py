"""Parameters and multiply-accumulates of a derived network, counted from the description alone.

Convolutions and linear maps count as MACs, as the field reports them; batch norms are affine and count as parameters.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.genotype import Genotype
from engine.layers import Conv, Layer, Norm, Pool, Reduce, Residual
from engine.operations import operation
from engine.population import Population
from engine.spaces import SearchSpace, Size

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


@dataclass(frozen=True, eq=False)
class EdgeCosts:
    """A quantity of derived networks that is a sum over their edges: parameters, MACs, seconds.

    `base` is what every network has, `parts` `(cell types, edges, operations)` what an operation on an edge adds, all
    cells of the type together.
    """

    base: float
    parts: NDArray[np.float64]

    def of(self, population: Population) -> NDArray[np.float64]:
        """The quantity of every architecture, `(architectures,)`."""
        padded = np.concatenate([self.parts, np.zeros_like(self.parts[..., :1])], axis=2)  # ABSENT, -1, finds the zero
        edges = np.arange(padded.shape[1])
        kinds = zip(padded, population.operations, strict=True)
        return np.asarray(self.base + sum(parts[edges, table].sum(1) for parts, table in kinds))


def edge_costs(
    described: SearchSpace, size: Size | None = None, image_size: int = IMAGE_SIZE, classes: int = CLASSES
) -> dict[str, EdgeCosts]:
    """`params` and `macs` of the networks of a space at `size` (its evaluation size where it is None)."""
    frame, parts = _parts(described, size or described.evaluation_size, image_size, classes)
    return {
        name: EdgeCosts(getattr(frame, name), np.vectorize(lambda cost, name=name: float(getattr(cost, name)))(parts))
        for name in ("params", "macs")
    }


def network_cost(
    genotype: Genotype, size: Size | None = None, image_size: int = IMAGE_SIZE, classes: int = CLASSES
) -> Cost:
    """Cost of the network of `genotype` at `size` (the space's evaluation size where it is None)."""
    costs = edge_costs(genotype.space, size, image_size, classes)
    population = Population.of(genotype.space_name, [genotype])
    return Cost(*(int(costs[name].of(population)[0]) for name in ("params", "macs")))


@lru_cache(maxsize=64)
def _parts(described: SearchSpace, size: Size, image_size: int, classes: int) -> tuple[Cost, NDArray[np.object_]]:
    """What every network has, and what an operation adds on an edge, `(cell types, edges, operations)`."""
    plan = described.plan(size)
    frame, resolution = layers_cost(plan.stem, 3, plan.stem_channels, image_size, 1)
    parts = np.full((len(described.cell_types), len(described.edges), len(described.operations)), NOTHING)
    resolutions = [resolution] * described.inputs
    for cell in plan.cells:
        for (c_in, layers), stride, before in zip(cell.inputs, cell.input_stride, resolutions, strict=True):
            cost, at_inputs = layers_cost(layers, c_in, cell.channels, before, stride)
            frame += cost
        resolution = at_inputs // cell.stride
        for edge_index, edge in enumerate(described.edges):
            stride, at = (cell.stride, at_inputs) if edge.source < described.inputs else (1, resolution)
            for index, name in enumerate(described.operations):
                cost, _ = layers_cost(operation(name).at(stride), cell.channels, cell.channels, at, stride)
                parts[described.cell_types.index(cell.kind), edge_index, index] += cost
        resolutions = [*resolutions[1:], resolution]
    head, _ = layers_cost(plan.head, plan.head_channels, plan.head_channels, resolution, 1)
    classifier = Cost((plan.head_channels + 1) * classes, plan.head_channels * classes)
    return frame + head + classifier, parts


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
