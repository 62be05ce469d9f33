"""Several architectures at once, which a lasso in the picture encloses: as files, and side by side."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from dashboard.atlas.files import rows_csv, rows_json
from dashboard.atlas.quantities import Quantity, RowIndices, best_first
from dashboard.atlas.state import Viewpoint
from dashboard.parts.comparison import MOST_COMPARED, compare_button
from dashboard.parts.downloads import file_button, file_stem
from engine.genotypes.population import Population


def lasso_rows(selection: Any) -> list[int] | None:
    """Return the rows of the points in a lasso or a box, each once; None where a selection is neither."""
    if not (selection.lasso or selection.box):
        return None
    return sorted({row for point in selection.points if (row := point_row(point)) is not None})


def point_row(point: Mapping[str, Any]) -> int | None:
    """Return the row of a point that the browser tells of, alone or in a list; None where it tells of none."""
    match point.get("customdata"):
        case int(row) | [int(row), *_] if row >= 0:
            return row
    return None


def lasso_view(population: Population, quantities: Mapping[str, Quantity], y: Quantity, view: Viewpoint) -> None:
    """Draw what can be done with the architectures in the lasso, if there are any."""
    if not view.encircled:
        return
    rows = np.array(view.encircled)
    noun = f"{population.space.cell_noun}{'s' * (len(rows) > 1)}"
    stem = file_stem(population.space.name, "lasso")
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="lasso"):
        st.markdown(f":material/lasso_select: **{len(rows):,} {noun} in the lasso**", width="content")
        file_button("Genotypes, CSV", partial(rows_csv, population, quantities, rows), f"{stem}.csv")
        file_button("Genotypes, JSON", partial(rows_json, population, rows), f"{stem}.json")
        few = best_rows(y, rows)
        label = f"Compare these {len(rows)}" if len(few) == len(rows) else f"Compare the first {len(few)} by {y.title}"
        compare_button([population.genotype(int(row)) for row in few], "compare lasso", label)
        st.button("Clear", icon=":material/close:", key="clear lasso", on_click=view.encircle, args=[[]])


def best_rows(y: Quantity, rows: RowIndices) -> RowIndices:
    """Return those of some rows that may stand side by side: the best by a quantity where they are too many."""
    if len(rows) <= MOST_COMPARED:
        return rows
    among = np.zeros(len(y.values), dtype=bool)
    among[rows] = True
    return best_first(y, among)[:MOST_COMPARED]
