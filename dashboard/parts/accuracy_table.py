"""The controls of the user's table of accuracies: chosen or uploaded, read by a worker, completed by the user."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard.parts import links, space_picker
from dashboard.parts.text import plain
from dashboard.server import limits, session
from dashboard.server.jobs import DONE
from dashboard.server.state import forget_widget, set_widgets, state, widget_value
from dashboard.server.table_files import offered_tables, table_arguments, uploaded_table
from engine.common.errors import quoted
from engine.genotypes.population import Population
from engine.spaces import OwnSpace, SearchSpace, get_space
from engine.spaces.fields import as_space_field
from engine.tables import MAX_TABLE_BYTES, READERS, SPLITS, AccuracyTable, Column
from engine.tables.table import MAX_EPOCHS
from engine.tables.task import TableSummary, TableTask

NO_TABLE = "no table"
_MEANINGS = {
    "accuracy in per cent": (True, False),
    "error in per cent, less is better": (True, True),
    "other numbers, more is better": (False, False),
    "other numbers, less is better": (False, True),
}
"""What the numbers of a column may be: accuracies or error rates, and less is better."""
_AS_WRITTEN = "what the notation says"
KEY = "accuracy_table"
"""The key of the choice of a table, in the session and in a link."""


@dataclass
class TableState:
    """The tables that a session uploaded, by their labels, and complaints.

    `choice_complaint` is about the last upload, or about a table that a link names and that is not there; `complaint`
    is the reason why the last `choose_column` gave nothing although a table was chosen.
    """

    uploads: dict[str, TableTask] = field(default_factory=dict)
    choice_complaint: str = ""
    complaint: str = ""


class TableColumn(NamedTuple):
    """A column of a table: `task` reads the table, `table` has what the user says of it."""

    task: TableTask
    table: AccuracyTable
    name: str

    @property
    def column(self) -> Column:
        """Return the column itself."""
        return self.table.column(self.name)

    @property
    def description(self) -> str:
        """Return the meaning of the numbers and the name of their table."""
        return f"{self.column.description}, table {self.table.name}"

    @property
    def title(self) -> str:
        """Return the kind of number as a heading: Accuracy, Error or Value."""
        return self.column.quantity.capitalize()

    def values(self, population: Population) -> NDArray[np.float64]:
        """Return the numbers of architectures, nan where the table has none, `(architectures,)`."""
        return self.table.lookup(population, self.name)


def choose_column(space: str | SearchSpace | None = None) -> TableColumn | None:
    """Draw the controls of the table and return the column chosen in it, or None, with a reason shown if there is one.

    Where `space` is given, a table of another space gives none.
    """
    state(TableState).complaint = ""
    page_space = None if space is None else get_space(space)
    with st.expander("Accuracy table", icon=":material/table_chart:", expanded=space is None or bool(offered_tables())):
        task = _choose_table()
        if task is not None:
            task = task.model_copy(update={"space": _notation_space(page_space)})
        table = _read(task) if task is not None else None
        if task is None or table is None:
            return None
        st.caption(plain(" ".join(table.report.sentences)))
        if page_space not in (None, table.population.space):
            title = plain(table.population.space.title)
            st.info(f"The table holds architectures of {title}, not of the space chosen above.")
            return None
        return _choose_column_of(task, table)


def figure(value: float, unit: str) -> str:
    """Write a number of a column: per cents with two decimals, numbers without a unit with four digits."""
    return f"{value:.2f}" if unit else f"{value:.4g}"


def amount(value: float, unit: str) -> str:
    """Write a number of a column as `figure` does, with its unit."""
    return f"{figure(value, unit)} {unit}".strip()


def table_is_chosen() -> bool:
    """Return True where a table is chosen."""
    return widget_value(KEY) not in (None, NO_TABLE)


def table_complaint() -> str:
    """Return one sentence on why the last `choose_column` gave nothing although a table was chosen; else nothing."""
    return state(TableState).complaint


def readable_kinds() -> str:
    """Return the kinds of files that hold tables, those first that may be uploaded."""
    anywhere = [reader.title for reader in READERS.values() if not reader.risk]
    trusted = [reader.title for reader in READERS.values() if reader.risk]
    return ", ".join(anywhere) + (f"; from the folder of the server also {', '.join(trusted)}" if trusted else "")


def _notation_space(page_space: SearchSpace | None) -> str | OwnSpace | None:
    """Return the space in whose notation the table is read, None for the one that the notation itself names.

    Where the page is of a space, it is that one; else a choice of those that write like another.
    """
    alike = {label: space for label, space in space_picker.offered_spaces().items() if space.notation_form != label}
    space = page_space
    if space is None:
        links.mend_link("table space", links.checker({"table_space": _notation_space_rule}))
        label = st.selectbox(
            "Architectures of",
            [_AS_WRITTEN, *alike],
            key="table_space",
            bind="query-params",
            persist_state="session",
            help="Spaces that share a notation cannot be told apart by it.",
        )
        links.warn_of_link("table space", label)
        space = alike.get(label)
    return as_space_field(space) if space in alike.values() else None


def _notation_space_rule(name: str, values: list[str]) -> str:
    return "" if values == [_AS_WRITTEN] else space_picker.space_rule(name, values)


def _choose_table() -> TableTask | None:
    """Draw the choice of a table among those of the server and of this session, and return the task that reads it."""
    tables = offered_tables() | state(TableState).uploads
    _check_choice(tables)
    label = st.selectbox(
        "Table",
        [NO_TABLE, *tables],
        index=1 if table_arguments() and tables else 0,
        key=KEY,
        bind="query-params",
        persist_state="session",
        help="Accuracies that you bring: a column of genotypes in any notation and columns of numbers. The server "
        "offers those in the folder `FREENAS_TABLES` and the files after `--table`. None ships with the project.",
    )
    most = limits.upload_megabytes(MAX_TABLE_BYTES // 10**6)
    st.file_uploader(
        f"or a file of yours (CSV, JSON, Parquet; at most {most} MB)",
        key="table_upload",
        on_change=_adopt_upload,
        max_upload_size=most,
        disabled=limits.read_only(),
    )
    if limits.read_only():
        st.caption(plain(limits.READ_ONLY))
    if complaint := state(TableState).choice_complaint:
        _complain(complaint)
    return tables.get(label)


def _check_choice(labels: Collection[str]) -> None:
    """Let go of a table that is not there, and keep a complaint if a link asked for it."""
    if widget_value(KEY) not in (None, NO_TABLE, *labels):
        forget_widget(KEY)
    in_link = st.query_params.get(KEY)
    if widget_value(KEY) is None and in_link not in (None, NO_TABLE, *labels):
        complaint = f"There is no table {quoted(in_link)} here; a table that was uploaded is for its own session alone."
        state(TableState).choice_complaint = complaint


def _complain(sentence: str) -> None:
    state(TableState).complaint = sentence
    st.error(plain(sentence), icon=":material/error:")


def _read(task: TableTask) -> AccuracyTable | None:
    """Return the table once a worker has read it; None before, and where it cannot be read, with the reason shown."""
    if not isinstance(session.known_answer(task), TableSummary):
        _have_read(task)
    if not isinstance(session.known_answer(task), TableSummary):
        return None
    try:
        return _loaded(task)
    except (ValueError, OSError) as error:
        path = Path(task.path)
        reason = error if path.exists() else "it was forgotten to make room for others; bring it again"
        _complain(f"{path.name} cannot be read any more: {reason}")
        return None


def _have_read(task: TableTask) -> None:
    """Put the reading of a table to a worker, or tell how it ended."""
    last = session.job(session.READING)
    if last is None or last.task != task or last.state == DONE:
        session.start(task, session.READING)
    elif failure := session.failure(session.READING, task):
        name = Path(task.path).name
        _complain(failure if failure.startswith(name) else f"{name} cannot be read: {failure}")
    elif not last.active:
        st.info("Reading was stopped.", icon=":material/stop_circle:")
        if st.button("Read it", icon=":material/refresh:", key="read_table"):
            session.start(task, session.READING)
            st.rerun()


def _choose_column_of(task: TableTask, table: AccuracyTable) -> TableColumn:
    """Draw the choice of a column, and what the user says of it where the file does not."""
    names = [column.name for column in sorted(table.columns, key=lambda column: not column.accuracy)]
    links.mend_link("column", links.checker({"accuracy_column": links.one_of(names)}))
    name = str(st.selectbox("Column", names, key="accuracy_column", bind="query-params", persist_state="session"))
    links.warn_of_link("column", name)
    key = hashlib.sha256(f"{task.path}\n{name}".encode()).hexdigest()[:12]
    accuracy, lower = _meaning(table.column(name), key)
    try:
        table = table.annotated(name, accuracy=accuracy, lower_is_better=lower)
        if table.column(name).missing:
            st.caption("The file does not say all of it. What is said here stands beside every number:")
            table = table.annotated(name, **_missing_parts(table.column(name), key))
    except ValueError as error:
        _complain(f"{error}.")
    return TableColumn(task, table, name)


def _meaning(column: Column, key: str) -> tuple[bool, bool]:
    """Draw the choice of what the numbers are; return whether they are accuracies, and whether less is better."""
    meanings = list(_MEANINGS.values())
    meaning = st.selectbox(
        "Meaning",
        list(_MEANINGS),
        meanings.index((column.accuracy, column.lower_is_better)),
        key=f"meaning {key}",
        persist_state="session",
        help="As the name of the column says; to be corrected where it says nothing, or something else.",
    )
    return _MEANINGS[meaning]


def _missing_parts(column: Column, key: str) -> dict[str, Any]:
    """Draw a control for every part that the file does not say, and return the values, None where there is none."""
    parts: dict[str, Any] = {}
    if column.dataset is None:
        text = st.text_input(
            "Dataset", key=f"dataset {key}", max_chars=60, placeholder="such as CIFAR-10", persist_state="session"
        )
        parts["dataset"] = (text or "").strip() or None
    if column.split is None:
        parts["split"] = st.selectbox(
            "Split", SPLITS, None, key=f"split {key}", placeholder="choose a split", persist_state="session"
        )
    if column.epochs is None:
        parts["epochs"] = st.number_input(
            "Epochs of training",
            1,
            MAX_EPOCHS,
            None,
            key=f"epochs {key}",
            placeholder="such as 200",
            persist_state="session",
        )
    return parts


def _adopt_upload() -> None:
    """Keep an uploaded file where the worker can read it, and choose it; or keep a sentence on the reason why not."""
    uploaded, tables = widget_value("table_upload"), state(TableState)
    tables.choice_complaint = ""
    if uploaded is None:
        return
    try:
        task = uploaded_table(uploaded.name, uploaded.getvalue())
    except OSError as error:
        tables.choice_complaint = f"The file cannot be kept on the server: {error.strerror or error}."
        return
    label = f"{Path(task.path).name} (uploaded)"
    tables.uploads[label] = task
    set_widgets({KEY: label})


@st.cache_resource(max_entries=4, show_spinner=False)
def _loaded(task: TableTask) -> AccuracyTable:
    return task.load()
