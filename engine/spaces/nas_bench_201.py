"""NAS-Bench-201 (Dong & Yang, ICLR 2020): one cell of four nodes and six edges, five operations, 15,625 cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from engine.common.errors import quoted
from engine.operations.layers import Conv, Layer, Norm, Relu
from engine.spaces.base import SearchSpace
from engine.spaces.entries import RESIDUAL_BLOCK
from engine.spaces.plan import CellPlan, Edge, Gene, Plan, Range, Size


@dataclass(frozen=True)
class NasBench201(SearchSpace):
    """The space of NAS-Bench-201; `Size.cells` counts the cells of each of the three stages."""

    notation_form = "nas-bench-201"
    notation_start = r"\|"
    notation_hint = "'|' (NAS-Bench-201)"
    notation_pattern = r"^\|[^+]*\|\+\|[^+]*\|\+\|[^+]*\|$"

    @property
    def planner(self) -> partial[Plan]:
        return partial(nas_bench_201_plan, residual_block=RESIDUAL_BLOCK)

    def notation(self, cells: Mapping[str, Sequence[Gene]]) -> str:
        nodes: dict[int, str] = {}
        for gene in cells["cell"]:
            nodes[gene.target] = nodes.get(gene.target, "|") + f"{gene.operation}~{gene.source}|"
        return "+".join(nodes[target] for target in sorted(nodes))

    def parse(self, text: str) -> Mapping[str, Sequence[Gene]]:
        genes = []
        groups = text.strip().split("+")
        if len(groups) != 3:
            raise ValueError(f"a NAS-Bench-201 cell has 3 nodes joined by '+', this text has {len(groups)}")
        for target, group in enumerate(groups, start=1):
            if len(group) < 2 or group[0] != "|" or group[-1] != "|":
                raise ValueError(f"node {target}: {quoted(group)} must begin and end with '|'")
            items = group[1:-1].split("|")
            if len(items) != target:
                raise ValueError(f"node {target}: {target} incoming edges expected, {len(items)} found")
            genes += [_gene(item, source, target) for source, item in enumerate(items)]
        return {"cell": genes}


def nas_bench_201_plan(size: Size, *, residual_block: tuple[Layer, ...]) -> Plan:
    """Plan three stages of `size.cells` cells; a residual block before the second and third doubles the channels."""
    cells = []
    channels = size.channels
    for stage in range(3):
        for index in range(size.cells):
            if stage and not index:
                cells.append(CellPlan("cell", 2 * channels, ((channels, residual_block),), (2,)))
                channels *= 2
            else:
                cells.append(CellPlan("cell", channels, ((channels, ()),), (1,)))
    return Plan((Conv(3), Norm()), size.channels, tuple(cells), (Norm(), Relu()), channels)


def _gene(item: str, source: int, target: int) -> Gene:
    operation, tilde, origin = item.partition("~")
    if not tilde:
        raise ValueError(f"edge {source}→{target}: {quoted(item)} has no '~' between operation and node")
    if origin != str(source):
        raise ValueError(f"edge {source}→{target}: source {quoted(origin)} found, '{source}' expected")
    return Gene(source, target, operation)


SPACE = NasBench201(
    name="nas-bench-201",
    title="NAS-Bench-201",
    summary="one cell type, 4 nodes, 6 edges, 5 operations",
    source="Dong & Yang, ICLR 2020, arXiv 2001.00326",
    cell_types=("cell",),
    input_nodes=("0",),
    nodes=4,
    edges=tuple(Edge(source, target) for target in range(1, 4) for source in range(target)),
    operations=("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"),
    search_size=Size(channels=16, cells=5),
    evaluation_size=Size(channels=16, cells=5),
    cells_meaning="cells in each of the three stages",
    cells_range=Range(1, 100),
)
