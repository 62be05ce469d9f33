"""The space of ProxylessNAS (Cai, Zhu & Han, ICLR 2019): 21 inverted residual blocks in six stages.

Widths are those of its network for GPUs. Between the stem and the first layer stands, as there, a fixed block without
expansion that brings 40 channels to 24. Stem and stages halve an image five times, so that the last blocks see a single
pixel of one of 32x32, where a kernel acts as its middle tap; take 64x64 where that is too little.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.common.errors import quoted
from engine.operations.layers import Conv, Norm, Relu
from engine.spaces.chain import KIND, Chain, Stage, chain_edges, changes
from engine.spaces.plan import Gene, Range, Size

_BLOCKS = {f"k{kernel}e{ratio}": f"mbconv{ratio}_{kernel}x{kernel}" for kernel in (3, 5, 7) for ratio in (3, 6)}
_CODES = {"skip": "skip_connect", **_BLOCKS}
"""The operations as a notation writes them: kernel and expansion."""


@dataclass(frozen=True)
class MobileNet(Chain):
    """The space of ProxylessNAS; its networks are written stage by stage, such as `k5e3 skip skip skip | k7e3 ...`."""

    notation_form = "mobilenet"
    notation_start = "k[0-9]e[0-9]"
    notation_hint = "'k5e3 ' (MobileNet)"
    notation_pattern = (
        r"^k[357]e[36]( (k[357]e[36]|skip)){3}( \| k[357]e[36]( (k[357]e[36]|skip)){3}){4} \| k[357]e[36]$"
    )

    def notation(self, cells: Mapping[str, Sequence[Gene]]) -> str:
        codes = {name: code for code, name in _CODES.items()}
        layers = iter(cells[KIND])
        stages = ([codes[next(layers).operation] for _ in range(stage.layers)] for stage in self.stages)
        return " | ".join(" ".join(stage) for stage in stages)

    def parse(self, text: str) -> Mapping[str, Sequence[Gene]]:
        stages = [stage.split() for stage in text.split("|")]
        lengths, expected = [len(stage) for stage in stages], [stage.layers for stage in self.stages]
        if lengths != expected:
            raise ValueError(
                f"stages of {expected} layers, parted by '|', are expected; layers found: {quoted(lengths)}"
            )
        codes = [code for stage in stages for code in stage]
        for index, code in enumerate(codes, start=1):
            if code not in _CODES:
                raise ValueError(f"layer {index}: {quoted(code)} found; allowed: {', '.join(_CODES)}")
        return {KIND: [Gene(*edge, _CODES[code]) for edge, code in zip(self.edges, codes, strict=True)]}


_STAGES = (
    *(Stage(4, 32, 2), Stage(4, 56, 2), Stage(4, 112, 2)),
    *(Stage(4, 128, 1), Stage(4, 256, 2), Stage(1, 432, 1)),
)
_ENTERED = 24

SPACE = MobileNet(
    name="mobilenet",
    title="MobileNet (ProxylessNAS)",
    summary="one network of 21 blocks in 6 stages, 6 inverted residuals each, or skip",
    source="Cai, Zhu & Han, ICLR 2019, arXiv 1812.00332",
    cell_types=(KIND,),
    input_nodes=("0",),
    nodes=22,
    edges=chain_edges(_STAGES),
    operations=tuple(_CODES.values()),
    search_size=Size(channels=40, cells=1),
    evaluation_size=Size(channels=40, cells=1),
    cells_meaning="network of 21 layers",
    cells_range=Range(1, 1),
    edge_operations=(
        tuple(tuple(_BLOCKS.values()) if changed else tuple(_CODES.values()) for changed in changes(_STAGES, _ENTERED)),
    ),
    stem=(Conv(3, strided=True), Norm(), Relu(6)),
    stem_width=40,
    stem_stride=2,
    entry=(Conv(3, depthwise=True), Norm(), Relu(6), Conv(1), Norm()),
    entered=_ENTERED,
    stages=_STAGES,
    head=(Conv(1), Norm(), Relu(6)),
    features=1728,
)
