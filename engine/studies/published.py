"""Published results of other methods, with the times of their searches in rounded seconds, and tables of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from engine.spaces import SearchSpace, get_space
from engine.studies.text_tables import NOT_KNOWN, ReportNumber, TextTable


@dataclass(frozen=True)
class Figure:
    """A published figure to the digit: `text` is a mean, or a mean and its standard deviation over runs."""

    text: str

    @property
    def mean(self) -> float:
        """Return the mean."""
        return float(self.text.partition(" ± ")[0])

    @property
    def sd(self) -> float:
        """Return the standard deviation, nan where none was published."""
        return float(self.text.partition(" ± ")[2] or math.nan)


@dataclass(frozen=True)
class Peer:
    """The published result of one method.

    `figures` holds one figure for each dataset of its table, None where none is known; `seconds` is the time of the
    search on `device`, None where none was published. It `searches`, unless it is a network to compare with.
    """

    method: str
    figures: tuple[Figure | None, ...]
    seconds: float | None
    device: str
    source: str
    note: str
    searches: bool = True


@dataclass(frozen=True)
class Published:
    """The published results in one space: the `quantity` (with its unit), the datasets, and the methods."""

    space: SearchSpace
    quantity: str
    datasets: tuple[str, ...]
    peers: tuple[Peer, ...]

    def tables(self) -> list[TextTable]:
        """Return the results as one table, figures to the digit that was published; no table without results."""
        rows = [
            (
                peer.method,
                *(figure.text if figure else NOT_KNOWN for figure in peer.figures),
                NOT_KNOWN if peer.seconds is None else f"{peer.seconds:,g}",
                peer.device or NOT_KNOWN,
                peer.note,
                peer.source,
            )
            for peer in self.peers
        ]
        title = f"Published by others, not measured here: {self.space.title}, {self.quantity}"
        headers = ("Method", *self.datasets, "Search, s", "Device", "How", "Source")
        return [TextTable(title, headers, rows, words_last=3)] if rows else []

    def numbers(self) -> list[ReportNumber]:
        """Return every published figure, and its standard deviation where there is one, as a number."""
        numbers = []
        for peer in self.peers:
            for dataset, figure in zip(self.datasets, peer.figures, strict=True):
                if figure is not None:
                    name = f"{dataset} {self.quantity}"
                    numbers.append(ReportNumber("published", peer.method, name, None, figure.mean, peer.source))
                    if not math.isnan(figure.sd):
                        numbers.append(
                            ReportNumber("published", peer.method, f"{name}, sd", None, figure.sd, peer.source)
                        )
            if peer.seconds is not None:
                numbers.append(ReportNumber("published", peer.method, "search, s", None, peer.seconds, peer.source))
        return numbers


def published(space: str | SearchSpace) -> Published:
    """Return the published results in a space, empty where none were collected; `ValueError` for an unknown space."""
    space = get_space(space)
    return PUBLISHED.get(space.name, Published(space, "", (), ()))


def published_place(space: str | SearchSpace, dataset: str | None, split: str | None, accuracy: float) -> str:
    """Say where the accuracy of FreeNAS, in per cent, stands among published methods; nothing where none is known.

    Methods count that search and have a mean on this dataset; what they were trained for and on is theirs.
    """
    record = published(space)
    if dataset not in record.datasets or record.quantity != f"{split} accuracy, %" or math.isnan(accuracy):
        return ""
    figures = [(peer.method, peer.figures[record.datasets.index(dataset)]) for peer in record.peers if peer.searches]
    means = sorted(((figure.mean, method) for method, figure in figures if figure is not None), reverse=True)
    above = [f"{method} {mean:g}" for mean, method in means if mean > round(accuracy, 2)]
    below = sum(mean < round(accuracy, 2) for mean, _ in means)
    return (
        f"Among published methods: the {record.space.cell_noun} of FreeNAS, {accuracy:.2f} %, is above {below} of the "
        f"{len(means)} on {dataset}" + (f"; above it: {', '.join(above)}." if above else ".")
    )


def _peer(
    method: str, figures: str, seconds: float | None, device: str, source: str, note: str, searches: bool = True
) -> Peer:
    """Return a peer whose figures are written in one text, parted by ` / `."""
    parts = [None if part == NOT_KNOWN else Figure(part) for part in figures.split(" / ")]
    return Peer(method, tuple(parts), seconds, device, source, note, searches)


_NASWOT = "Mellor et al., ICML 2021, arXiv 2006.04647, Table 2"
_UNCHECKED = f"{_NASWOT}; figures not checked against it"
_TE_NAS = "Chen et al., ICLR 2021, arXiv 2102.11535, Table 1"
_FREENAS = "Zhang et al. 2021, arXiv 2106.11542 v1, abstract"
_FREEDARTS = "README of the authors' code, github.com/anonymous-submission1991/FreeDARTS"
_1080TI, _GPU = "GTX 1080 Ti", "one GPU"
_TRAINS, _SHARES, _FREE = "trains cells", "weight sharing", "no training"
_BEST_OF = "no training; the best of N cells by its score"
_ALL_SKIP = "weight sharing; the accuracy of the cell of skip connections only"
_NO_FIGURE = "no training; no accuracy is shown: the abstract says only that it outperforms most baselines"
_SUCCESSOR = "no training; the successor of FreeNAS"

_NAS_BENCH_201 = (
    _peer("REA", "93.92 ± 0.30 / 71.84 ± 0.99 / 45.54 ± 1.03", 12000, _1080TI, _UNCHECKED, _TRAINS),
    _peer("Random search", "93.70 ± 0.36 / 71.04 ± 1.07 / 44.57 ± 1.25", 12000, _1080TI, _UNCHECKED, _TRAINS),
    _peer("REINFORCE", "93.85 ± 0.37 / 71.71 ± 1.09 / 45.24 ± 1.18", 12000, _1080TI, _UNCHECKED, _TRAINS),
    _peer("BOHB", "93.61 ± 0.52 / 70.85 ± 1.28 / 44.42 ± 1.49", 12000, _1080TI, _UNCHECKED, _TRAINS),
    _peer("RSPS", "87.66 ± 1.69 / 58.33 ± 4.34 / 31.14 ± 3.88", 7587, _1080TI, _NASWOT, _SHARES),
    _peer("DARTS-V1", "54.30 / 15.61 / 16.32", 10890, _1080TI, _NASWOT, _ALL_SKIP),
    _peer("DARTS-V2", "54.30 / 15.61 / 16.32", 29902, _1080TI, _NASWOT, _ALL_SKIP),
    _peer("GDAS", "93.51 ± 0.13 / 70.61 ± 0.26 / 41.84 ± 0.90", 28926, _1080TI, _UNCHECKED, _SHARES),
    _peer("SETN", "86.19 ± 4.63 / 56.87 ± 7.77 / 31.90 ± 4.07", 31010, _1080TI, _UNCHECKED, _SHARES),
    _peer("ENAS", "54.30 / 15.61 / 16.32", 13315, _1080TI, _NASWOT, _ALL_SKIP),
    _peer("NASWOT, N = 10", "92.44 ± 1.13 / 68.62 ± 2.04 / 41.31 ± 4.11", 3.05, _1080TI, _NASWOT, _BEST_OF),
    _peer("NASWOT, N = 100", "92.81 ± 0.99 / 69.48 ± 1.70 / 43.10 ± 3.16", 30, _1080TI, _NASWOT, _BEST_OF),
    _peer("NASWOT, N = 1000", "92.96 ± 0.81 / 69.98 ± 1.22 / 44.44 ± 2.10", 306, _1080TI, _NASWOT, _BEST_OF),
    _peer("TE-NAS", "93.9 ± 0.47 / 71.24 ± 0.56 / 42.38 ± 0.46", 1558, _1080TI, _TE_NAS, _FREE),
    _peer("FreeNAS", "- / - / -", 3.6, _GPU, _FREENAS, _NO_FIGURE),
    _peer("ResNet", "93.97 / 70.86 / 43.63", None, "", _TE_NAS, "designed by hand", searches=False),
    _peer("Optimum", "94.37 / 73.51 / 47.31", None, "", _TE_NAS, "the best cell of the benchmark", searches=False),
)

_DARTS = (
    _peer("FreeNAS", "- / - / -", 79, _GPU, _FREENAS, _NO_FIGURE),
    _peer("FreeDARTS", "2.73 / 18.03 / 26.1", None, "", _FREEDARTS, _SUCCESSOR),
    _peer("FreeDARTS, 20 cells", "2.45 / 17.08 / 25.4", None, "", _FREEDARTS, f"{_SUCCESSOR}; supernet of 20 cells"),
    _peer("FreeDARTS, ImageNet", "2.64 / 16.35 / 24.4", None, "", _FREEDARTS, f"{_SUCCESSOR}; supernet of ImageNet"),
)

PUBLISHED: Mapping[str, Published] = MappingProxyType(
    {
        "nas-bench-201": Published(
            get_space("nas-bench-201"), "test accuracy, %", ("CIFAR-10", "CIFAR-100", "ImageNet16-120"), _NAS_BENCH_201
        ),
        "darts": Published(get_space("darts"), "test error, %", ("CIFAR-10", "CIFAR-100", "ImageNet, top-1"), _DARTS),
    }
)
"""The published results by the name of their space."""
