"""The figure of a study of seeds: the operations that win every edge, and the spread of the shares."""

from __future__ import annotations

import numpy as np

from engine.common.errors import unknown_name
from engine.exports.colours import positive_limits
from engine.exports.drawing import cell_title
from engine.exports.figure_sheet import FigureSheet, write_sheet
from engine.exports.heatmap import Heatmap, HeatmapField, field_number
from engine.proxies import get_proxy
from engine.studies.seeds import SeedStudy


def seeds_figure(study: SeedStudy, to: str = "svg", *, cell: str | None = None, log: bool = True) -> bytes:
    """Draw a study of seeds in a format of `SHEET_FORMATS`: the wins, and below them mean shares with their spread.

    It shows the `cell` type of that name, or all of them; `log` is the scale of the shares. `ValueError` for an unknown
    name.
    """
    kinds = study.space.cell_types if cell is None else (cell,)
    if unknown := [kind for kind in kinds if kind not in study.space.cell_types]:
        raise unknown_name("cell type", unknown[0], study.space.cell_types)
    wins, spreads = zip(*((wins_heatmap(study, kind), spread_heatmap(study, kind, log)) for kind in kinds), strict=True)
    return write_sheet(FigureSheet((wins, spreads), f"{study.space.title}: {len(study.seeds)} seeds"), to)


def wins_heatmap(study: SeedStudy, kind: str) -> Heatmap:
    """Return the heatmap of the seeds under which an operation was left on its edge, in per cent."""
    wins = 100 * study.wins(kind)
    fields = tuple(tuple(_win_field(value, max(values)) for value in values) for values in wins.tolist())
    return Heatmap(
        title=f"{cell_title(kind)}: chosen under {len(study.seeds)} seeds",
        notes=("% of the seeds",),
        edges=tuple(study.space.edge_name(edge) for edge in study.space.edges),
        operations=study.space.operations,
        fields=fields,
        limits=(1.0, 100.0),
        log=False,
        legend=("thick border: the most frequent",),
    )


def _win_field(value: float, most: float) -> HeatmapField:
    return HeatmapField(field_number(value), value or None, border="solid" if value == most else "")


def spread_heatmap(study: SeedStudy, kind: str, log: bool = True) -> Heatmap:
    """Return the heatmap of mean shares over the seeds, with their standard deviations below."""
    mean, spread = study.mean(kind), study.spread(kind)
    fields = tuple(
        tuple(
            HeatmapField(field_number(value), value or None, f"± {field_number(deviation)}" if value else "")
            for value, deviation in zip(values, deviations, strict=True)
        )
        for values, deviations in zip(mean.tolist(), spread.tolist(), strict=True)
    )
    unit = get_proxy(study.config.proxy).unit
    return Heatmap(
        title=f"{cell_title(kind)}: mean {unit} share",
        notes=(f"mean and standard deviation over {len(study.seeds)} seeds",),
        edges=tuple(study.space.edge_name(edge) for edge in study.space.edges),
        operations=study.space.operations,
        fields=fields,
        limits=positive_limits(mean.flat),
        log=log,
    )


def check_study(study: SeedStudy) -> None:
    """Raise `ValueError` unless the tables of a study fit its space and its seeds."""
    seeds, edges, operations = len(study.seeds), len(study.space.edges), len(study.space.operations)
    for name, tables, shape in (
        ("shares", study.shares, (seeds, edges, operations)),
        ("winners", study.winners, (seeds, edges)),
    ):
        for kind in study.space.cell_types:
            table = tables.get(kind)
            if table is None or table.shape != shape or table.dtype.kind not in "fi":
                raise ValueError(f"{name}.{kind}: a table of {' by '.join(map(str, shape))} numbers expected")
            if not np.isfinite(table).all() or (table < 0).any():
                raise ValueError(f"{name}.{kind}: numbers of at least 0 expected")
