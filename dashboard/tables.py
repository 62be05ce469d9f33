"""The user's table of accuracies: from a folder or uploaded, read by a worker, described where it does not say."""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard import state
from dashboard.text import plain
from engine.population import Population
from engine.tables import MAX_BYTES, SPLITS, AccuracyTable, Column, find_tables
from engine.tables.cache import cache_folder
from engine.tables.table import MAX_EPOCHS
from engine.tasks import TableRead, TableTask

NO_TABLE = "no table"
_KEPT_UPLOADS = 16


class Chosen(NamedTuple):
    """A column of a table: `task` reads the table, `column` is described as the user says."""

    task: TableTask
    table: AccuracyTable
    column: Column

    @property
    def said(self) -> str:
        """What the numbers are and where they come from."""
        return f"{self.column.said}, table {self.table.name}"

    def values(self, population: Population) -> NDArray[np.float64]:
        """The accuracies of architectures in per cent, nan where the table has none, `(architectures,)`."""
        return self.table.lookup(population, self.column.name)


def chosen(space: str | None = None) -> Chosen | None:
    """Draw the controls of the table; the column chosen in it, or None, with a reason shown where there is one.

    Where `space` is given, a table of another space is none.
    """
    with st.expander("Accuracy table", icon=":material/table_chart:", expanded=_offered() != {}):
        task = _pick()
        if task is None:
            return None
        table = _read(task)
        if table is None:
            return None
        _say(table)
        if space is not None and table.population.space.name != space:
            st.info(f"The table holds architectures of {table.population.space.title}, not of the space chosen above.")
            return None
        column = _column(table)
        return Chosen(task, table, column) if column is not None else None


def _pick() -> TableTask | None:
    """The table that is selected among those of the server and of this session."""
    uploaded: dict[str, TableTask] = st.session_state.get("uploaded tables", {})
    offered = _offered() | uploaded
    if st.session_state.get("table") not in (None, NO_TABLE, *offered):
        del st.session_state["table"]
    name = st.selectbox("Table", [NO_TABLE, *offered], key="table", persist_state="session", help=_HELP)
    st.file_uploader(
        f"or a file of yours (CSV or JSON, at most {MAX_BYTES // 10**6} MB)",
        key="table_upload",
        on_change=_adopt_upload,
        max_upload_size=MAX_BYTES // 10**6,
    )
    if complaint := st.session_state.get("table_complaint"):
        st.error(plain(complaint), icon=":material/error:")
    return offered.get(name)


_HELP = (
    "Accuracies that you bring: CSV with a column of genotypes in any notation and columns of numbers, or the JSON of "
    "NAS-Bench-Suite-Zero. The server offers those in the folder `FREENAS_TABLES`, and the file after `--table`. "
    "None ships with the project."
)


def _read(task: TableTask) -> AccuracyTable | None:
    """The table, once a worker has read it."""
    if isinstance(state.known(task), TableRead):
        return _loaded(task.path, task.stamp, task.trusted)
    if failure := state.failure(state.READING, task):
        st.error(plain(failure), icon=":material/error:")
    elif (current := state.job(state.READING)) is None or current.task != task or not current.active:
        state.start(task, state.READING)
        return _read(task) if isinstance(state.known(task), TableRead) else None
    return None


def _say(table: AccuracyTable) -> None:
    st.caption(plain(" ".join(table.report.sentences)))


def _column(table: AccuracyTable) -> Column | None:
    """The column chosen, described by the user where the file does not say."""
    names = [column.name for column in table.accuracies()]
    if not names:
        st.warning("The table has no column of accuracies; a column of accuracies has `acc` in its name.")
        return None
    key = table.name[:60]
    name = st.selectbox("Column", names, key=f"column {key}", persist_state="session", format_func=plain)
    column = table.column(name)
    if column.complete:
        return column
    st.caption("The file does not say all of this:")
    dataset, split, epochs = column.dataset, column.split, column.epochs
    key = f"{key} {name}"
    if dataset is None:
        text = st.text_input(
            "Dataset", key=f"dataset {key}", max_chars=60, placeholder="CIFAR-10", persist_state="session"
        )
        dataset = (text or "").strip() or None
    if split is None:
        split = st.selectbox("Split", SPLITS, None, key=f"split {key}", placeholder="choose", persist_state="session")
    if epochs is None:
        epochs = st.number_input(
            "Epochs", 1, MAX_EPOCHS, None, key=f"epochs {key}", placeholder="of training", persist_state="session"
        )
    return table.described(name, dataset=dataset, split=split, epochs=epochs).column(name)


def _adopt_upload() -> None:
    """Keep an uploaded file where the worker can read it, and choose it; or keep a sentence on why not."""
    upload = st.session_state.table_upload
    st.session_state.table_complaint = ""
    if upload is None:
        return
    data = upload.getvalue()
    folder = cache_folder() / "uploads" / hashlib.sha256(data).hexdigest()[:24]
    path = folder / _safe(upload.name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        _forget_oldest(folder.parent)
    except OSError as error:
        st.session_state.table_complaint = f"The file cannot be kept on the server: {error.strerror}."
        return
    uploaded = st.session_state.setdefault("uploaded tables", {})
    uploaded[upload.name] = _task(path, trusted=False)
    st.session_state.table = upload.name


def _safe(name: str) -> str:
    """The name of a file, of letters that no file system minds."""
    kept = "".join(letter if letter.isalnum() or letter in "-_. " else "_" for letter in Path(name).name)
    return kept.lstrip(".")[-80:] or "table"


def _forget_oldest(folder: Path) -> None:
    uploads = sorted(folder.iterdir(), key=lambda each: each.stat().st_mtime_ns)
    for old in uploads[:-_KEPT_UPLOADS]:
        for file in old.iterdir():
            file.unlink(missing_ok=True)
        old.rmdir()


def _offered() -> dict[str, TableTask]:
    """The tables of the server, by name."""
    places = [Path(text) for text in (os.environ.get("FREENAS_TABLES", ""), *_arguments()) if text]
    paths = [path for place in places for path in (find_tables(place) if place.is_dir() else [place])]
    return {path.name: _task(path, trusted=True) for path in paths if path.exists()}


@cache
def _arguments() -> tuple[str, ...]:
    """The files after `--table` on the command line of the server."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--table", action="append", default=[])
    return tuple(parser.parse_known_args(sys.argv[1:])[0].table)


def _task(path: Path, *, trusted: bool) -> TableTask:
    return TableTask(path=str(path), stamp=path.stat().st_mtime_ns, trusted=trusted)


@st.cache_resource(max_entries=8, show_spinner=False)
def _loaded(path: str, stamp: int, trusted: bool) -> AccuracyTable:
    return TableTask(path=path, stamp=stamp, trusted=trusted).load()
