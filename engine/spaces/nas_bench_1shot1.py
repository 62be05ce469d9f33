"""The three spaces of NAS-Bench-1Shot1 (Zela, Siems & Hutter, ICLR 2020): cells of choice blocks with chosen parents.

A block is two nodes: into the first lead the edges from its parents, from the first to the second the edge with its
operation. Edges from the input are 1x1 convolutions, as every block of NAS-Bench-101 has one for it. How many parents a
block and the output have are those of the authors' code. Networks are three stacks of cells with max pooling between.
Two things differ from NAS-Bench-101, so that its published costs are not those of these networks: blocks have the full
width of their cell, and the output is the sum of its parents, where it divides the width among them and concatenates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from engine.common.errors import quoted
from engine.operations.layers import Conv, Layer, Norm, Pool, Relu
from engine.spaces.base import SearchSpace
from engine.spaces.plan import CellPlan, Edge, Gene, Plan, Range, Size

DOWN: tuple[Layer, ...] = (Pool("max", kernel=2),)
"""The layers before the first cell of the second and of the third stack."""
_SKIP, _PROJECTION = "skip_connect", "conv1x1_bn_relu"
_BLOCK = (_PROJECTION, "conv3x3_bn_relu", "max_pool_3x3")
_PARENTS = ((1, 2, 2, 2, 2), (1, 1, 2, 2, 3), (1, 1, 1, 2, 2, 2))
_ITEM = re.compile(r"(\w+)\(([0-9](?:,[0-9])*)\)")


@dataclass(frozen=True)
class NasBench1Shot1(SearchSpace):
    """A space of NAS-Bench-1Shot1; `Size.cells` counts the cells of each of the three stacks."""

    parallel_edges = False
    notation_form = "nas-bench-1shot1-1"
    notation_start = r"\w+\([0-9]\) "
    notation_hint = "'conv3x3_bn_relu(0) ' (NAS-Bench-1Shot1)"
    notation_pattern = r"^([a-z0-9_]+\([0-5](,[0-5])*\) ){4,5}output\([0-5](,[0-5])*\)$"

    @property
    def planner(self) -> partial[Plan]:
        return partial(nas_bench_1shot1_plan, down=DOWN)

    def notation(self, cells: Mapping[str, Sequence[Gene]]) -> str:
        parents: dict[int, list[str]] = {}
        chosen: dict[int, str] = {self.nodes - 1: "output"}
        for source, target, operation in cells["cell"]:
            if target % 2:
                parents.setdefault(target, []).append(str(source // 2))
            else:
                chosen[source] = operation
        return " ".join(f"{chosen[node]}({','.join(parents[node])})" for node in sorted(parents))

    def parse(self, text: str) -> Mapping[str, Sequence[Gene]]:
        items = text.split()
        if len(items) != self.nodes // 2:
            raise ValueError(f"{self.nodes // 2 - 1} blocks and the output are expected, {len(items)} words found")
        return {"cell": [gene for block, item in enumerate(items, start=1) for gene in self._genes(block, item)]}

    def _genes(self, block: int, item: str) -> Iterator[Gene]:
        match = _ITEM.fullmatch(item)
        first, last = 2 * block - 1, self.nodes - 1
        if match is None or (match[1] == "output") != (first == last):
            raise ValueError(f"block {block}: {quoted(item)} is not written operation(parents), or output(parents)")
        for parent in sorted(map(int, match[2].split(","))):
            yield Gene(2 * parent, first, _SKIP if parent else _PROJECTION)
        if first < last:
            yield Gene(first, first + 1, match[1])

    def node_name(self, node: int) -> str:
        """Return `in`, `out`, the number of a block, or Σ and that number for the sum that enters it."""
        if node in (0, self.nodes - 1):
            return "out" if node else "in"
        return f"{(node + 1) // 2}" if node % 2 == 0 else f"Σ{(node + 1) // 2}"


def nas_bench_1shot1_plan(size: Size, *, down: tuple[Layer, ...]) -> Plan:
    """Plan three stacks of `size.cells` cells; `down` stands before the second and third, which double the channels."""
    cells = []
    before = channels = size.channels
    for stack in range(3):
        for index in range(size.cells):
            first = stack and not index
            channels *= 2 if first else 1
            inputs = ((before, down if first else ()),)
            cells.append(CellPlan("cell", channels, inputs, (2 if first else 1,), entered=before))
            before = channels
    return Plan((Conv(3), Norm(), Relu()), size.channels, tuple(cells), (), channels)


def _space(number: int, parents: tuple[int, ...]) -> NasBench1Shot1:
    blocks = len(parents) - 1
    edges: list[Edge] = []
    for block in range(1, blocks + 2):
        edges += [Edge(2 * parent, 2 * block - 1) for parent in range(block)]
        edges += [Edge(2 * block - 1, 2 * block)] if block <= blocks else []
    listed = (_BLOCK if source % 2 else (_SKIP,) if source else (_PROJECTION,) for source, _ in edges)
    kept = [count for parent in parents for count in (parent, 1)]
    return NasBench1Shot1(
        name=f"nas-bench-1shot1-{number}",
        title=f"NAS-Bench-1Shot1 S{number}",
        summary=f"one cell type, {blocks} choice blocks, {'+'.join(map(str, parents))} parents, 3 operations",
        source="Zela, Siems & Hutter, ICLR 2020, arXiv 2001.10422",
        cell_types=("cell",),
        input_nodes=("in",),
        nodes=2 * blocks + 2,
        edges=tuple(edges),
        operations=(_SKIP, *_BLOCK),
        search_size=Size(channels=16, cells=3),
        evaluation_size=Size(channels=128, cells=3),
        cells_meaning="cells in each of the three stacks",
        cells_range=Range(1, 100),
        kept_edges=tuple(kept[:-1]),
        edge_operations=(tuple(listed),),
    )


FAMILY = tuple(_space(number, parents) for number, parents in enumerate(_PARENTS, start=1))
