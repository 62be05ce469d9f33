"""The table of accuracies that all pages share: chosen in the header, read by a worker, completed by the user."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard.parts import space_picker
from dashboard.parts.table_choice import MEANINGS, TableChoice, address_choice, went_back, write_address
from dashboard.server import session
from dashboard.server.jobs import DONE, FAILED
from dashboard.server.state import state
from dashboard.server.table_files import default_table, table_task
from engine.genotypes.population import Population
from engine.spaces import SearchSpace, get_space
from engine.spaces.fields import as_space_field
from engine.studies.evidence import EvidenceQuestion, EvidenceTask
from engine.tables import READERS, AccuracyTable, Column
from engine.tables.task import TableSummary, TableTask


class _TableMissing(ValueError):
    """The error of a choice that gives no table; its text is one sentence."""


@dataclass
class TableState:
    """The table of a session.

    `task` reads the table of `choice`, once that is done; `reading` names it until then. `before` was read last, and is
    chosen again where `choice` cannot be read, which is then `failed`, with a `complaint`. `by_user` is True where the
    user chose, not a link or the server; `retry` has a table read again that could not be. `choices` holds the last
    choice of every table and column.
    """

    begun: bool = False
    choice: TableChoice = field(default_factory=TableChoice)
    before: TableChoice = field(default_factory=TableChoice)
    failed: TableChoice | None = None
    task: TableTask | None = None
    reading: str = ""
    complaint: str = ""
    by_user: bool = False
    retry: bool = False
    choices: dict[tuple[str, str], TableChoice] = field(default_factory=dict)


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

    def evidence_task(self, question: EvidenceQuestion) -> EvidenceTask:
        """Return the task of weighing scores against the column, with what the user says of it."""
        column = self.column
        return EvidenceTask(
            table=self.task,
            dataset=column.dataset,
            split=column.split,
            epochs=column.epochs,
            accuracy=column.accuracy,
            lower_is_better=column.lower_is_better,
            question=question,
        )

    def values(self, population: Population) -> NDArray[np.float64]:
        """Return the numbers of architectures, nan where the table has none, `(architectures,)`."""
        return self.table.lookup(population, self.name)


def chosen_column(space: str | SearchSpace | None = None) -> TableColumn | None:
    """Return the column chosen in the header; None where there is none, or while it is read.

    Where `space` is given, a table of another space gives none.
    """
    tables = state(TableState)
    if tables.task is None:
        return None
    try:
        column = _column(tables.task, tables.choice)
    except (ValueError, OSError):
        return None
    return column if space is None or get_space(space) == column.table.population.space else None


def reading_table() -> str:
    """Return the name of the table that is being read, nothing where none is."""
    return state(TableState).reading


def table_query() -> dict[str, str]:
    """Return the parameters of an address that ask for the table that is chosen."""
    choice = state(TableState).choice
    return choice.query(default=not choice.table and bool(default_table()))


def unstated_facts(chosen: TableColumn) -> tuple[str, ...]:
    """Return those of dataset, split and epochs that the file of a chosen column does not say."""
    read = _loaded(chosen.task).column(chosen.name)
    facts = chosen.column
    return replace(facts, dataset=read.dataset, split=read.split, epochs=read.epochs).missing


def readable_kinds() -> str:
    """Return the kinds of files that hold tables, those first that may be uploaded."""
    anywhere = [reader.title for reader in READERS.values() if not reader.risk]
    trusted = [reader.title for reader in READERS.values() if reader.risk]
    return ", ".join(anywhere) + (f"; from the folder of the server also {', '.join(trusted)}" if trusted else "")


def column_names(table: AccuracyTable) -> list[str]:
    """Return the names of the columns that may be chosen, accuracies first."""
    return [column.name for column in sorted(table.columns, key=lambda column: not column.accuracy)]


def follow_choice() -> None:
    """Take the table of a link, have the chosen one read, and keep it in the address: once a run, before the page."""
    tables = state(TableState)
    if not tables.begun or went_back():
        default = tables.choice if tables.begun else TableChoice(default_table())
        tables.choice, tables.by_user = address_choice() or default, False
    tables.begun = True
    _settle(tables)
    write_address(table_query())


def pick(choice: TableChoice) -> None:
    """Have a table, a column, or what is said of it chosen from now on: for callbacks."""
    tables = state(TableState)
    tables.choice, tables.by_user, tables.retry = choice, True, True
    tables.choices[choice.table, choice.column] = choice
    forgive()


def pick_table(reference: str) -> None:
    """Have the table of this name or digest chosen, as it was when it was chosen last."""
    pick(state(TableState).choices.get((reference, ""), TableChoice(reference)))


def pick_column(name: str) -> None:
    """Have the column of this name chosen, "" for the first, as it was when it was chosen last."""
    tables = state(TableState)
    choice = TableChoice(tables.choice.table, tables.choice.space, name)
    pick(tables.choices.get((choice.table, name), choice))


def pick_space(label: str) -> None:
    """Have the table, or the one that could not be read, read as one of the space with this label, "" for any."""
    tables = state(TableState)
    pick(replace(tables.failed or tables.choice, space=label))


def forgive() -> None:
    """Forget the complaint about the last choice."""
    tables = state(TableState)
    tables.complaint, tables.failed = "", None


def _settle(tables: TableState) -> None:
    """Read the table that is chosen, or take the one before where that cannot be, with a complaint."""
    gone, tables.task, tables.reading = tables.task, None, ""
    for choice in dict.fromkeys((tables.choice, tables.before)):
        tables.choice = choice
        if not choice.table:
            tables.before = choice
            return
        try:
            tables.task = _read(choice, gone)
        except _TableMissing as error:
            if not tables.failed:
                tables.complaint, tables.failed = str(error), choice
            continue
        if tables.task is not None:
            _check_column(tables, tables.task)
            tables.before = tables.choice
        return
    tables.choice = tables.before = TableChoice()


def _read(choice: TableChoice, gone: TableTask | None) -> TableTask | None:
    """Return the task that has read a table, None while a worker does; `_TableMissing` where it cannot be read."""
    tables = state(TableState)
    task = table_task(choice.table)
    if task is None and gone is not None and choice == tables.before:
        raise _TableMissing(f"{Path(gone.path).name} was forgotten to make room for others; bring it again.")
    if task is None:
        raise _TableMissing(
            "The table of this link is not here: uploads are kept for a while, where they were brought."
        )
    if choice.space and choice.space not in space_picker.offered_spaces():
        raise _TableMissing("The table of this link is one of a space of its owner's own, which is not here.")
    if choice.space:
        space = as_space_field(space_picker.offered_spaces()[choice.space])
        task = task.model_copy(update={"space": space})
    if not isinstance(session.known_answer(task), TableSummary):
        _put_to_worker(task, again=tables.retry)
    tables.retry = False
    if not isinstance(session.known_answer(task), TableSummary):
        tables.reading = Path(task.path).name
        return None
    try:
        _loaded(task)
    except (ValueError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise _TableMissing(f"{Path(task.path).name} cannot be read any more: {reason}.") from None
    return task


def _put_to_worker(task: TableTask, *, again: bool) -> None:
    """Have a worker read a table, unless it does or tried to; `_TableMissing` where that ended without a table."""
    last = session.job(session.READING)
    if last is None or last.task != task or last.state == DONE or (again and not last.active):
        session.start(task, session.READING)
        last = session.job(session.READING)
    name = Path(task.path).name
    if last is not None and last.state == FAILED:
        raise _TableMissing(last.error if last.error.startswith(name) else f"{name} cannot be read: {last.error}")
    if last is not None and not last.active and last.state != DONE:
        raise _TableMissing(f"Reading {name} was stopped; choose it again to have it read.")


def _check_column(tables: TableState, task: TableTask) -> None:
    """Let go of a column that the table has not, and of what cannot be said of one, with a complaint."""
    choice = tables.choice
    try:
        _column(task, choice)
    except ValueError as error:
        tables.complaint, tables.failed = f"{error}.", None
        tables.choices.pop((choice.table, choice.column), None)
        column = choice.column if choice.column in column_names(_loaded(task)) else ""
        tables.choice = TableChoice(choice.table, choice.space, column)


def _column(task: TableTask, choice: TableChoice) -> TableColumn:
    """Return the column of a choice, with what is said of it; `ValueError` where that cannot be."""
    table = _loaded(task)
    name = choice.column or column_names(table)[0]
    column = table.column(name)
    if choice.meaning:
        meaning = MEANINGS[choice.meaning]
        table = table.annotated(name, accuracy=meaning.accuracy, lower_is_better=meaning.lower_is_better)
        column = table.column(name)
    if column.missing:
        table = table.annotated(name, **choice.facts(column))
    return TableColumn(task, table, name)


@st.cache_resource(max_entries=4, show_spinner=False)
def _loaded(task: TableTask) -> AccuracyTable:
    return task.load()
