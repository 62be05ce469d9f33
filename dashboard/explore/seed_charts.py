"""Heatmaps of a study of seeds: mean shares with their spread, and wins."""

from __future__ import annotations

from typing import Any

import numpy as np

from dashboard.explore.colour_scale import coloured
from dashboard.explore.picture import number_text
from dashboard.parts.importance import connection_noun
from dashboard.parts.plain_figure import PlainFigure
from engine.exports.colours import positive_limits
from engine.exports.drawing import cell_title
from engine.operations.registry import get_operation
from engine.spaces import SearchSpace
from engine.studies.seeds import SeedStudy

_ROW_HEIGHT, _MARGIN_HEIGHT = 27, 118
"""Pixels of a row, and of what stands above and below the rows."""


def seed_figures(study: SeedStudy, kind: str) -> list[tuple[PlainFigure, str]]:
    """Draw two heatmaps of a study of seeds, each with its alternative text: mean share with its spread, and wins."""
    space, mean, wins = study.space, study.mean(kind), study.wins(kind)
    shares = np.where(mean > 0, mean, np.nan)
    parts = {
        "mean flow share, log colour": (
            coloured(shares, positive_limits(mean.flat), "flow share", log=True),
            [[number_text("share", value) for value in row] for row in mean],
        ),
        f"wins of its {connection_noun(space)}, % of seeds": (
            coloured(100 * wins, (0, 100), "% of seeds", log=False),
            [[number_text("edge", 100 * value) for value in row] for row in wins],
        ),
    }
    winners = zip(space.edges, wins.argmax(axis=1), strict=True)
    winner_words = ", ".join(f"{space.edge_name(edge)} {space.operations[index]}" for edge, index in winners)
    texts, figures = _hover_texts(study, kind), []
    for subject, (colours, numbers) in parts.items():
        title = f"{cell_title(kind)}: {subject}"
        alt = f"{title} over {len(study.seeds)} seeds. Most frequent winners: {winner_words}."
        figures.append((_seed_figure(space, title, {"customdata": texts, "text": numbers, **colours}), alt))
    return figures


def _hover_texts(study: SeedStudy, kind: str) -> list[list[str]]:
    space, mean, spread, wins = study.space, study.mean(kind), study.spread(kind), study.wins(kind)
    return [
        [
            f"<b>{space.edge_name(edge)} · {name}</b><br>mean share {mean[row, column]:.5g}<br>"
            f"standard deviation {spread[row, column]:.3g}<br>wins {100 * wins[row, column]:.3g} % of the seeds"
            for column, name in enumerate(space.operations)
        ]
        for row, edge in enumerate(space.edges)
    ]


def _seed_figure(space: SearchSpace, title: str, field: dict[str, Any]) -> PlainFigure:
    """Draw a heatmap of edges by operations that only hovering says more of."""
    names = {
        "type": "heatmap",
        "x": [get_operation(name).short for name in space.operations],
        "y": [space.edge_name(edge) for edge in space.edges],
        "hovertemplate": "%{customdata}<extra></extra>",
        "texttemplate": "%{text}",
    }
    layout = {
        "title": {"text": title, "font": {"size": 15}},
        "height": _MARGIN_HEIGHT + _ROW_HEIGHT * len(space.edges),
        "margin": {"l": 8, "r": 8, "t": 40, "b": 8},
        "dragmode": False,
        "xaxis": {"title": {"text": "operation", "standoff": 4}, "fixedrange": True},
        "yaxis": {
            "title": {"text": connection_noun(space), "standoff": 14},
            "autorange": "reversed",
            "fixedrange": True,
        },
    }
    return PlainFigure([field | names], layout)
