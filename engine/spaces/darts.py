"""The DARTS space (Liu et al., ICLR 2019): a normal and a reduction cell, 14 edges and 8 operations each."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from engine.common.errors import quoted
from engine.operations.layers import Conv, Layer, Norm
from engine.spaces.base import SearchSpace
from engine.spaces.entries import TO_CHANNELS, TO_HALF_SIZE
from engine.spaces.plan import CellPlan, Edge, Gene, Plan, Range, Size

_STEM_MULTIPLIER = 3


@dataclass(frozen=True)
class Darts(SearchSpace):
    """The space of DARTS; `Size.cells` counts all cells, two of which reduce the size."""

    notation_form = "darts"
    notation_start = "(?s:.{0,192})Genotype"
    notation_hint = "'Genotype(' (DARTS)"
    notation_pattern = r"^Genotype\(normal=.*\)$"

    @property
    def planner(self) -> partial[Plan]:
        return partial(
            darts_plan,
            stem_multiplier=_STEM_MULTIPLIER,
            concatenated=len(self.concatenated),
            to_channels=TO_CHANNELS,
            to_half_size=TO_HALF_SIZE,
        )

    def notation(self, cells: Mapping[str, Sequence[Gene]]) -> str:
        parts = []
        for kind in self.cell_types:
            genes = [(gene.operation, gene.source) for gene in cells[kind]]
            parts.append(f"{kind}={genes}, {kind}_concat=range(2, 6)")
        return f"Genotype({', '.join(parts)})"

    def parse(self, text: str) -> Mapping[str, Sequence[Gene]]:
        call = _parse_call(text)
        fields = {keyword.arg: keyword.value for keyword in call.keywords}
        expected = [name for kind in self.cell_types for name in (kind, f"{kind}_concat")]
        if call.args or len(call.keywords) != len(expected) or set(fields) != set(expected):
            raise ValueError(f"Genotype(...) takes exactly {', '.join(expected)}, each once and by name")
        for kind in self.cell_types:
            _check_concat(fields[f"{kind}_concat"], kind, self.concatenated)
        return {kind: _genes(fields[kind], kind) for kind in self.cell_types}


def darts_plan(
    size: Size,
    *,
    stem_multiplier: int,
    concatenated: int,
    to_channels: tuple[Layer, ...],
    to_half_size: tuple[Layer, ...],
) -> Plan:
    """Plan `size.cells` cells, those at one and at two thirds of them reductions, which double the channels.

    `to_channels` stands before the input nodes, `to_half_size` before the older one of a cell after a reduction;
    `concatenated` counts the nodes whose features are the output of a cell.
    """
    reductions = {size.cells // 3, 2 * size.cells // 3}
    channels = size.channels
    before = previous = stem = stem_multiplier * channels
    cells = []
    for index in range(size.cells):
        reduces, reduced = index in reductions, index - 1 in reductions
        channels *= 2 if reduces else 1
        cells.append(
            CellPlan(
                kind="reduce" if reduces else "normal",
                channels=channels,
                inputs=((before, to_half_size if reduced else to_channels), (previous, to_channels)),
                input_stride=(2 if reduced else 1, 1),
                stride=2 if reduces else 1,
            )
        )
        before, previous = previous, concatenated * channels
    return Plan((Conv(3), Norm()), stem, tuple(cells), (), previous)


def _at(node: ast.AST) -> str:
    return f"line {getattr(node, 'lineno', 1)}, column {getattr(node, 'col_offset', 0) + 1}"


def _parse_call(text: str) -> ast.Call:
    """Parse `Genotype(...)`, also behind a `NAME =`, into a syntax tree; nothing in it is evaluated."""
    text = re.sub(r"\A\s*[A-Za-z_]\w*\s*=\s*(?=Genotype\b)", "", text)
    try:
        with warnings.catch_warnings(action="ignore"):
            body = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        place = f"line {error.lineno}, column {error.offset}: " if error.lineno else ""
        raise ValueError(f"not a Genotype(...) text: {place}{error.msg.partition(';')[0]}") from None
    except (RecursionError, MemoryError, ValueError):
        raise ValueError("not a Genotype(...) text: nested too deeply or not text") from None
    if not isinstance(body, ast.Call) or not isinstance(body.func, ast.Name) or body.func.id != "Genotype":
        raise ValueError("a DARTS genotype is written Genotype(normal=[...], normal_concat=..., reduce=[...], ...)")
    return body


def _check_concat(node: ast.expr, kind: str, expected: tuple[int, ...]) -> None:
    match node:
        case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=low), ast.Constant(value=high)], keywords=[]):
            good = (low, high) == (expected[0], expected[-1] + 1)
        case ast.List(elts=items) | ast.Tuple(elts=items):
            good = [getattr(item, "value", None) for item in items] == list(expected)
            good = good and all(type(getattr(item, "value", None)) is int for item in items)
        case _:
            good = False
    if not good:
        raise ValueError(f"{kind}_concat ({_at(node)}): this space concatenates nodes {list(expected)}")


def _genes(node: ast.expr, kind: str) -> list[Gene]:
    if not isinstance(node, ast.List | ast.Tuple):
        raise ValueError(f"{kind} ({_at(node)}): a list of (operation, node) pairs expected")
    genes = []
    for index, item in enumerate(node.elts):
        place = f"{kind}[{index}] ({_at(item)})"
        pair = item.elts if isinstance(item, ast.Tuple | ast.List) else []
        if len(pair) != 2 or not all(isinstance(part, ast.Constant) for part in pair):
            raise ValueError(f"{place}: a pair (operation, node) expected")
        operation, source = (part.value for part in pair if isinstance(part, ast.Constant))
        if not isinstance(operation, str) or type(source) is not int:
            raise ValueError(f"{place}: ({quoted(operation)}, {quoted(source)}) is not (operation name, node number)")
        genes.append(Gene(source, 2 + index // 2, operation))
    return genes


SPACE = Darts(
    name="darts",
    title="DARTS",
    summary="normal and reduction cell, 4 inner nodes, 14 edges, 8 operations",
    source="Liu, Simonyan & Yang, ICLR 2019, arXiv 1806.09055",
    cell_types=("normal", "reduce"),
    input_nodes=("cₖ₋₂", "cₖ₋₁"),
    nodes=6,
    edges=tuple(Edge(source, target) for target in range(2, 6) for source in range(target)),
    operations=(
        "none",
        "max_pool_3x3",
        "avg_pool_3x3",
        "skip_connect",
        "sep_conv_3x3",
        "sep_conv_5x5",
        "dil_conv_3x3",
        "dil_conv_5x5",
    ),
    search_size=Size(channels=16, cells=8),
    evaluation_size=Size(channels=36, cells=20),
    cells_meaning="cells in all",
    cells_range=Range(3, 100),
    kept_edges=2,
    normalised_pooling=True,
    concatenated=(2, 3, 4, 5),
)
