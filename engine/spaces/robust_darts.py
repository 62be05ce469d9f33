"""The four spaces of Robust-DARTS (Zela et al., ICLR 2020): the DARTS cell with operations of its own on every edge.

Made to show where DARTS fails; the lists are those of the authors' code, the evaluation sizes those of CIFAR-10 there.
"""

from __future__ import annotations

from dataclasses import replace

from engine.spaces import darts
from engine.spaces.base import SearchSpace
from engine.spaces.plan import Size

_SKIP, _MAX, _AVG = "skip_connect", "max_pool_3x3", "avg_pool_3x3"
_SEP3, _DIL3, _DIL5 = "sep_conv_3x3", "dil_conv_3x3", "dil_conv_5x5"

_S1_NORMAL = (
    *((_SKIP, _DIL3), (_SKIP, _DIL5)),
    *((_SKIP, _DIL5), (_SKIP, _SEP3), (_SKIP, _DIL3)),
    *((_MAX, _SKIP), (_SKIP, _SEP3), (_SKIP, _SEP3), (_SKIP, _DIL3)),
    *((_SKIP, _SEP3), (_MAX, _SKIP), (_SKIP, _DIL3), (_DIL3, _DIL5), (_DIL3, _DIL5)),
)
_S1_REDUCE = (
    *((_MAX, _AVG), (_MAX, _DIL3)),
    *((_MAX, _AVG), (_MAX, _AVG), (_SKIP, _DIL5)),
    *((_MAX, _AVG), (_MAX, _SEP3), (_SKIP, _DIL3), (_SKIP, _DIL5)),
    *((_MAX, _AVG), (_MAX, _AVG), (_SKIP, _DIL5), (_SKIP, _DIL5), (_SKIP, _DIL5)),
)


def _space(number: int, summary: str, channels: int, *operations: str) -> SearchSpace:
    return replace(
        darts.SPACE,
        name=f"robust-darts-s{number}",
        title=f"Robust-DARTS S{number}",
        summary=f"the DARTS cell with {summary}",
        source="Zela et al., ICLR 2020, arXiv 1909.09656",
        operations=operations,
        evaluation_size=Size(channels, cells=20),
    )


S1 = replace(
    _space(1, "two operations an edge, chosen for it", 36, _MAX, _AVG, _SKIP, _SEP3, _DIL3, _DIL5),
    edge_operations=(_S1_NORMAL, _S1_REDUCE),
)
S2 = _space(2, "skip and separable convolution", 16, _SKIP, _SEP3)
S3 = _space(3, "none, skip and separable convolution", 36, "none", _SKIP, _SEP3)
S4 = _space(4, "noise and separable convolution", 16, "noise", _SEP3)
FAMILY = (S1, S2, S3, S4)
