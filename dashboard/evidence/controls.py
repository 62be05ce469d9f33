"""The controls of evidence, in a bar: its scores, a sample of the table, and rare ones; bound to the address bar."""

from __future__ import annotations

import streamlit as st

from dashboard.evidence.request import BASIC_SCORES, SAMPLES, EvidenceRequest, basic_scores, too_few
from dashboard.parts import links, measure_picker
from dashboard.parts.accuracy_table import TableColumn
from engine.data.images import DATA
from engine.measures import MEASURES

_LAST_SEED = 2**32 - 1
_OFFERED = [name for name in MEASURES if name not in BASIC_SCORES]
EVIDENCE_RULES = {
    "scores": links.some_of(_OFFERED),
    "join": links.some_of([*BASIC_SCORES, *_OFFERED]),
    "data": links.one_of(DATA),
    "sample": links.one_of(SAMPLES),
    "seed": links.whole_between(0, _LAST_SEED),
}
"""The rules of what a link may ask of this page, but for what depends on the table."""


def evidence_controls(table_column: TableColumn | None) -> EvidenceRequest | None:
    """Draw the controls of the scores where a table is chosen; return what they ask for, if it is anything."""
    links.mend_link("evidence", links.checker(EVIDENCE_RULES), measure_picker.option_titles("scores", "join"))
    request = None if table_column is None or too_few(table_column) else _score_controls(table_column)
    links.warn_of_link("evidence", request)
    return request


def _score_controls(table_column: TableColumn) -> EvidenceRequest | None:
    """Draw the controls of the scores; None, with an error shown, if they ask for what there is not."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="bar"):
        measures = _measures(table_column)
        sample = _sample()
        with st.popover("More", icon=":material/tune:"):
            joined = _joined_measures()
            data = measure_picker.choose_images([*measures, *joined])
            columns = _columns(table_column)
            seed = _seed()
    if seed is None or not 0 <= seed <= _LAST_SEED:
        st.error(f"Seeds go from 0 to {_LAST_SEED:,}.")
        return None
    return EvidenceRequest(
        table_column,
        int(seed),
        (*(name for name in _OFFERED if name in measures), *(["+".join(joined)] if len(joined) > 1 else [])),
        tuple(column.name for column in table_column.table.columns if column.name in columns),
        sample,
        data,
    )


def _measures(table_column: TableColumn) -> list[str]:
    always = ", ".join(MEASURES[name].title for name in basic_scores(table_column))
    return measure_picker.choose_measures(
        "More scores",
        _OFFERED,
        "scores",
        f"{always} are always weighed. Those that run a network of every architecture take from minutes to hours: the "
        "page says how long, and asks for a sample, before they begin.",
    )


def _joined_measures() -> list[str]:
    return st.multiselect(
        "Join scores",
        [*BASIC_SCORES, *_OFFERED],
        key="join",
        bind="query-params",
        format_func=lambda name: MEASURES[name].title,
        placeholder="two or more",
        help="One more score: the ranks of these, joined by the sum of log(rank / N).",
    )


def _sample() -> str:
    """Draw the choice of a sample; return its name, "" where none is chosen."""
    sample = st.segmented_control(
        "Architectures",
        list(SAMPLES),
        key="sample",
        bind="query-params",
        help="All of the table, or a fixed sample of it, the same for every score. Without a choice all are weighed, "
        "and scores that take long wait for one.",
    )
    return sample or ""


def _columns(table_column: TableColumn) -> list[str]:
    others = [column.name for column in table_column.table.columns if column.name != table_column.name]
    if not others:
        return []
    links.mend_link("columns", links.checker({"score_columns": links.some_of(others)}))
    columns = st.multiselect(
        "Columns of the table as scores",
        others,
        key="score_columns",
        bind="query-params",
        placeholder="none",
        help="Numbers that stand in the file, such as a proxy of another program. More is taken as better, "
        "but of errors, losses and times.",
    )
    links.warn_of_link("columns", columns)
    return columns


def _seed() -> int | None:
    return st.number_input(
        "Seed",
        0,
        _LAST_SEED,
        0,
        1,
        key="seed",
        bind="query-params",
        help="Draws the weights of the networks that are scored, and the resamples of the intervals.",
    )
