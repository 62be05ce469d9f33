"""Published figures and their table."""

from __future__ import annotations

import math
import re

import pytest

from engine.spaces import SPACES
from engine.studies.published import PUBLISHED, Figure, published, published_place

BENCH, DARTS = published("nas-bench-201"), published("darts")


def peer(name):
    return next(peer for found in (BENCH, DARTS) for peer in found.peers if peer.method == name)


def test_every_figure_has_its_source_and_fits_what_is_known_of_the_benchmark():
    optimum = [figure.mean for figure in peer("Optimum").figures]
    assert optimum == [94.37, 73.51, 47.31]
    for each in BENCH.peers:
        figures = [figure for figure in each.figures if figure is not None]
        assert len(each.figures) == len(BENCH.datasets)
        assert all(10 < figure.mean <= best for figure, best in zip(figures, optimum, strict=False))
        assert all(math.isnan(figure.sd) or 0 < figure.sd < 10 for figure in figures)
        assert "arXiv" in each.source
        assert each.note
        assert (each.seconds is None) == (each.device == "")
    for each in DARTS.peers:
        assert all(figure is None or 2 < figure.mean < 30 for figure in each.figures)
        assert each.source


def test_some_figures_by_hand():
    rea, naswot = peer("REA"), peer("NASWOT, N = 1000")
    assert [(figure.mean, figure.sd) for figure in rea.figures] == [(93.92, 0.30), (71.84, 0.99), (45.54, 1.03)]
    assert rea.seconds == 12000
    assert naswot.figures[0] == Figure("92.96 ± 0.81")
    assert math.isnan(peer("DARTS-V2").figures[0].sd)
    assert [figure.mean for figure in peer("FreeDARTS").figures] == [2.73, 18.03, 26.1]


def test_freenas_shows_no_accuracy_and_says_so():
    for found in (BENCH, DARTS):
        mine = next(each for each in found.peers if each.method == "FreeNAS")
        assert mine.figures == (None, None, None)
        assert "no accuracy" in mine.note
        assert all(number.quantity == "search, s" for number in found.numbers() if number.row == "FreeNAS")


def test_every_space_can_be_asked_and_no_other(monkeypatch):
    for name in SPACES:
        assert published(name).space.name == name
    monkeypatch.setattr("engine.studies.published.PUBLISHED", {})
    assert published("darts").tables() == published("darts").numbers() == []
    with pytest.raises(ValueError, match="unknown search space 'x'"):
        published("x")


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_table_keeps_the_digits_and_the_numbers_are_the_same(name):
    (table,) = published(name).tables()
    assert "not measured here" in table.title
    cells = {(row[0], header): cell for row in table.rows for header, cell in zip(table.headers, row, strict=True)}
    if name == "nas-bench-201":
        assert cells["TE-NAS", "CIFAR-10"] == "93.9 ± 0.47"  # not 93.90
        assert cells["DARTS-V1", "CIFAR-10"] == "54.30"  # not 54.3
        assert cells["NASWOT, N = 10", "Search, s"] == "3.05"
        assert cells["REA", "Search, s"] == "12,000"
    seen = 0
    for number in published(name).numbers():
        dataset = next(
            (each for each in published(name).datasets if number.quantity.startswith(f"{each} ")), "Search, s"
        )
        parts = cells[number.row, dataset].replace(",", "").split(" ± ")
        assert number.value == float(parts["sd" in number.quantity])
        assert number.source == cells[number.row, "Source"]
        seen += 1
    given = [part for cell in cells.values() for part in cell.split(" ± ") if re.fullmatch(r"[\d.,]+", part)]
    assert seen == len(given)


def test_freenas_stands_where_counting_says():
    means = [
        each.figures[0].mean for each in BENCH.peers if each.figures[0] and each.method not in ("ResNet", "Optimum")
    ]
    assert (len(means), sum(mean < 93.76 for mean in means)) == (14, 11)
    assert published_place("nas-bench-201", "CIFAR-10", "test", 93.76) == (
        "Among published methods: the cell of FreeNAS, 93.76 %, is above 11 of the 14 on CIFAR-10; above it: "
        "REA 93.92, TE-NAS 93.9, REINFORCE 93.85."
    )
    assert published_place("nas-bench-201", "CIFAR-10", "test", 94.3).endswith("above 14 of the 14 on CIFAR-10.")


@pytest.mark.parametrize(
    ("space", "dataset", "split"),
    [
        ("nas-bench-201", "SVHN", "test"),
        ("nas-bench-201", None, "test"),
        ("nas-bench-201", "CIFAR-10", "validation"),
        ("nas-bench-201", "CIFAR-10", None),
        ("darts", "CIFAR-10", "test"),
        ("mobilenet", "CIFAR-10", "test"),
    ],
)
def test_what_was_not_published_is_compared_with_nothing(space, dataset, split):
    assert published_place(space, dataset, split, 93.76) == ""
    assert published_place("nas-bench-201", "CIFAR-10", "test", math.nan) == ""
