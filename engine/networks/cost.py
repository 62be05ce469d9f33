"""Parameters and multiply-accumulates of a derived network, counted from the description alone.

Convolutions and linear maps count as MACs, as the field reports them; batch norms are affine and count as parameters.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray

from engine.data.images import CLASSES, IMAGE_SIZE
from engine.genotypes.genotype import Genotype
from engine.genotypes.population import Population
from engine.networks.parts import ClassifierHead, LayerStack, NetworkPart, NodeAggregation, network_parts
from engine.operations.layers import Conv, Layer, Noise, Norm, Pool, Reduce, Relu, Residual, strided
from engine.spaces import SearchSpace, Size


@dataclass(frozen=True)
class Cost:
    """The cost of a network: numbers of parameters, and of multiply-accumulates for one image."""

    params: int
    macs: int

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.params + other.params, self.macs + other.macs)


NO_COST = Cost(0, 0)


def layers_cost(layers: Iterable[Layer], c_in: int, c_out: int, size: int, stride: int) -> tuple[Cost, int]:
    """Return the cost of `layers` on a `c_in` x `size` x `size` input, and the size of their output."""
    total, channels = NO_COST, c_in
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
            case Relu():
                pass
            case _:
                assert_never(layer)
    return total, size


@dataclass(frozen=True, eq=False)
class EdgeCosts:
    """A quantity of derived networks that is a sum over their edges: parameters, MACs, seconds.

    `base` is the quantity of the parts that every network has, `parts` `(cell types, edges, operations)` the quantity
    that an operation on an edge adds, in all cells of the type together.
    """

    base: float
    parts: NDArray[np.float64]

    def of(self, population: Population) -> NDArray[np.float64]:
        """Return the quantity of every architecture, `(architectures,)`."""
        padded = np.concatenate([self.parts, np.zeros_like(self.parts[..., :1])], axis=2)  # ABSENT, -1, finds the zero
        edges = np.arange(population.operations.shape[2]) % padded.shape[1]
        kinds = zip(padded, population.operations, strict=True)
        return np.asarray(self.base + sum(parts[edges, table].sum(1) for parts, table in kinds))


def edge_costs(
    space: SearchSpace, size: Size | None = None, image_size: int = IMAGE_SIZE, classes: int = CLASSES
) -> dict[str, EdgeCosts]:
    """Return `params` and `macs` of the networks of a space at `size` (its evaluation size where it is None)."""
    base, parts = _summed_costs(space, size or space.evaluation_size, image_size, classes)
    return {
        name: EdgeCosts(getattr(base, name), np.vectorize(lambda cost, name=name: float(getattr(cost, name)))(parts))
        for name in ("params", "macs")
    }


def network_cost(
    genotype: Genotype, size: Size | None = None, image_size: int = IMAGE_SIZE, classes: int = CLASSES
) -> Cost:
    """Return the cost of the network of `genotype` at `size` (the space's evaluation size where it is None)."""
    costs = edge_costs(genotype.space, size, image_size, classes)
    population = Population.of(genotype.space, [genotype])
    return Cost(*(int(costs[name].of(population)[0]) for name in ("params", "macs")))


@lru_cache(maxsize=64)
def _summed_costs(space: SearchSpace, size: Size, image_size: int, classes: int) -> tuple[Cost, NDArray[np.object_]]:
    """Return the cost of what every network has, and of every candidate, `(cell types, edges, operations)`."""
    base = NO_COST
    table = np.full((len(space.cell_types), len(space.edges), len(space.operations)), NO_COST)
    for part, candidate in network_parts(space, size, image_size, classes):
        if candidate is None:
            base += part_cost(part)
        else:
            table[candidate] += part_cost(part)
    return base, table


def part_cost(part: NetworkPart) -> Cost:
    """Return the cost of a part of a network; sums and concatenations are free."""
    match part:
        case LayerStack():
            return layers_cost(part.layers or (), part.c_in, part.c_out, part.size, part.stride)[0]
        case NodeAggregation():
            return NO_COST
        case ClassifierHead():
            head, _ = layers_cost(part.layers, part.channels, part.features, part.size, 1)
            return head + Cost((part.features + 1) * part.classes, part.features * part.classes)
        case _:
            assert_never(part)


def cost_report(genotype: Genotype) -> dict[str, Any]:
    """Return the cost at the evaluation size and at the search size, as in the JSON of a search result."""
    space = genotype.space
    evaluation = network_cost(genotype)
    search = network_cost(genotype, space.search_size)
    return {
        "params": evaluation.params,
        "macs": evaluation.macs,
        **space.evaluation_size._asdict(),
        "image_size": IMAGE_SIZE,
        "classes": CLASSES,
        "at_search_size": {"params": search.params, "macs": search.macs, **space.search_size._asdict()},
    }
