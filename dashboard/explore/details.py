"""The tabs below the pictures: the genotype, the table of scores, the notices, and where a result comes from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from dashboard.explore.picture import PictureLook
from dashboard.explore.shown import start_search
from dashboard.parts.importance import Importance, connection_noun, importances
from dashboard.parts.notices import explained_notice
from dashboard.parts.text import plain
from dashboard.server import session
from dashboard.server.results import ShownResult
from dashboard.server.state import set_widgets
from engine import SearchConfig, SearchResult
from engine.exports.drawing import cell_title
from engine.operations.registry import get_operation
from engine.proxies import get_proxy
from engine.searches.budget import budget_sentence
from engine.searches.diagnostics import PRECISION, TIE
from engine.searches.frame import Frame
from engine.spaces import SearchSpace


def details_view(shown: ShownResult, look: PictureLook) -> None:
    """Draw the tabs, of which only the open one is written."""
    result = shown.result
    notices = f"Notices ({len(result.notices)})" if result.notices else "Notices"
    genotype, table, notes, details = st.tabs(["Genotype", "Table", notices, "Details"], key="below", on_change="rerun")
    with genotype:
        if genotype.open:
            st.code(result.genotype.notation, language=None, wrap_lines=True)
    with table:
        if table.open:
            _draw_table(look)
    with notes:
        if notes.open:
            _draw_notices(result, shown.answers)
    with details:
        if details.open:
            _draw_details(result)


def _draw_table(look: PictureLook) -> None:
    space, unit = look.result.space, get_proxy(look.result.config.proxy).unit
    for kind in space.cell_types:
        if len(space.cell_types) > 1:
            st.markdown(f"**{cell_title(kind)}**")
        st.dataframe(
            score_rows(look.result.frame(kind)),
            hide_index=True,
            column_config=_column_formats(space, unit),
            alt=f"Scores of every operation on every {connection_noun(space)}: {cell_title(kind).lower()}",
        )


def _column_formats(space: SearchSpace, unit: str) -> Mapping[str, Any]:
    make = st.column_config.NumberColumn
    titles = importances(space, unit)
    return {_log_title(titles["score"]): make(format="%.2f", help=titles["score"].unit)} | {
        importance.title: make(format="%.4g", help=importance.unit) for importance in titles.values()
    }


def _log_title(importance: Importance) -> str:
    return f"log₁₀ {importance.title.lower()}"


def score_rows(frame: Frame) -> list[dict[str, Any]]:
    """Return a row for every operation on every edge, with all its numbers, huge raw scores as their logarithms."""
    space, tables = frame.space, {}
    for name, importance in importances(space, frame.proxy.unit).items():
        numbers = frame.numbers(name)
        if numbers.exponent:
            with np.errstate(divide="ignore"):
                tables[_log_title(importance)] = np.log10(numbers.values) + numbers.exponent
        else:
            tables[importance.title] = numbers.values
    return [
        {connection_noun(space): space.edge_name(edge), "operation": get_operation(name).title}
        | {title: _written(table[row, column]) for title, table in tables.items()}
        for row, edge in enumerate(space.edges)
        for column, name in enumerate(space.operations)
    ]


def _written(number: float) -> float | None:
    """Return a number for a table, None for the logarithm of 0."""
    return float(number) if math.isfinite(number) else None


def _draw_notices(result: SearchResult, answers: bool) -> None:
    """Draw the notices of a result, and where rounding decided, the button that searches in double precision."""
    if not result.notices:
        st.caption("Nothing to warn of: the scores are well above rounding, and no tie decides.")
    for notice in result.notices:
        if notice.code == TIE:
            st.markdown(f":material/balance: {explained_notice(notice)}")
        else:
            st.warning(explained_notice(notice), icon=":material/warning:")
    doubtful = answers and result.has(PRECISION) and result.config.dtype == "float32"
    if doubtful and st.button(
        "Search again in float64",
        key="search in float64",
        icon=":material/search:",
        disabled=session.SEARCHING in session.active_jobs(),
        on_click=_ask_in_double,
        args=[result.config.model_copy(update={"dtype": "float64"})],
    ):
        st.rerun()  # the controls stand outside of the answer's fragment


def _ask_in_double(question: SearchConfig) -> None:
    set_widgets({"dtype": question.dtype})
    start_search(question)


def _draw_details(result: SearchResult) -> None:
    st.markdown(plain(provenance(result)))
    if result.budget is not None:
        st.markdown(plain(budget_sentence(result.budget, result.config.limits)))
    if get_proxy(result.config.proxy).unit == "flow":
        st.markdown(
            f"log R of the supernet: {result.passes[0].log_flow:.1f}",
            help="Natural logarithm of the sum of the logits of the whole supernet, the total flow. That of the "
            "architecture alone stands on the page Atlas.",
        )
    shorts = {name: get_operation(name).short for name in result.space.operations}
    names = ", ".join(f"{short} = {name}" for name, short in shorts.items() if short != name)
    noun = connection_noun(result.space)
    st.caption(f"White and black frame: chosen; dotted: chosen, but its {noun} was dropped. {names}")


def provenance(result: SearchResult) -> str:
    """Return the versions and the device that computed a result, and its settings."""
    environment, config, count = result.environment, result.config, len(result.passes)
    threads = f"{environment['threads']} thread{'s' if environment['threads'] > 1 else ''}"
    computer = f"engine {environment['engine']}, torch {environment['torch']}, {environment['device_name']}, {threads}"
    parts = [f"Normalisation {config.normalisation}", f"α {config.alpha}", config.method, f"field {config.field}"]
    if get_proxy(config.proxy).needs_data:
        parts.append(f"{config.batch} images ({config.data})")
    passes = f"{count} pass{'es' if count > 1 else ''} in {result.timing['total']:.3g} s"
    return f"{passes} ({computer}). {', '.join(parts)}; {_size(result)}."


def _size(result: SearchResult) -> str:
    config, meaning = result.config, result.space.cells_meaning
    cells = meaning.replace("cells", "cell", 1) if config.cells == 1 else meaning
    return f"{config.channels} channels, {config.cells} {cells}, {config.image_size}² pixels"
