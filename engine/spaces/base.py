"""Search spaces: frozen descriptions of cells, candidate operations and the network around them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial, reduce
from itertools import compress
from itertools import count as counted
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.operations.layers import strided
from engine.operations.registry import get_operation
from engine.spaces.plan import CellPlan, Edge, Gene, Plan, Range, Size


@dataclass(frozen=True)
class SearchSpace(ABC):
    """A search space of cells, or of one network whose layers are the edges of a single cell type."""

    notation_form: ClassVar[str]  # the notation of its genotypes, which several spaces may share
    notation_start: ClassVar[str]  # a pattern that texts in the notation begin with
    notation_hint: ClassVar[str]  # that pattern in words
    notation_pattern: ClassVar[str] = ""  # a pattern of whole texts, for the JSON Schema of genotypes
    cell_noun: ClassVar[str] = "cell"  # the word for a cell in texts
    edge_noun: ClassVar[str] = "edge"  # the word for an edge in texts
    parallel_edges: ClassVar[bool] = True  # a node that keeps some of its edges may have one of them several times
    name: str
    title: str
    summary: str
    source: str
    cell_types: tuple[str, ...]
    input_nodes: tuple[str, ...]  # their names; they come first among the nodes
    nodes: int
    edges: tuple[Edge, ...]  # by target node
    operations: tuple[str, ...]  # all that stand on any edge, in the order of every table
    search_size: Size
    evaluation_size: Size
    cells_meaning: str  # the cells that `Size.cells` counts
    cells_range: Range
    kept_edges: int | tuple[int, ...] | None = None  # incoming edges that a genotype keeps: of every node, or by node
    normalised_pooling: bool = False  # the supernet has a batch norm behind its poolings
    concatenated: tuple[int, ...] = ()  # the nodes that the output of a cell is made of; the last node if empty
    edge_operations: tuple[tuple[tuple[str, ...], ...], ...] = ()  # by cell type and edge, where they differ

    @property
    @abstractmethod
    def planner(self) -> partial[Plan]:
        """Return the function that plans a network of a given size, with the constants of this space as keywords.

        A pure function at the top of its module, of layers and the types of `engine.spaces.plan` alone: the source of
        an exported network holds its definition as it stands, and these constants.
        """

    def plan(self, size: Size) -> Plan:
        """Return the plan of the network of this space at `size`."""
        return self.planner(size)

    @abstractmethod
    def notation(self, cells: Mapping[str, Sequence[Gene]]) -> str:
        """Write the `cells` of a genotype as the field does."""

    @abstractmethod
    def parse(self, text: str) -> Mapping[str, Sequence[Gene]]:
        """Read the genes of every cell type from a notation; `ValueError` names the place of the error."""

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str | dict[str, Any]:
        """Return the value that stands for the space in JSON: its name, or the document of an own one."""
        return self.name

    @property
    def inputs(self) -> int:
        """Return the number of input nodes of a cell."""
        return len(self.input_nodes)

    @property
    def outputs(self) -> tuple[int, ...]:
        """Return the nodes whose features, concatenated, are the output of a cell."""
        return self.concatenated or (self.nodes - 1,)

    @cached_property
    def layered(self) -> bool:
        """Return True for a space of chains of layers, whose edges are one layer each."""
        return self.plan(self.search_size).cells[0].layer is not None

    def node_name(self, node: int) -> str:
        """Return the name of a node in tables and pictures."""
        return self.input_nodes[node] if node < self.inputs else str(node)

    def node_label(self, node: int) -> str:
        """Return the text on a node in a picture."""
        return self.node_name(node)

    def edge_label(self, edge: Edge) -> str:
        """Return the text on an edge in a picture before its operation, if any."""
        return ""

    def picture_row(self, node: int) -> int | None:
        """Return the row of a node in pictures of several rows, which run to the right and to the left in turn."""
        return None

    def edge_name(self, edge: Edge) -> str:
        """Return the name of an edge in tables and pictures, such as `0→2`."""
        return f"{self.node_name(edge.source)}→{self.node_name(edge.target)}"

    def local_edges(self, plan: CellPlan, multiplicity: int = 1) -> dict[int, Edge]:
        """Return the edges of one cell between its own nodes, by their places in tables with so many of every edge."""
        return dict(enumerate(self.edges * multiplicity)) if plan.layer is None else {plan.layer: Edge(0, 1)}

    def incoming(self) -> list[list[int]]:
        """Return the places of the edges into every node that is no input."""
        edges = list(enumerate(self.edges))
        return [[index for index, edge in edges if edge.target == node] for node in range(self.inputs, self.nodes)]

    @cached_property
    def kept_counts(self) -> tuple[int, ...]:
        """Return the number of edges that a genotype keeps into every node that is no input."""
        if isinstance(self.kept_edges, tuple):
            return self.kept_edges
        return tuple(self.kept_edges or len(edges) for edges in self.incoming())

    @cached_property
    def multiplicity(self) -> int:
        """Return the most times that an architecture may have an edge; a search answers with none twice."""
        return max(self.kept_counts) if self.parallel_edges and self.kept_edges is not None else 1

    @cached_property
    def candidates(self) -> NDArray[np.bool_]:
        """Return the mask of operations that stand on edges, `(cell types, edges, operations)`, read-only."""
        everywhere = ((self.operations,) * len(self.edges),) * len(self.cell_types)
        listed = self.edge_operations or everywhere
        mask = np.array([[[name in names for name in self.operations] for names in edges] for edges in listed])
        mask.flags.writeable = False
        return mask

    @cached_property
    def genotype_candidates(self) -> NDArray[np.bool_]:
        """Return the mask of candidates that searches choose from, `(cell types, edges, operations)`, read-only."""
        mask = self.candidates & np.isin(self.operations, self.genotype_operations)
        mask.flags.writeable = False
        return mask

    @cached_property
    def genotype_choices(self) -> Mapping[tuple[str, Edge], tuple[str, ...]]:
        """Return the names of the operations that searches choose from, by cell type and edge."""
        return self._names(self.genotype_candidates)

    @cached_property
    def candidate_names(self) -> Mapping[tuple[str, Edge], tuple[str, ...]]:
        """Return the names of the operations that architectures may have, by cell type and edge."""
        return self._names(self.candidates)

    def _names(self, mask: NDArray[np.bool_]) -> Mapping[tuple[str, Edge], tuple[str, ...]]:
        return {
            (kind, edge): tuple(compress(self.operations, row))
            for kind, rows in zip(self.cell_types, mask.tolist(), strict=True)
            for edge, row in zip(self.edges, rows, strict=True)
        }

    def check_normalised(self, size: Size, image_size: int) -> None:
        """Raise `ValueError` where a single pixel is left of one image, of which batch norm leaves nothing."""
        plan = self.plan(size)
        strides = [plan.stem_stride, *(cell.input_stride[-1] * cell.stride for cell in plan.cells)]
        if reduce(strided, strides, image_size) < 2:
            least = next(pixels for pixels in counted(image_size, 4) if reduce(strided, strides, pixels) > 1)
            raise ValueError(
                f"normalisation 'batch' of one image needs 2 pixels a side, and image_size {image_size} leaves 1 at "
                f"the end of {self.name}; take {least} or more"
            )

    def architectures(self) -> int:
        """Count the genotypes that searches choose from; cell types and nodes are independent."""
        count = 1
        for counts in self.genotype_candidates.sum(axis=2).tolist():
            for incoming, kept in zip(self.incoming(), self.kept_counts, strict=True):
                count *= _ways([counts[edge] for edge in incoming], kept)
        return count

    @property
    def no_closed_form(self) -> str | None:
        """Return the reason why the space has no closed form, in a sentence; None where it has one."""
        for name in self.operations:
            if get_operation(name).random:
                return f"{self.title} has no closed form: the maps that '{name}' passes are not constant"
        return None

    @property
    def genotype_operations(self) -> tuple[str, ...]:
        """Return the operations that searches choose from: all, without `none` where edges are dropped anyway."""
        if self.kept_edges is None:
            return self.operations
        return tuple(name for name in self.operations if name != "none")


def _ways(counts: Sequence[int], kept: int) -> int:
    """Count the ways to keep `kept` edges, each with one of its `counts` operations."""
    ways = [1] + [0] * kept
    for count in counts:
        for size in range(len(ways) - 1, 0, -1):
            ways[size] += ways[size - 1] * count
    return ways[-1]
