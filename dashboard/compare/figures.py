"""The pictures of several answers: heatmaps on one scale with their cells, on the page and as one file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from dashboard.compare.answers import Answers, ComparedAnswer
from engine.exports.drawing import Arrow, gene_arrows
from engine.exports.figure_sheet import CellPicture, FigureSheet, Panel, write_sheet
from engine.exports.heatmap import Heatmap
from engine.searches.frame import common_scale

ABREAST = 3
"""The most answers in a row."""


class HeatmapLook(NamedTuple):
    """The cell type, the importance and the scale of colours that all heatmaps show."""

    kind: str
    importance: str = "edge"
    log: bool = True


def heatmaps(answers: Answers, look: HeatmapLook) -> dict[str, Heatmap]:
    """Return the heatmaps of the answers that a search found, by their labels, all on one scale."""
    results = {label: answer.result for label, answer in answers.items() if answer.result is not None}
    if not results:
        return {}
    frames = {label: result.frame(look.kind) for label, result in results.items()}
    scale = common_scale([*frames.values()], look.importance, look.log)
    return {label: frame.heatmap(scale, label) for label, frame in frames.items()}


def cell_arrows(answer: ComparedAnswer, kind: str) -> list[Arrow]:
    """Return the arrows of a cell, as wide as what passes them where a search tells."""
    if answer.result is not None:
        return [*answer.result.picture(kind).arrows]
    return gene_arrows(answer.genotype.cells[kind])


def sheet_file(answers: Answers, look: HeatmapLook, to: str) -> bytes:
    """Write all heatmaps and cells as one figure in a format of `SHEET_FORMATS`."""
    maps = heatmaps(answers, look)
    labels = [*answers]
    rows: list[tuple[Panel, ...]] = []
    for start in range(0, len(labels), ABREAST):
        abreast = labels[start : start + ABREAST]
        rows += [_maps_row(maps, abreast), tuple(_picture(answers[label], look.kind) for label in abreast)]
    return write_sheet(FigureSheet(tuple(row for row in rows if row), "Compared answers"), to)


def _maps_row(maps: Mapping[str, Heatmap], labels: list[str]) -> tuple[Panel, ...]:
    return tuple(maps[label] for label in labels if label in maps)


def _picture(answer: ComparedAnswer, kind: str) -> CellPicture:
    return CellPicture(answer.genotype.space, kind, tuple(cell_arrows(answer, kind)))
