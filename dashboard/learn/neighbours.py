"""The neighbours of FreeNAS, one a row: what each scores or chooses, what it needs, and where that is written."""

from __future__ import annotations

from typing import NamedTuple


class Neighbour(NamedTuple):
    """A method of the field: what it scores or chooses, what of a task it needs, and its source."""

    name: str
    chooses: str
    data: str
    labels: str
    training: str
    source: str


_YES, _NO = "yes", "no"

NEIGHBOURS = (
    Neighbour(
        "FreeNAS",
        "operations on connections, by the flow of an image of ones through an untrained supernet",
        _NO,
        _NO,
        _NO,
        "Zhang et al., 2021, arXiv 2106.11542 v1",
    ),
    Neighbour(
        "NASWOT",
        "whole networks, by how differently their rectifiers answer the images of a batch; on Atlas and Evidence here",
        "a batch of images",
        _NO,
        _NO,
        "Mellor et al., ICML 2021, arXiv 2006.04647",
    ),
    Neighbour(
        "UNAS",
        "operations on connections, by an unbiased gradient of any objective, latency too: reinforcement learning with "
        "a differentiable surrogate as control variate",
        _YES,
        _YES,
        "of a supernet",
        "Vahdat et al., CVPR 2020, arXiv 1912.07651",
    ),
    Neighbour(
        "SAEP",
        "members of an ensemble of networks, pruned while it grows, by accuracy and diversity",
        _YES,
        _YES,
        "of every member",
        "Bian et al., TNNLS 2022, arXiv 1910.00370",
    ),
    Neighbour(
        "Architecture pruning for transfer",
        "a part of a given large network, apart from its weights and with a price on its size, to be trained anew on "
        "few points of another task; we could read the abstract alone",
        _YES,
        _YES,
        "of the architecture, then of the weights",
        "Colombo & Gao, ICML 2021 workshop, arXiv 2107.03375",
    ),
    Neighbour(
        "DARTSformer",
        "layers of a Transformer, as DARTS does, in a reversible supernet that keeps the outputs of its last layer "
        "alone; we could read the abstract alone",
        _YES,
        _YES,
        "of a supernet",
        "Zhao et al., Findings of ACL 2021, arXiv 2105.14669",
    ),
)
