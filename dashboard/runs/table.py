"""The table of the runs that were kept, and what can be done with those that are chosen in it."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard.parts import links
from dashboard.parts.text import plain
from dashboard.runs.thumbnails import thumbnail
from dashboard.server import run_store
from engine import SearchConfig
from engine.runs import ORDERS, Filter, Run

ROWS = 25
"""Runs on a page of the table."""
TITLES = {
    "created": "Kept (UTC)",
    "name": "Name",
    "space": "Space",
    "proxy": "Proxy",
    "recipe": "Recipe",
    "seed": "Seed",
    "device": "Device",
    "seconds": "Seconds",
    "params": "Parameters",
    "macs": "MACs",
}
"""What the orders of runs are called."""
_RISING = {"name", "space", "proxy", "recipe", "seed", "device"}
"""Orders that a click on their column begins with the least of."""
_LISTS = {"spaces": "Spaces", "proxies": "Proxies", "recipes": "Recipes", "devices": "Devices", "tags": "Tags"}
_HEIGHT, _ROW, _HEAD = 640, 56, 38
"""Pixels of the table at most, of a row, of the head with the borders."""
_WORDS = ("name", "tags", "note")
"""Columns that are left out where no run on the page has any."""
_PICKED = "picked runs"


def opened_view(config: SearchConfig | None) -> None:
    """Which run is open on this page, or why the link opened none."""
    if complaint := run_store.complaint():
        st.error(plain(complaint), icon=":material/link_off:")
    if (found := run_store.opened(config)) is None:
        return
    run = found.run
    said = [f"Run **{plain(run.title)}**, kept on {run.when:%Y-%m-%d at %H:%M} UTC."]
    if run.tags:
        said.append(f"Tags: {plain(', '.join(run.tags))}.")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info("  \n".join([" ".join(said), *plain(run.note).split("\n")]), icon=":material/history:", width="stretch")
        if st.button("Close", icon=":material/close:", key="close run", help="Show what the controls ask instead."):
            run_store.close()
            st.rerun()


def invitation() -> None:
    """What stands in place of the table while there are no runs."""
    with st.container(border=True, horizontal_alignment="center", gap="medium"):
        st.space("small")
        st.markdown("#### :material/history: No runs yet", text_alignment="center")
        st.markdown(
            "Every search that ends is kept here, from this dashboard and from the command line: what was asked, what "
            "it found, and every score. Name it, tag it, compare it, and come back to it by its link.",
            text_alignment="center",
            width=560,
        )
        if st.button("Ask a question", icon=":material/grid_view:", key="ask"):
            st.switch_page("dashboard/pages/explore.py")
        st.code("python -m engine search --space darts --recipe synaptic", language=None, wrap_lines=True, width=560)
        st.space("small")


def asked(values: dict[str, list[str]]) -> tuple[Filter, str, bool]:
    """Draw the filters, with the `values` that there are; what passes, in which order, and whether it falls."""
    rules = {f"runs_{name}": links.some_of(values[name]) for name in _LISTS}
    rules |= {"runs_order": links.one_of(ORDERS), "runs_rising": links.one_of(["true", "false"])}
    links.check("runs", links.broken(rules), {"runs_order": TITLES})
    text = st.text_input(
        "Look for",
        key="runs_text",
        bind="query-params",
        max_chars=200,
        icon=":material/search:",
        placeholder="name, note, tag, genotype …",
        on_change=_from_the_first,
    )
    telling = {name: title for name, title in _LISTS.items() if len(values[name]) > (name != "tags")}
    chosen = {name: _several(name, title, values[name]) for name, title in telling.items()}
    order = st.selectbox(
        "Sort by",
        ORDERS,
        key="runs_order",
        bind="query-params",
        format_func=TITLES.__getitem__,
        on_change=_from_the_first,
        help="A click on the head of a column does the same, a second one turns the order around.",
    )
    rising = st.toggle("Least first", key="runs_rising", bind="query-params", on_change=_from_the_first)
    found = Filter(text, **chosen), order or ORDERS[0], not rising
    links.warn("runs", found)
    return found


def _several(name: str, title: str, options: list[str]) -> tuple[str, ...]:
    key = f"runs_{name}"
    return tuple(
        st.multiselect(title, options, key=key, bind="query-params", placeholder="all", on_change=_from_the_first)
    )


def _from_the_first() -> None:
    """Begin with the first page again."""
    st.session_state.runs_page = 1


def picked() -> dict[str, Run]:
    """The runs that are chosen, on any page of the table, by their ids."""
    found: dict[str, Run] = st.session_state.setdefault(_PICKED, {})
    return found


def let_go() -> None:
    """Choose nothing."""
    st.session_state[_PICKED] = {}
    _draw_anew()


def table(found: Sequence[Run], order: str, falling: bool) -> None:
    """Draw a page of runs; those that are ticked are picked, and a click on the head of a column sorts."""
    key = f"runs {zlib.crc32(repr([run.id for run in found]).encode())} {st.session_state.get('runs drawn', 0)}"
    if key not in st.session_state and (ticked := [row for row, run in enumerate(found) if run.id in picked()]):
        st.session_state[key] = {"selection": {"rows": ticked, "columns": [], "cells": []}}
    st.dataframe(
        _rows(found),
        key=key,
        height=min(_HEIGHT, _HEAD + _ROW * len(found)),
        row_height=_ROW,
        hide_index=True,
        column_config=_columns(found, order, falling),
        on_select=lambda: _adopt(key, found),
        selection_mode=["multi-row", "single-column"],
        alt="Runs that were kept: what each found, what was asked, and what is said of it",
    )


def _rows(found: Sequence[Run]) -> list[dict[str, Any]]:
    """A row for every run, what tells most of it first."""
    rows = [_row(run) for run in found]
    empty = {name for name in _WORDS if not any(row[name] for row in rows)}
    return [{name: value for name, value in row.items() if name not in empty} for row in rows]


def _row(run: Run) -> dict[str, Any]:
    return {
        "open": "Open",
        "cell": thumbnail(run.genotype),
        "name": run.name,
        "space": run.space,
        "seed": run.seed,
        "params": run.params,
        "macs": run.macs,
        "proxy": run.proxy,
        "recipe": run.recipe,
        "seconds": run.seconds,
        "tags": list(run.tags),
        "created": run.when,
        "device": run.device,
        "note": run.note,
    }


def _columns(found: Sequence[Run], order: str, falling: bool) -> dict[str, Any]:
    def title(name: str) -> str:
        return TITLES[name] + (f" {'↓' if falling else '↑'}" if name == order else "")

    def open_clicked() -> None:
        st.session_state["run to open"] = found[st.session_state["open run"].row].id

    make = st.column_config
    texts = {"name": 140, "space": 108, "proxy": 78, "recipe": 76, "device": 62}
    return {
        "open": make.ButtonColumn("", width=54, type="tertiary", key="open run", on_click=open_clicked),
        "cell": make.ImageColumn(
            "Found", width=108, help="The genotype that was found, or the first of its cell types."
        ),
        "seed": make.NumberColumn(title("seed"), format="%d", width=54),
        "params": make.NumberColumn(title("params"), format="localized", width=102, help="Of the derived network."),
        "macs": make.NumberColumn(title("macs"), format="compact", width=66, help="Multiply-accumulates of one image."),
        "seconds": make.NumberColumn(title("seconds"), format="%.2f", width=80, help="How long the search took."),
        "tags": make.ListColumn("Tags", width=120),
        "created": make.DatetimeColumn(title("created"), format="YYYY-MM-DD HH:mm", timezone="UTC", width=126),
        "note": make.TextColumn("Note", width=260),
        **{name: make.TextColumn(title(name), width=width) for name, width in texts.items()},
    }


def _adopt(key: str, found: Sequence[Run]) -> None:
    """Take up what was ticked on a page, and the column that was clicked."""
    selection = st.session_state[key].selection
    st.session_state[_PICKED] = with_page(picked(), found, selection.rows)
    if clicked := selection.columns:
        order, rising = st.session_state.get("runs_order", ORDERS[0]), st.session_state.get("runs_rising", False)
        order, rising = turned(clicked[0], order, rising)
        st.session_state.update(runs_order=order, runs_rising=rising)
        _from_the_first()
        _draw_anew()


def with_page(picked: dict[str, Run], found: Sequence[Run], rows: Sequence[int]) -> dict[str, Run]:
    """The runs that are picked when of a page, `found`, only those in `rows` are."""
    here = {run.id for run in found}
    elsewhere = {run_id: run for run_id, run in picked.items() if run_id not in here}
    return elsewhere | {run.id: run for row, run in enumerate(found) if row in set(rows)}


def turned(clicked: str, order: str, rising: bool) -> tuple[str, bool]:
    """The order, and whether it rises, after a click on a column: a second one on the same turns it around."""
    if clicked not in ORDERS:
        return order, rising
    return clicked, not rising if clicked == order else clicked in _RISING


def _draw_anew() -> None:
    """Have the table forget what is ticked in it."""
    st.session_state["runs drawn"] = st.session_state.get("runs drawn", 0) + 1
