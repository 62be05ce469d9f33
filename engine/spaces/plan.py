"""The plan of a network: its cells, the layers that lead into them, and those around them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from engine.operations.layers import Layer


class Edge(NamedTuple):
    """A directed edge of a cell, between two nodes."""

    source: int
    target: int


class Gene(NamedTuple):
    """An edge with the operation chosen for it."""

    source: int
    target: int
    operation: str


class Size(NamedTuple):
    """The size of a network: channels of the first cells, cells (a stage, or in all)."""

    channels: int
    cells: int


class Range(NamedTuple):
    """Allowed whole numbers, both ends included."""

    low: int
    high: int


class EdgeShape(NamedTuple):
    """The channels on either side of an edge, and its stride."""

    c_in: int
    c_out: int
    stride: int

    @property
    def changes(self) -> bool:
        """Return True where size or width changes along the edge."""
        return self.stride > 1 or self.c_in != self.c_out


@dataclass(frozen=True)
class CellPlan:
    """One cell of a network, or one of its layers.

    `inputs` holds, for each input node, the channels that come in and the layers that bring them to `entered`
    (`channels`, those of all nodes, where it is None); `input_stride` is the stride of those layers, `stride` that of
    the edges that leave an input node. Where `layer` is an edge of the space, the cell consists of that edge alone.
    """

    kind: str
    channels: int
    inputs: tuple[tuple[int, tuple[Layer, ...]], ...]
    input_stride: tuple[int, ...]
    stride: int = 1
    entered: int | None = None
    layer: int | None = None

    @property
    def input_channels(self) -> int:
        """Return the channels of an input node."""
        return self.channels if self.entered is None else self.entered

    def edge_shape(self, source: int) -> EdgeShape:
        """Return the shape of an edge that leaves the node `source` of this cell."""
        if source < len(self.inputs):
            return EdgeShape(self.input_channels, self.channels, self.stride)
        return EdgeShape(self.channels, self.channels, 1)

    def local_genes(self, genes: Sequence[Gene]) -> tuple[Gene, ...]:
        """Return the genes of this cell, renumbered to its own nodes.

        A cell has all genes of its type; a layer has one, as 0 → 1.
        """
        if self.layer is None:
            return tuple(genes)
        return tuple(Gene(0, 1, gene.operation) for gene in genes if gene.source == self.layer)

    def local_outputs(self, outputs: Sequence[int]) -> tuple[int, ...]:
        """Return the output nodes of this cell, from those of the space."""
        return tuple(outputs) if self.layer is None else (1,)


@dataclass(frozen=True)
class Plan:
    """A whole network: stem (3 to `stem_channels`), cells, head (ends in global average pooling and a linear map).

    The head goes from `head_channels` to `features` (as many where it is None), which are pooled and classified.
    """

    stem: tuple[Layer, ...]
    stem_channels: int
    cells: tuple[CellPlan, ...]
    head: tuple[Layer, ...]
    head_channels: int
    features: int | None = None
    stem_stride: int = 1

    def repeats(self, kind: str) -> int:
        """Return in how many cells an edge of a cell type stands; a layer stands in one, its own."""
        return sum(cell.kind == kind for cell in self.cells if cell.layer in (None, 0))

    @property
    def classified(self) -> int:
        """Return the channels that are pooled and classified."""
        return self.head_channels if self.features is None else self.features


Features = TypeVar("Features")
Place = TypeVar("Place")


def walk(
    cells: Iterable[Place],
    states: Sequence[Features],
    run_cell: Callable[[Place, Sequence[Features]], Features],
    rescale: Callable[[Sequence[Features]], Sequence[Features]] = list,
) -> list[Features]:
    """Run cells one after the other, each on the features of the last ones before it, and return the last features.

    `states` are what the first cell takes, one for each of its input nodes; all cells have as many. `rescale` takes the
    features after a cell and returns what the next one takes.
    """
    states = list(states)
    for cell in cells:
        states = list(rescale([*states[1:], run_cell(cell, states)]))
    return states
