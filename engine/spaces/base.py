"""What a search space is: a frozen description of cells, candidate operations and the network around them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial, reduce
from itertools import count as counted
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.operations.layers import strided
from engine.operations.registry import get_operation
from engine.spaces.plan import CellPlan, Edge, Gene, Plan, Range, Size


@dataclass(frozen=True)
class SearchSpace(ABC):
    """A search space of cells, or of one network whose layers are the edges of a single cell type.

    `edges` are listed by target node; `operations` are those on any edge, in the order of every table, and
    `edge_operations` the candidates by cell type and edge, where not all of them stand on every edge. `kept_edges` is
    how many incoming edges a node keeps in a genotype: every node as many, or each its own number, those that are no
    inputs in order; all where it is None. `normalised_pooling` says whether the
    supernet has a batch norm behind its poolings. Spaces of the same `notation_form` write genotypes alike; texts of
    the space that it is named after begin with the pattern `notation_start`, which `notation_hint` says in words.
    `cell_noun` and `edge_noun` are what texts call a cell and an edge.
    """

    notation_form: ClassVar[str]
    notation_start: ClassVar[str]
    notation_hint: ClassVar[str]
    cell_noun: ClassVar[str] = "cell"
    edge_noun: ClassVar[str] = "edge"
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
    kept_edges: int | tuple[int, ...] | None = None
    normalised_pooling: bool = False
    concatenated: tuple[int, ...] = ()
    edge_operations: tuple[tuple[tuple[str, ...], ...], ...] = ()

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

    def node_label(self, node: int) -> str:
        """What stands on `node` in a picture."""
        return self.node_name(node)

    def edge_label(self, edge: Edge) -> str:
        """What stands on `edge` in a picture before its operation, if anything."""
        return ""

    def row(self, node: int) -> int | None:
        """The row of a picture that `node` stands in, where rows take turns to run to the right and to the left."""
        return None

    def edge_name(self, edge: Edge) -> str:
        """The name of `edge` in tables and pictures, such as `0→2`."""
        return f"{self.node_name(edge.source)}→{self.node_name(edge.target)}"

    def inside(self, plan: CellPlan) -> dict[int, Edge]:
        """The edges in a cell, by their places in the tables, between the numbers of its own nodes."""
        return dict(enumerate(self.edges)) if plan.layer is None else {plan.layer: Edge(0, 1)}

    def incoming(self) -> list[list[int]]:
        """For every node that is no input, the places of the edges into it."""
        edges = list(enumerate(self.edges))
        return [[index for index, edge in edges if edge.target == node] for node in range(self.inputs, self.nodes)]

    @cached_property
    def kept(self) -> tuple[int, ...]:
        """For every node that is no input, how many of the edges into it a genotype keeps."""
        if isinstance(self.kept_edges, tuple):
            return self.kept_edges
        return tuple(self.kept_edges or len(edges) for edges in self.incoming())

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

    def check_normalised(self, size: Size, image_size: int) -> None:
        """`ValueError` where a single pixel is left of one image, of which batch norm leaves nothing."""
        plan = self.plan(size)
        strides = [plan.stem_stride, *(cell.input_stride[-1] * cell.stride for cell in plan.cells)]
        if reduce(strided, strides, image_size) < 2:
            least = next(pixels for pixels in counted(image_size, 4) if reduce(strided, strides, pixels) > 1)
            raise ValueError(
                f"normalisation 'batch' of one image needs 2 pixels a side, and image_size {image_size} leaves 1 at "
                f"the end of {self.name}; take {least} or more"
            )

    def architectures(self) -> int:
        """How many genotypes the space holds, each cell type and each node independently."""
        found = 1
        for counts in self.genotype_candidates.sum(axis=2).tolist():
            for incoming, kept in zip(self.incoming(), self.kept, strict=True):
                found *= _choices([counts[edge] for edge in incoming], kept)
        return found

    @property
    def no_closed_form(self) -> str | None:
        """Why there is no closed form for this space, in a sentence; None where there is one."""
        for name in self.operations:
            if get_operation(name).random:
                return f"{self.title} has no closed form: the maps that '{name}' passes are not constant"
        return None

    @property
    def genotype_operations(self) -> tuple[str, ...]:
        """The operations that may stand in a genotype: a space that drops edges has no need of `none`."""
        if self.kept_edges is None:
            return self.operations
        return tuple(name for name in self.operations if name != "none")


def _choices(counts: Sequence[int], kept: int) -> int:
    """In how many ways `kept` of some edges get one of their `counts` operations each."""
    ways = [1] + [0] * kept
    for count in counts:
        for size in range(len(ways) - 1, 0, -1):
            ways[size] += ways[size - 1] * count
    return ways[-1]
