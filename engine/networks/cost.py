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

from engine.data.images import CLASSES, IMAGE_SIZE
from engine.genotypes.genotype import Genotype
from engine.genotypes.population import Population
from engine.networks.parts import Block, Ending, Join, Part, parts_of
from engine.operations.layers import Conv, Layer, Noise, Norm, Pool, Reduce, Residual, strided
from engine.spaces import SearchSpace, Size


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
                size = strided(size, stride) if layer.strided else size
                fan_in = 1 if layer.depthwise else channels
                channels = layer.widens(channels, c_out)
                params = channels * fan_in * layer.kernel**2
                total += Cost(params, params * size * size)
            case Reduce():
                size, params = size // 2, channels * c_out
                channels = c_out
                total += Cost(params, params * size * size)
            case Pool() | Noise():
                size = strided(size, stride) if layer.strided else size
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
    population = Population.of(genotype.space, [genotype])
    return Cost(*(int(costs[name].of(population)[0]) for name in ("params", "macs")))


@lru_cache(maxsize=64)
def _parts(described: SearchSpace, size: Size, image_size: int, classes: int) -> tuple[Cost, NDArray[np.object_]]:
    """What every network has, and what an operation adds on an edge, `(cell types, edges, operations)`."""
    frame = NOTHING
    parts = np.full((len(described.cell_types), len(described.edges), len(described.operations)), NOTHING)
    for part, where in parts_of(described, size, image_size, classes):
        if where is None:
            frame += _part_cost(part)
        else:
            parts[where] += _part_cost(part)
    return frame, parts


def _part_cost(part: Part) -> Cost:
    match part:
        case Block():
            return layers_cost(part.layers or (), part.c_in, part.c_out, part.size, part.stride)[0]
        case Join():
            return NOTHING
        case Ending():
            head, _ = layers_cost(part.layers, part.channels, part.features, part.size, 1)
            return head + Cost((part.features + 1) * part.classes, part.features * part.classes)


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
