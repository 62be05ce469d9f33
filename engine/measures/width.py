"""Effective width, in closed form: the capacity of the live edges over the depth that a signal really meets.

No seed, no weights, no images. A *block* is a run of layers up to a batch norm, and its capacity √(weights / C²), with
the C channels of its cell: 1 for a 1x1 convolution, 3 for a 3x3 one, about 2 for a separable one. A sums the capacities
on the live edges (`engine.measures.live`) and of the layers before the input nodes of the last cell, each a mean over
the cells of a network. F is 1 at an input node, and at another the mean over its live edges of g times the F before
them, g = 1 for an identity and 1/e for any other operation: flow with unit gains, averaged at nodes as batch norm does.
D is the mean over the live output nodes, and over the cells, of -log F. **width = A / (1 + D)**.

The form was fixed after some 48 settings had been looked at on NAS-Bench-201 (all 15,625 cells, CIFAR-10) and on 363
DARTS genotypes of the NAS-Bench-301 surrogate, so its figures there flatter it. On 1,000 small DARTS cells that were
trained it ranks worse than counting parameters: 0.74 against 0.82. Chains of layers were never tried.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.common.ties import Rounding
from engine.genotypes.population import ABSENT, Population
from engine.measures.base import Measure, MeasureSetting
from engine.measures.live import effective_operations
from engine.operations.layers import Conv, Layer, Norm, Reduce, Residual
from engine.operations.registry import get_operation
from engine.spaces import CellPlan, SearchSpace, Size

WIDTH_ROUNDING = Rounding(relative=1e-12)
"""The precision of a width: sums of a few dozen numbers in float64, which may stand in another order."""


class EdgeTraits(NamedTuple):
    """What the operations on the edges of a cell type add, `(edges, operations + 1)` each; the last, `ABSENT`, nothing.

    `share` is that of the cells of this type among all cells of a network.
    """

    share: float
    capacities: NDArray[np.float64]
    gains: NDArray[np.float64]


def width(population: Population, setting: MeasureSetting) -> NDArray[np.float64]:
    """Return A / (1 + D) of every architecture, -inf where nothing flows; `ValueError` for a space of layers."""
    space = population.space
    MEASURE.check_fits(space)
    entry, types = _traits(space)
    capacity, depth = np.full(len(population), entry), np.zeros(len(population))
    for traits, operations in zip(types, effective_operations(population), strict=True):
        sets = operations.T.reshape(-1, len(space.edges), len(population))
        capacity += traits.share * traits.capacities[np.arange(len(space.edges))[:, None], sets].sum((0, 1))
        depth += traits.share * _depth(space, traits.gains, sets)
    return np.where(np.isinf(depth), -np.inf, capacity / (1 + depth))


def _depth(space: SearchSpace, gains: NDArray[np.float64], sets: NDArray[np.int8]) -> NDArray[np.float64]:
    """Return D of cells, inf where nothing flows, from their live operations `(sets, edges, cells)`."""
    count = sets.shape[2]
    flows = [np.ones(count)] * space.inputs
    for incoming in space.incoming():
        total, edges = np.zeros(count), np.zeros(count)
        for edge in incoming:
            for operations in sets[:, edge]:
                total += gains[edge][operations] * flows[space.edges[edge].source]
                edges += operations != ABSENT
        flows.append(total / np.maximum(edges, 1))
    outputs = np.stack([flows[node] for node in space.outputs])
    live = outputs > 0
    logs = np.log(outputs, out=np.zeros_like(outputs), where=live)
    return np.where(live.any(0), -logs.sum(0) / np.maximum(live.sum(0), 1), np.inf)


@lru_cache(maxsize=64)
def _traits(space: SearchSpace) -> tuple[float, tuple[EdgeTraits, ...]]:
    """Return the capacity before the input nodes of a cell, and the traits of the edges of every cell type.

    Cells are as wide as at evaluation and as many as at search, as in networks of NAS-Bench-301.
    """
    cells = space.plan(Size(space.evaluation_size.channels, space.search_size.cells)).cells
    last = cells[-1]
    entry = sum(capacity(layers, c_in, last.input_channels, last.channels) for c_in, layers in last.inputs)
    kinds = [[cell for cell in cells if cell.kind == kind] for kind in space.cell_types]
    return entry, tuple(_type_traits(space, of_kind, len(of_kind) / len(cells)) for of_kind in kinds)


def _type_traits(space: SearchSpace, cells: Sequence[CellPlan], share: float) -> EdgeTraits:
    """Return the traits of the edges of one cell type, capacities and log gains as means over its cells."""
    capacities = np.zeros((len(space.edges), len(space.operations) + 1))
    log_gains = np.full_like(capacities, -np.inf)
    candidates = space.candidates[space.cell_types.index(cells[0].kind)]
    for edge, index in np.argwhere(candidates).tolist():
        operation = get_operation(space.operations[index])
        if operation.zero:
            continue
        shapes = [cell.edge_shape(space.edges[edge].source) for cell in cells]
        layers = [operation.at(shape.stride, shape.c_in == shape.c_out) for shape in shapes]
        capacities[edge, index] = np.mean(
            [
                capacity(some, shape.c_in, shape.c_out, cell.channels)
                for some, shape, cell in zip(layers, shapes, cells, strict=True)
            ]
        )
        log_gains[edge, index] = -np.mean([bool(some) for some in layers])
    return EdgeTraits(share, capacities, np.exp(log_gains))


def capacity(layers: Sequence[Layer], c_in: int, c_out: int, channels: int) -> float:
    """Return the sum of √(weights / C²) over the blocks of some layers, C being the `channels` of their cell."""
    return sum(math.sqrt(weights) / channels for weights in _block_weights(layers, c_in, c_out))


def _block_weights(layers: Sequence[Layer], c_in: int, c_out: int) -> Iterator[int]:
    """Yield the weights of every block; both branches of a residual block have blocks of their own."""
    weights, channels = 0, c_in
    for layer in layers:
        match layer:
            case Conv():
                after = layer.widens(channels, c_out)
                weights += after * (1 if layer.depthwise else channels) * layer.kernel**2
                channels = after
            case Reduce():
                weights, channels = weights + channels * c_out, c_out
            case Residual():
                for branch in (layer.main, layer.shortcut):
                    yield from _block_weights(branch, channels, c_out)
                channels = c_out
            case Norm():
                yield weights
                weights = 0
            case _:
                pass
    yield weights


MEASURE = Measure(
    name="width",
    title="Effective width",
    unit="A / (1 + D)",
    summary="capacities √(weights / C²) of the blocks on live edges, over 1 + the depth that a signal meets; chosen on "
    "NAS-Bench-201 and 363 DARTS genotypes, and behind the parameter count on small DARTS cells that were trained",
    source="ours",
    of=width,
    rounding=WIDTH_ROUNDING,
    cells_only=True,
)
