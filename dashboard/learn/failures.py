"""The section on where FreeFlow fails: two pictures, and our figures in a table."""

from __future__ import annotations

import streamlit as st

from dashboard.learn import words
from dashboard.learn.failure_charts import (
    FlowPoints,
    precision_agreement,
    precision_fall,
    precision_figure,
    weight_figure,
    weight_points,
    weight_task,
)
from dashboard.parts.accuracy_table import TableColumn
from dashboard.parts.chart import chart
from dashboard.parts.plain_figure import PlainFigure
from dashboard.parts.refusal import show_refusal
from dashboard.parts.table import TextColumn, text_table
from dashboard.parts.text import plain
from dashboard.server import session
from dashboard.server.jobs import DONE
from engine.spaces import get_space
from engine.studies.atlas import Atlas, AtlasTask
from engine.studies.worth import worth

_SPACES = ("nas-bench-201", "darts")


def failure_view(column: TableColumn | None) -> None:
    """Draw where FreeFlow fails: on the user's table where there is one, else by what needs none."""
    st.header("Where it fails", anchor="where-it-fails")
    st.markdown(words.FAILS)
    left, right = st.columns(2, gap="large")
    with left:
        _weight_view(column)
    with right:
        st.subheader("On DARTS the authors' recipe ranks rounding error")
        chart(
            precision_figure(),
            "learn_precision",
            "Scatter of the scores of released on DARTS: 64-bit precision against 32-bit precision, both logarithmic.",
        )
        st.markdown(words.ROUNDING + precision_sentence())
    _measured_view()


def _weight_view(column: TableColumn | None) -> None:
    task = weight_task(column)
    used = column if column is not None and _covers(task, column) else None
    st.subheader(
        "Flow grows with weights" if used is None else "Flow against accuracy", anchor="flow-grows-with-weights"
    )
    if isinstance(atlas := session.known_answer(task), Atlas):
        key = None if used is None else (used.task.model_dump_json(), used.name, used.description)
        sentence, figure = _weight_picture(task.model_dump_json(), key, atlas, used)
        chart(figure, "learn_weight", sentence)
        st.markdown(plain(sentence))
    else:
        _compute(task)


def _covers(task: AtlasTask, column: TableColumn) -> bool:
    return get_space(task.space) == column.table.population.space


@st.cache_resource(show_spinner=False, max_entries=8)
def _weight_picture(
    task: str, table: tuple[str, str, str] | None, _atlas: Atlas, _column: TableColumn | None
) -> tuple[str, PlainFigure]:
    """Return the picture of flow and weights and what it shows, once for each of their sources."""
    points = weight_points(_atlas, _column)
    return weight_sentence(points), weight_figure(points)


def _compute(task: AtlasTask) -> None:
    """Have a worker compute, once; what failed or was stopped is asked for again by a button."""
    if show_refusal(task):
        return
    last = session.job(session.CHARTING)
    if last is None or last.task != task:
        session.start(task, session.CHARTING)
    elif not last.active and last.state != DONE:
        st.error(plain(session.failure(session.CHARTING, task) or "The computation was stopped."))
        if st.button("Compute", icon=":material/refresh:", key="learn compute"):
            session.start(task, session.CHARTING)
            st.rerun()


def weight_sentence(points: FlowPoints) -> str:
    """Say what the picture of flow and weights shows, in numbers."""
    silent = len(points.flow) - int(points.drawn.sum())
    left_out = f" (not drawn: the {silent:,} through which nothing flows)" if silent else ""
    sentence = (
        f"{len(points.flow):,} architectures of {points.space.title}{left_out}: the rank correlation of log-flow and "
        f"{points.meaning} is {points.correlation:.2f}."
    )
    if points.table:
        better = "better" if points.params_correlation > points.correlation else "worse"
        return f"{sentence} Counting parameters, {points.params_correlation:.2f}, does {better}."
    most = "" if points.params[points.flow.argmax()] == points.params.max() else "not "
    return f"{sentence} The one with the highest flow is {most}the one with the most parameters."


def precision_sentence() -> str:
    """Say what the picture of the two precisions shows, in numbers."""
    same, edges = precision_agreement()
    return (
        f"The largest score is {precision_fall() / 1e6:,.0f} million times smaller in 64 bits, and another operation "
        f"comes first on {edges - same} of {edges} connections."
    )


def _measured_view() -> None:
    """Draw our figures of both spaces, whose tables do not ship."""
    rows = []
    for name in _SPACES:
        if (figures := worth(name).correlations) is not None:
            rows.append((get_space(name).title, figures.basis, figures.spearman.text, figures.params.text))
    titles = ("space", "accuracies", "Spearman of log-flow", "of the parameter count")
    text_table("Rank correlations that we measured", [TextColumn(title) for title in titles], rows, "learn_measured")
    st.caption("Our measurements, closed form of seed 0, 95 % bootstrap intervals; the tables themselves do not ship.")
