"""The controls of evidence: its scores, its images, a sample of the table, and the seed; bound to the address bar."""

from __future__ import annotations

import streamlit as st

from dashboard.evidence.request import BASIC_SCORES, EvidenceRequest, basic_scores, too_few
from dashboard.parts import links, measure_picker
from dashboard.parts.accuracy_table import TableColumn
from engine.data.images import DATA
from engine.measures import MEASURES

_LAST_SEED = 2**32 - 1
_SAMPLES = ("all", "1,000 of them", "300 of them")
_OFFERED = [name for name in MEASURES if name not in BASIC_SCORES]
EVIDENCE_RULES = {
    "scores": links.some_of(_OFFERED),
    "join": links.some_of([*BASIC_SCORES, *_OFFERED]),
    "data": links.one_of(DATA),
    "sample": links.one_of(_SAMPLES),
    "seed": links.whole_between(0, _LAST_SEED),
}
"""The rules of what a link may ask of this page, but for what depends on the table."""


def evidence_controls(table_column: TableColumn | None) -> EvidenceRequest | None:
    """Draw the controls of the scores where a table is chosen; return what they ask for, if it is anything."""
    links.mend_link("evidence", links.checker(EVIDENCE_RULES), measure_picker.option_titles("scores", "join"))
    request = None if table_column is None or too_few(table_column) else score_controls(table_column)
    links.warn_of_link("evidence", request)
    return request


def score_controls(table_column: TableColumn) -> EvidenceRequest | None:
    """Draw the controls of the scores; None, with an error shown, if they ask for what there is not."""
    with st.expander("Scores", icon=":material/leaderboard:", expanded=True):
        st.caption(f"Always there: {', '.join(MEASURES[name].title for name in basic_scores(table_column))}.")
        measures, joined = _measures(), _joined_measures()
        data = measure_picker.choose_images([*measures, *joined])
        sample = _sample()
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


def _measures() -> list[str]:
    return measure_picker.choose_measures(
        "More proxies",
        _OFFERED,
        "scores",
        "Computed when chosen, for every architecture of the table: those that run networks take from minutes to "
        "hours; progress says how long.",
    )


def _joined_measures() -> list[str]:
    return st.multiselect(
        "Join",
        [*BASIC_SCORES, *_OFFERED],
        key="join",
        bind="query-params",
        format_func=lambda name: MEASURES[name].title,
        placeholder="two or more",
        help="One more score: the ranks of these, joined by the sum of log(rank / N).",
    )


def _sample() -> int | None:
    """Draw the choice of a sample; return its size, None for the whole table."""
    sample = st.selectbox(
        "Architectures",
        _SAMPLES,
        key="sample",
        bind="query-params",
        help="All of the table, or a fixed sample of it for scores that take long.",
    )
    return None if sample == _SAMPLES[0] else int(sample.split()[0].replace(",", ""))


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
