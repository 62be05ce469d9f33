"""Figures of the result of a search as files: its heatmap, its cell, and its replay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from engine.common.errors import unknown_name
from engine.exports.drawing import cell_title
from engine.exports.figure_sheet import CellPicture, FigureSheet, Panel, write_sheet
from engine.exports.heatmap import Heatmap
from engine.operations.registry import get_operation
from engine.searches.frame import FrameScale, common_scale
from engine.searches.result import SearchResult

RESULT_FIGURES: Final = ("heatmap", "cell", "replay")
_REPLAYED = 4  # steps of a replay that are shown


def result_figure(
    result: SearchResult,
    figure: str = "heatmap",
    to: str = "svg",
    *,
    cell: str | None = None,
    step: int | None = None,
    importance: str = "share",
    log: bool = True,
) -> bytes:
    """Draw a figure of a result, one of `RESULT_FIGURES`, in a format of `SHEET_FORMATS`.

    It shows the `cell` type of that name, or all of them; after so many pruning steps, or the whole supernet and what
    was chosen in it. As HTML a heatmap comes with its cell. `ValueError` for a name or step that there is none of.
    """
    kinds = result.space.cell_types if cell is None else (cell,)
    match figure:
        case "heatmap":
            scale = FrameScale(importance, log)
            rows = _beside([(_heatmap(result, kind, step, scale), result.picture(kind, step)) for kind in kinds], to)
            rows = rows if to == "html" else rows[:1]
        case "cell":
            rows = [(replace(result.picture(kind, step), title=cell_title(kind)),) for kind in kinds]
        case "replay" if step is None:
            rows = [row for kind in kinds for row in _beside(_replay(result, kind, importance, log), to)]
        case "replay":
            raise ValueError(f"step {step}: a replay shows several steps; a heatmap and a cell show one")
        case _:
            raise unknown_name("figure of a search", figure, RESULT_FIGURES)
    return write_sheet(FigureSheet(tuple(rows), f"{result.space.title}: {figure}"), to)


def _beside(pairs: Sequence[tuple[Heatmap, CellPicture]], to: str) -> list[tuple[Panel, ...]]:
    """Return rows of heatmaps and their cells: one of each on a page, which is narrow, else all above all."""
    return list(pairs) if to == "html" else list(zip(*pairs, strict=True))


def _replay(result: SearchResult, kind: str, importance: str, log: bool) -> list[tuple[Heatmap, CellPicture]]:
    """Return heatmap and cell after some steps, the first and the last among them, in the colours of one scale."""
    steps = list(dict.fromkeys(np.linspace(0, len(result.steps), _REPLAYED).round().astype(int).tolist()))
    scale = common_scale([result.frame(kind, step) for step in steps], importance, log)
    return [(_heatmap(result, kind, step, scale), result.picture(kind, step)) for step in steps]


def _heatmap(result: SearchResult, kind: str, step: int | None, scale: FrameScale) -> Heatmap:
    frame = result.frame(kind, step)
    if step is None:
        return frame.heatmap(scale)
    return frame.heatmap(scale, f"{cell_title(kind)}, step {step} of {len(result.steps)}", _dropped(result, kind, step))


def _dropped(result: SearchResult, kind: str, step: int) -> str:
    """Name the operation that a step dropped, and its cell where that is of another type."""
    if step == 0:
        return "nothing dropped yet"
    pruned = result.steps[step - 1]
    where = result.space.edge_name(result.space.edges[pruned.edge])
    other = f" of the {cell_title(pruned.cell).lower()}" if pruned.cell != kind else ""
    return f"{get_operation(pruned.operation).short} on {where}{other} dropped"
