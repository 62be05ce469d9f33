"""The switcher of the table in the header: its short name, and a menu of tables, uploads, columns and their meaning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.parts import accuracy_table, space_picker
from dashboard.parts.accuracy_table import TableColumn, TableState
from dashboard.parts.table_choice import MEANINGS
from dashboard.parts.text import plain
from dashboard.server import limits, session
from dashboard.server.state import set_widgets, state, widget_value
from dashboard.server.table_files import keep_table, kept_tables, offered_tables
from engine.tables import MAX_TABLE_BYTES, SPLITS, AccuracyTable, Column
from engine.tables.table import MAX_EPOCHS
from engine.tables.task import TableSummary

MENU = "table_popover"
"""The key of the menu, whose value is True while it is open."""
_LONGEST = 32
"""The most characters of the label in the header."""
_WIDTH = 480
"""The pixels that the menu is wide, where there is room."""


@dataclass
class SwitcherState:
    """The menu as it was drawn last. Its label and icon stay as long as it is open: with others it is another menu."""

    label: str = ""
    icon: str = ""
    opened: bool = False


def table_switcher() -> None:
    """Draw the table that all pages share and the menu that changes it: once a run, before the page."""
    drawn, opened = state(SwitcherState), bool(widget_value(MENU))
    if drawn.opened and not opened:
        accuracy_table.forgive()  # the menu had shown it
    drawn.opened = opened
    accuracy_table.follow_choice()
    if not opened:
        drawn.label, drawn.icon = _label(), _icon()
    menu = st.popover(plain(drawn.label), icon=drawn.icon, key=MENU, on_change="rerun")
    if menu.open:
        with menu, st.container(width=_WIDTH):
            _draw_menu()


def short_title(column: TableColumn) -> str:
    """Return the numbers of a column in short: `CIFAR-10 test · 200 ep`."""
    facts = column.column
    if not facts.accuracy:
        return facts.name
    quantity = " ".join(part for part in (facts.dataset, facts.split, "error" * facts.lower_is_better) if part)
    epochs = "epochs not stated" if facts.epochs is None else f"{facts.epochs} ep"
    room = _LONGEST - len(f" · {epochs}")
    return f"{_shortened(quantity or facts.name, room)} · {epochs}"


def _label() -> str:
    if name := accuracy_table.reading_table():
        return _shortened(f"Reading {name}", _LONGEST)
    column = accuracy_table.chosen_column()
    return "Bring a table" if column is None else _shortened(short_title(column), _LONGEST)


def _icon() -> str:
    """Return the icon of the menu, which shows that what the user asked for could not be had."""
    tables = state(TableState)
    return ":material/error:" if tables.complaint and tables.by_user else ":material/table_chart:"


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _draw_menu() -> None:
    tables, column = state(TableState), accuracy_table.chosen_column()
    if column is not None:
        st.markdown(f"**{plain(column.description)}**")
    _draw_tables()
    if tables.complaint and tables.by_user:
        st.error(plain(tables.complaint), icon=":material/error:")
    elif tables.complaint:
        st.caption(plain(tables.complaint))
    if tables.reading:
        st.caption(f"Reading {plain(tables.reading)} …")
    if column is not None:
        _draw_column(column)
    if tables.choice.table or tables.failed:
        _draw_space()
    if column is not None:
        st.caption(plain(_report(column.table)))


def _draw_tables() -> None:
    """Draw the choice of a table among those of the server, of this browser, and of the link, and the upload."""
    labels = _tables()
    _draw_select(
        "Table",
        list(labels),
        "table_choice",
        state(TableState).choice.table,
        accuracy_table.pick_table,
        format_func=labels.get,
        help="Accuracies that you bring: a column of genotypes in any notation and columns of numbers. The server "
        "offers those in the folder `FREENAS_TABLES` and the files after `--table`. None ships with the project.",
    )
    most = limits.upload_megabytes(MAX_TABLE_BYTES // 10**6)
    st.file_uploader(
        "or a file of yours (CSV, JSON, Parquet)",
        key="table_upload",
        on_change=_adopt_upload,
        max_upload_size=most,
        disabled=limits.read_only(),
        help="Kept on this server for a while, under a name that nobody can guess; whoever has a link with it can "
        "use the table.",
    )
    if limits.read_only():
        st.caption(plain(limits.READ_ONLY))


def _tables() -> dict[str, str]:
    """Return the labels of the tables that may be chosen, by their names and digests."""
    tables = state(TableState)
    kept = {
        reference: Path(task.path).name
        for reference, task in kept_tables().items()
        if isinstance(session.known_answer(task), TableSummary)
    }
    labels = {"": "no table"} | {name: name for name in offered_tables()}
    labels |= {reference: f"{name} (yours)" for reference, name in kept.items()}
    if (chosen := tables.choice.table) not in labels:
        labels[chosen] = tables.reading if tables.task is None else Path(tables.task.path).name
    return labels


def _adopt_upload() -> None:
    """Keep an uploaded file where a worker can read it, and choose it; or keep a sentence on the reason why not."""
    tables = state(TableState)
    if (uploaded := widget_value("table_upload")) is None:
        return
    try:
        accuracy_table.pick_table(keep_table(uploaded.name, uploaded.getvalue()))
    except OSError as error:
        tables.by_user, tables.failed = True, None
        tables.complaint = f"The file cannot be kept on the server: {error.strerror or error}."


def _draw_column(chosen: TableColumn) -> None:
    """Draw the choice of a column, its meaning, and what the file does not say of it."""
    names = accuracy_table.column_names(chosen.table)
    left, right = st.columns(2)
    with left:
        _draw_select(
            "Column",
            names,
            "table_column",
            chosen.name,
            lambda name: accuracy_table.pick_column("" if name == names[0] else name),
        )
    with right:
        _draw_select(
            "Meaning",
            list(MEANINGS),
            "table_meaning",
            _meaning(chosen.column),
            lambda name: accuracy_table.pick(replace(state(TableState).choice, meaning=name)),
            format_func=lambda name: MEANINGS[name].title,
            help="As the name of the column says; to be corrected where it says nothing, or something else.",
        )
    if unstated := accuracy_table.unstated_facts(chosen):
        st.caption("The file does not say all of it. What is said here stands beside every number:")
        for fact, place in zip(unstated, st.columns(len(unstated)), strict=True):
            with place:
                _draw_fact(fact)


def _meaning(column: Column) -> str:
    facts = column.accuracy, column.lower_is_better
    return next(name for name, meaning in MEANINGS.items() if (meaning.accuracy, meaning.lower_is_better) == facts)


def _draw_fact(fact: str) -> None:
    """Draw the control of the dataset, the split or the epochs, with what the user said before."""
    choice, key = state(TableState).choice, f"table_{fact}"
    if fact == "dataset":
        set_widgets({key: choice.dataset})
        st.text_input("Dataset", key=key, max_chars=60, placeholder="such as CIFAR-10", on_change=_say, args=[fact])
    elif fact == "split":
        set_widgets({key: choice.split or None})
        st.selectbox("Split", SPLITS, None, key=key, placeholder="choose one", on_change=_say, args=[fact])
    else:
        set_widgets({key: int(choice.epochs) if choice.epochs else None})
        st.number_input("Epochs", 1, MAX_EPOCHS, None, key=key, placeholder="e.g. 200", on_change=_say, args=[fact])


def _say(fact: str) -> None:
    """Take what the user says of the dataset, the split or the epochs of the chosen column."""
    text = str(widget_value(f"table_{fact}") or "").strip()
    accuracy_table.pick(replace(state(TableState).choice, **{fact: text}))


def _draw_space() -> None:
    """Draw the choice of the space in whose notation the table is read, among those that write like another."""
    tables = state(TableState)
    space = (tables.failed or tables.choice).space
    alike = [label for label, offered in space_picker.offered_spaces().items() if offered.notation_form != label]
    titles = space_picker.space_titles() | {"": "what the notation says"}
    _draw_select(
        "Architectures of",
        list(dict.fromkeys(["", *alike, space])),
        "table_space",
        space,
        accuracy_table.pick_space,
        format_func=lambda label: titles.get(label, label),
        help="Spaces that share a notation cannot be told apart by it.",
    )


def _report(table: AccuracyTable) -> str:
    """Return the number and the space of the architectures, and what there was to say of the file."""
    architectures = f"{len(table.population):,} architectures of {table.population.space.title}"
    return " ".join([f"{architectures}; pages of other spaces do without it.", *table.report.sentences])


def _draw_select(
    label: str, options: list[str], key: str, value: str, pick: Callable[[str], None], **parameters: Any
) -> None:
    """Draw a choice that shows `value`, whatever it showed before, and hands on another."""
    set_widgets({key: value})
    st.selectbox(label, options, key=key, on_change=lambda: pick(widget_value(key)), **parameters)
