"""What a search space is: a frozen description of cells, candidate operations and the network around them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from engine.layers import Layer

if TYPE_CHECKING:
    from engine.genotype import Genotype


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


@dataclass(frozen=True)
class CellPlan:
    """One cell of a network.

    `inputs` holds, for each input node, the channels that come in and the layers that bring them to `channels`;
    `input_stride` is the stride of those layers, `stride` that of the edges which leave an input node.
    """

    kind: str
    channels: int
    inputs: tuple[tuple[int, tuple[Layer, ...]], ...]
    input_stride: tuple[int, ...]
    stride: int = 1


@dataclass(frozen=True)
class Plan:
    """A whole network: stem (3 to `stem_channels`), cells, head (ends in global average pooling and a linear map)."""

    stem: tuple[Layer, ...]
    stem_channels: int
    cells: tuple[CellPlan, ...]
    head: tuple[Layer, ...]
    head_channels: int


@dataclass(frozen=True)
class SearchSpace(ABC):
    """A cell-based search space.

    `edges` are listed by target node; `operations` are the candidates on every edge, in the order of every table;
    `kept_edges` is how many incoming edges a node keeps in a genotype (all where it is None); `normalised_pooling`
    says whether the supernet has a batch norm behind its poolings.
    """

    name: str
    title: str
    summary: str
    source: str
    cell_types: tuple[str, ...]
    input_nodes: tuple[str, ...]
    nodes: int
    edges: tuple[Edge, ...]
    operations: tuple[str, ...]
    search_size: Size
    evaluation_size: Size
    cells_meaning: str
    cells_range: Range
    kept_edges: int | None = None
    normalised_pooling: bool = False
    concatenated: tuple[int, ...] = ()

    @abstractmethod
    def plan(self, size: Size) -> Plan:
        """The network of this space at `size`."""

    @abstractmethod
    def notation(self, genotype: Genotype) -> str:
        """The field's own text for `genotype`."""

    @abstractmethod
    def parse(self, text: str) -> Mapping[str, Sequence[Gene]]:
        """The cells written in `text`; `ValueError` names the place of the error."""

    @property
    def inputs(self) -> int:
        """How many input nodes a cell has; they come first."""
        return len(self.input_nodes)

    @property
    def outputs(self) -> tuple[int, ...]:
        """The nodes whose features, concatenated, are the output of a cell."""
        return self.concatenated or (self.nodes - 1,)

    def node_name(self, node: int) -> str:
        """The name of `node` in tables and pictures."""
        return self.input_nodes[node] if node < self.inputs else str(node)

    def edge_name(self, edge: Edge) -> str:
        """The name of `edge` in tables and pictures, such as `0→2`."""
        return f"{self.node_name(edge.source)}→{self.node_name(edge.target)}"

    def incoming(self) -> list[list[int]]:
        """For every node that is no input, the places of the edges into it."""
        edges = list(enumerate(self.edges))
        return [[index for index, edge in edges if edge.target == node] for node in range(self.inputs, self.nodes)]

    def architectures(self) -> int:
        """How many genotypes the space holds: each cell type independently, `none` only where genotypes may hold it."""
        per_cell = 1
        for incoming in self.incoming():
            per_cell *= _choices(len(incoming), self.kept_edges, len(self.genotype_operations))
        return int(per_cell ** len(self.cell_types))

    @property
    def genotype_operations(self) -> tuple[str, ...]:
        """The operations that may stand in a genotype: a space that drops edges has no need of `none`."""
        if self.kept_edges is None:
            return self.operations
        return tuple(name for name in self.operations if name != "none")


def _choices(incoming: int, kept: int | None, operations: int) -> int:
    from math import comb

    count = incoming if kept is None else kept
    return comb(incoming, count) * int(operations**count)
