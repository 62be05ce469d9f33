"""The ranking of the table in the header by the score of a question: what an answer is worth there."""

from __future__ import annotations

import streamlit as st

from dashboard.parts.accuracy_table import chosen_column
from dashboard.server import limits, session
from engine import SearchConfig, SearchResult
from engine.studies.evidence import Evidence, EvidenceTask
from engine.studies.worth import Worth, evidence_correlations, evidence_question, result_worth, standing


def table_worth(result: SearchResult) -> Worth:
    """Return the worth of a result: by the table of the header where one is chosen, and by figures of ours."""
    column = chosen_column(result.space)
    if column is None:
        return result_worth(result)
    task = _ranking_task(result.config)
    evidence = session.known_answer(task) if task is not None else None
    ranking = evidence_correlations(evidence, result.config.proxy) if isinstance(evidence, Evidence) else None
    return result_worth(result, standing(column.table, column.name, result.genotype), ranking)


def ranking_button(config: SearchConfig) -> None:
    """Draw the button that has a worker rank the table of the header, until that is known."""
    task = _ranking_task(config)
    if task is None or session.known_answer(task) is not None:
        return
    busy = session.WEIGHING in session.active_jobs()
    if st.button(
        "Rank your table by this score",
        "rank table",
        "Correlates the score with the accuracies of the table, beside counting parameters.",
        icon=":material/leaderboard:",
        type="tertiary",
        disabled=busy or bool(limits.refusal(task)),
    ):
        session.start(task, session.WEIGHING)
        st.rerun()


def _ranking_task(config: SearchConfig) -> EvidenceTask | None:
    """Return the task that ranks the table of the header by a question's score; None without a table or a measure."""
    column = chosen_column(config.space)
    question = evidence_question(config, column.name) if column is not None else None
    return column.evidence_task(question) if column is not None and question is not None else None
