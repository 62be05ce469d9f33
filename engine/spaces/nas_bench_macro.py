"""NAS-Bench-Macro (Su et al., CVPR 2021): eight layers in three stages, three operations on each, 6,561 networks.

Structure, widths and operations are those of the authors' public code, xiusu/NAS-Bench-Macro: rectifiers without a
bound, and in place of the identity, where size and width change, a strided 1x1 convolution with batch norm.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.common.errors import quoted
from engine.operations.layers import Conv, Norm, Relu
from engine.spaces.chain import KIND, Chain, Stage, chain_edges
from engine.spaces.plan import Gene, Range, Size


@dataclass(frozen=True)
class NasBenchMacro(Chain):
    """The space of NAS-Bench-Macro, whose networks are written as a digit a layer."""

    notation_form = "nas-bench-macro"
    notation_start = "[0-2]{8}$"
    notation_hint = "8 digits (NAS-Bench-Macro)"
    notation_pattern = "^[0-2]{8}$"

    def notation(self, cells: Mapping[str, Sequence[Gene]]) -> str:
        return "".join(str(self.operations.index(gene.operation)) for gene in cells[KIND])

    def parse(self, text: str) -> Mapping[str, Sequence[Gene]]:
        digits = text.strip()
        if not re.fullmatch("[0-2]{8}", digits):
            raise ValueError(f"a NAS-Bench-Macro network is written as 8 digits from 0 to 2, {quoted(digits)} found")
        names = zip(self.edges, digits, strict=True)
        return {KIND: [Gene(*edge, self.operations[int(digit)]) for edge, digit in names]}


_STAGES = (Stage(2, 64, 2), Stage(3, 128, 2), Stage(3, 256, 2))

SPACE = NasBenchMacro(
    name="nas-bench-macro",
    title="NAS-Bench-Macro",
    summary="one network of 8 layers in 3 stages, 3 operations each",
    source="Su et al., CVPR 2021, arXiv 2103.11922",
    cell_types=(KIND,),
    input_nodes=("0",),
    nodes=9,
    edges=chain_edges(_STAGES),
    operations=("identity", "mb3_k3", "mb6_k5"),
    search_size=Size(channels=32, cells=1),
    evaluation_size=Size(channels=32, cells=1),
    cells_meaning="network of 8 layers",
    cells_range=Range(1, 1),
    stem=(Conv(3), Norm(), Relu()),
    stem_width=32,
    entered=32,
    stages=_STAGES,
    head=(Conv(1), Norm(), Relu()),
    features=1280,
)
