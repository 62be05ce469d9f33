"""What a search space is: a frozen description of cells, candidate operations and the network around them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.layers import Layer
from engine.operations import operation

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

    `edges` are listed by target node; `operations` are those on any edge, in the order of every table, and
    `edge_operations` the candidates by cell type and edge, where not all of them stand on every edge. `kept_edges` is
    how many incoming edges a node keeps in a genotype (all where it is None); `normalised_pooling` says whether the
    supernet has a batch norm behind its poolings. Spaces of the same `notation_form` write genotypes alike.
    """

    notation_form: ClassVar[str]
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
    edge_operations: tuple[tuple[tuple[str, ...], ...], ...] = ()

    @abstractmethod
    def plan(self, size: Size) -> Plan:
        """The network of this space at `size`."""

    @abstractmethod
    def notation(self, genotype: Genotype) -> str:
        """The field's own text for `genotype`."""

    @abstractmethod
    def parse(self, text: str) -> Mapping[str, Sequence[Gene]]:
        """The cells written in `text`; `ValueError` names the place of the error."""

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str | dict[str, Any]:
        """What stands for the space in JSON: its name, or the document that describes it."""
        return self.name

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

    @cached_property
    def candidates(self) -> NDArray[np.bool_]:
        """Which operations stand on which edges, `(cell types, edges, operations)`; read-only."""
        everywhere = ((self.operations,) * len(self.edges),) * len(self.cell_types)
        listed = self.edge_operations or everywhere
        mask = np.array([[[name in names for name in self.operations] for names in edges] for edges in listed])
        mask.flags.writeable = False
        return mask

    @cached_property
    def genotype_candidates(self) -> NDArray[np.bool_]:
        """Which of the candidates may stand in a genotype, `(cell types, edges, operations)`; read-only."""
        mask = self.candidates & np.isin(self.operations, self.genotype_operations)
        mask.flags.writeable = False
        return mask

    @cached_property
    def choices(self) -> Mapping[tuple[str, Edge], tuple[str, ...]]:
        """The operations that may stand in a genotype, by cell type and edge."""
        allowed = self.genotype_candidates.tolist()
        return {
            (kind, edge): tuple(name for name, there in zip(self.operations, row, strict=True) if there)
            for kind, rows in zip(self.cell_types, allowed, strict=True)
            for edge, row in zip(self.edges, rows, strict=True)
        }

    def architectures(self) -> int:
        """How many genotypes the space holds, each cell type and each node independently."""
        found = 1
        for counts in self.genotype_candidates.sum(axis=2).tolist():
            for incoming in self.incoming():
                found *= _choices([counts[edge] for edge in incoming], self.kept_edges)
        return found

    @property
    def no_closed_form(self) -> str | None:
        """Why there is no closed form for this space, in a sentence; None where there is one."""
        for name in self.operations:
            if operation(name).random:
                return f"{self.title} has no closed form: the maps that '{name}' passes are not constant"
        return None

    @property
    def genotype_operations(self) -> tuple[str, ...]:
        """The operations that may stand in a genotype: a space that drops edges has no need of `none`."""
        if self.kept_edges is None:
            return self.operations
        return tuple(name for name in self.operations if name != "none")


def _choices(counts: Sequence[int], kept: int | None) -> int:
    """In how many ways `kept` of some edges (all where it is None) get one of their `counts` operations each."""
    ways = [1] + [0] * (len(counts) if kept is None else kept)
    for count in counts:
        for size in range(len(ways) - 1, 0, -1):
            ways[size] += ways[size - 1] * count
    return ways[-1]
