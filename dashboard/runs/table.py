"""The table of the runs that were kept: a page of them, with ticks that stay from page to page."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard.runs.controls import ORDER_TITLES, proxy_title, show_first_page, space_title
from dashboard.runs.state import RunsState
from dashboard.runs.thumbnails import thumbnail
from dashboard.server.owners import session_owner
from dashboard.server.state import set_widgets, state, widget_value
from engine.common.csv_text import spreadsheet_text
from engine.runs import ORDERS, Run

PAGE_ROWS = 25
"""The number of runs on a page of the table."""
_RISING_FIRST = {"name", "space", "proxy", "recipe", "seed", "device"}
"""The orders that a click on their column begins with the least of."""
_HEIGHT, _ROW, _HEAD = 640, 66, 38
"""Pixels: the largest height of the table, that of a row, in which texts wrap beyond 64, and of head and borders."""
_WORDS = ("name", "origin", "tags", "note")
"""The columns that are left out where no run on the page has any."""


def run_table(runs: Sequence[Run], order: str, descending: bool) -> None:
    """Draw a page of runs; those that are ticked are picked, and a click on the head of a column sorts."""
    memory = state(RunsState)
    key = f"runs {zlib.crc32(repr([run.id for run in runs]).encode())} {memory.drawings}"
    ticked = [row for row, run in enumerate(runs) if run.id in memory.picked]
    if ticked and widget_value(key) is None:
        set_widgets({key: {"selection": {"rows": ticked, "columns": [], "cells": []}}})
    st.dataframe(
        _rows(runs),
        key=key,
        height=min(_HEIGHT, _HEAD + _ROW * len(runs)),
        row_height=_ROW,
        hide_index=True,
        column_config=_columns(runs, order, descending),
        on_select=lambda: _adopt_selection(key, runs),
        selection_mode=["multi-row", "single-column"],
        alt="Runs that were kept: what each found, what was asked, and what is said of it",
    )


def _rows(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Return a row for every run, what tells most of it first."""
    owner = session_owner()
    rows = [_row(run, owner) for run in runs]
    empty = {name for name in _WORDS if not any(row[name] for row in rows)}
    return [{name: value for name, value in row.items() if name not in empty} for row in rows]


def _row(run: Run, owner: str) -> dict[str, Any]:
    """Return the row of a run for an owner; a reader may save the table as CSV."""
    marks = ["yours"] * (run.owner == owner) + ["imported"] * run.imported
    return {
        "cell": thumbnail(run.genotype),
        "name": spreadsheet_text(run.name),
        "space": space_title(run.space),
        "open": "Open",
        "seed": run.seed,
        "params": run.params,
        "macs": run.macs,
        "proxy": proxy_title(run.proxy),
        "recipe": run.recipe,
        "seconds": run.seconds,
        "tags": [spreadsheet_text(tag) for tag in run.tags],
        "created": run.when,
        "origin": ", ".join(marks),
        "device": spreadsheet_text(run.device),
        "note": spreadsheet_text(run.note),
    }


def _columns(runs: Sequence[Run], order: str, descending: bool) -> dict[str, Any]:
    def title(name: str) -> str:
        return ORDER_TITLES[name] + (f" {'↓' if descending else '↑'}" if name == order else "")

    def adopt_open() -> None:
        state(RunsState).run_to_open = runs[widget_value("open run").row].id

    make = st.column_config
    texts = {"name": 112, "space": 108, "proxy": 100, "recipe": 76, "device": 62}
    return {
        "open": make.ButtonColumn("", width=54, type="tertiary", key="open run", on_click=adopt_open),
        "cell": make.ImageColumn(
            "Found", width=104, help="The genotype that was found, or the first of its cell types."
        ),
        "seed": make.NumberColumn(title("seed"), format="%d", width=54),
        "params": make.NumberColumn(title("params"), format="localized", width=102, help="Of the derived network."),
        "macs": make.NumberColumn(title("macs"), format="compact", width=66, help="Multiply-accumulates of one image."),
        "seconds": make.NumberColumn(title("seconds"), format="%.2f", width=80, help="How long the search took."),
        "tags": make.ListColumn("Tags", width=120),
        "origin": make.TextColumn(
            "Origin", width=84, help="Runs of this browser, or of your login, and those imported."
        ),
        "created": make.DatetimeColumn(
            title("created"), format="YYYY-MM-DD HH:mm", timezone="UTC", width=126, help="When it was kept (UTC)."
        ),
        "note": make.TextColumn("Note", width=260),
        **{name: make.TextColumn(title(name), width=width) for name, width in texts.items()},
    }


def _adopt_selection(key: str, runs: Sequence[Run]) -> None:
    """Take up what was ticked on a page, and the column that was clicked."""
    memory, selection = state(RunsState), widget_value(key).selection
    memory.picked = picked_with_page(memory.picked, runs, selection.rows)
    if clicked := selection.columns:
        order, rising = widget_value("runs_order", ORDERS[0]), widget_value("runs_rising", False)
        order, rising = clicked_order(clicked[0], order, rising)
        set_widgets({"runs_order": order, "runs_rising": rising})
        show_first_page()
        memory.drawings += 1


def picked_with_page(picked: Mapping[str, Run], page: Sequence[Run], rows: Sequence[int]) -> dict[str, Run]:
    """Return the runs that are picked, by their ids, where of a page only those in `rows` are."""
    ids = {run.id for run in page}
    elsewhere = {run_id: run for run_id, run in picked.items() if run_id not in ids}
    return elsewhere | {run.id: run for row, run in enumerate(page) if row in set(rows)}


def clicked_order(clicked: str, order: str, rising: bool) -> tuple[str, bool]:
    """Return the order after a click on a column, and True where it rises; a second click turns it around."""
    if clicked not in ORDERS:
        return order, rising
    return clicked, not rising if clicked == order else clicked in _RISING_FIRST
