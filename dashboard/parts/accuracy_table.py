"""The user's table of accuracies: from a folder or uploaded, read by a worker, described where it does not say."""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard.parts import links, space_picker
from dashboard.parts.text import plain
from dashboard.server import limits, session
from dashboard.server.jobs import DONE
from engine.common.errors import quoted
from engine.common.files import write_whole
from engine.common.settings import cache_folder
from engine.genotypes.population import Population
from engine.spaces import OwnSpace, SearchSpace, get_space
from engine.spaces.fields import as_space_field
from engine.tables import MAX_BYTES, READERS, SPLITS, AccuracyTable, Column, find_tables
from engine.tables.metadata import sidecar
from engine.tables.table import MAX_EPOCHS
from engine.tables.task import TableRead, TableTask

NO_TABLE = "no table"
_AS_WRITTEN = "what the notation says"
KEY = "accuracy_table"
"""Of the choice of a table, in the session and in a link."""
_KEPT_UPLOADS = 16
_UPLOADED = "uploaded tables"
_COMPLAINT = "table complaint"
_TROUBLE = "table trouble"


class Chosen(NamedTuple):
    """A column of a table: `task` reads the table, `table` is described as the user says.

    `settled` says that dataset, split and epochs are known, or that the user says they are not.
    """

    task: TableTask
    table: AccuracyTable
    name: str
    settled: bool

    @property
    def column(self) -> Column:
        """The column."""
        return self.table.column(self.name)

    @property
    def said(self) -> str:
        """What the numbers are and where they come from."""
        return f"{self.column.said}, table {self.table.name}"

    def values(self, population: Population) -> NDArray[np.float64]:
        """The accuracies of architectures in per cent, nan where the table has none, `(architectures,)`."""
        return self.table.lookup(population, self.name)


def chosen(space: str | SearchSpace | None = None) -> Chosen | None:
    """Draw the controls of the table; the column chosen in it, or None, with a reason shown where there is one.

    Where `space` is given, a table of another space is none.
    """
    st.session_state[_TROUBLE] = ""
    described = None if space is None else get_space(space)
    with st.expander("Accuracy table", icon=":material/table_chart:", expanded=space is None or bool(_offered())):
        task = _pick()
        if task is not None:
            task = task.model_copy(update={"space": _space(described)})
        table = _read(task) if task is not None else None
        if task is None or table is None:
            return None
        _say(table)
        if described not in (None, table.population.space):
            title = plain(table.population.space.title)
            st.info(f"The table holds architectures of {title}, not of the space chosen above.")
            return None
        return _column(task, table)


def _space(described: SearchSpace | None) -> str | OwnSpace | None:
    """The space in whose notation the table is read, None for the one that the notation itself names.

    Where the page is of a space, it is that one; else a choice of those that write like another.
    """
    alike = {name: each for name, each in space_picker.offered().items() if each.notation_form != name}
    if described is None:
        links.check("table space", links.broken({"table_space": _space_in_link}))
        name = st.selectbox(
            "Architectures of",
            [_AS_WRITTEN, *alike],
            key="table_space",
            bind="query-params",
            persist_state="session",
            help="Spaces that share a notation cannot be told apart by it.",
        )
        links.warn("table space", name)
        described = alike.get(name)
    return as_space_field(described) if described in alike.values() else None


def _space_in_link(name: str, values: list[str]) -> str:
    return "" if values == [_AS_WRITTEN] else space_picker.known(name, values)


def asked() -> bool:
    """Whether a table is selected."""
    return st.session_state.get(KEY) not in (None, NO_TABLE)


def trouble() -> str:
    """Why the last call of `chosen` gave nothing although a table was asked for, in one sentence; else nothing."""
    return str(st.session_state.get(_TROUBLE, ""))


def readable() -> str:
    """The kinds of files that hold tables, those first that may be uploaded."""
    anywhere = [reader.title for reader in READERS.values() if not reader.executes]
    trusted = [reader.title for reader in READERS.values() if reader.executes]
    return ", ".join(anywhere) + (f"; from the folder of the server also {', '.join(trusted)}" if trusted else "")


def _pick() -> TableTask | None:
    """The table that is selected among those of the server and of this session."""
    uploaded: dict[str, TableTask] = st.session_state.get(_UPLOADED, {})
    offered = _offered() | uploaded
    _check_choice(offered)
    name = st.selectbox(
        "Table",
        [NO_TABLE, *offered],
        index=1 if _arguments() and offered else 0,
        key=KEY,
        bind="query-params",
        persist_state="session",
        help="Accuracies that you bring: a column of genotypes in any notation and columns of numbers. The server "
        "offers those in the folder `FREENAS_TABLES` and the files after `--table`. None ships with the project.",
    )
    most = limits.upload_megabytes(MAX_BYTES // 10**6)
    st.file_uploader(
        f"or a file of yours (CSV or JSON, at most {most} MB)",
        key="table_upload",
        on_change=_adopt_upload,
        max_upload_size=most,
        disabled=limits.read_only(),
    )
    if limits.read_only():
        st.caption(plain(limits.READ_ONLY))
    if complaint := st.session_state.get(_COMPLAINT):
        _complain(complaint)
    return offered.get(name)


def _check_choice(offered: dict[str, TableTask]) -> None:
    """Let go of a table that there is none of, and say so if a link asked for it."""
    if st.session_state.get(KEY) not in (None, NO_TABLE, *offered):
        del st.session_state[KEY]
    asked = st.query_params.get(KEY)
    if KEY not in st.session_state and asked not in (None, NO_TABLE, *offered):
        st.session_state[_COMPLAINT] = (
            f"There is no table {quoted(asked)} here; a table that was uploaded is for its own session alone."
        )


def _complain(sentence: str) -> None:
    st.session_state[_TROUBLE] = sentence
    st.error(plain(sentence), icon=":material/error:")


def _read(task: TableTask) -> AccuracyTable | None:
    """The table, once a worker has read it."""
    if not isinstance(session.known(task), TableRead):
        last = session.job(session.READING)
        if last is None or last.task != task or last.state == DONE:
            session.start(task, session.READING)
        elif failure := session.failure(session.READING, task):
            _complain(f"{Path(task.path).name} cannot be read: {failure}")
        elif not last.active:
            st.info("Reading was stopped.", icon=":material/stop_circle:")
            if st.button("Read it", icon=":material/refresh:", key="read_table"):
                session.start(task, session.READING)
                st.rerun()
    if not isinstance(session.known(task), TableRead):
        return None
    try:
        return _loaded(task)
    except (ValueError, OSError) as error:
        _complain(f"{Path(task.path).name} cannot be read any more: {error}")
        return None


def _say(table: AccuracyTable) -> None:
    st.caption(plain(" ".join(table.report.sentences)))


def _column(task: TableTask, table: AccuracyTable) -> Chosen | None:
    """The column chosen, described by the user where the file does not say."""
    names = [column.name for column in table.accuracies()]
    if not names:
        _complain(
            f"{table.name} has no column of accuracies; the name of one says so, such as test_accuracy, and its "
            "numbers lie between 0 and 100."
        )
        return None
    links.check("column", links.broken({"accuracy_column": links.one_of(names)}))
    name = str(st.selectbox("Column", names, key="accuracy_column", bind="query-params", persist_state="session"))
    links.warn("column", name)
    if table.column(name).complete:
        return Chosen(task, table, name, settled=True)
    st.caption("The file does not say all of it. What is said here stands beside every number:")
    key = hashlib.sha256(f"{task.path}\n{name}".encode()).hexdigest()[:12]
    said = _said(table.column(name), key)
    unknown = st.checkbox(
        "The rest is not known", key=f"unknown {key}", persist_state="session", help="Every number says so then."
    )
    try:
        table = table.described(name, **said)
    except ValueError as error:
        _complain(f"{error}.")
    return Chosen(task, table, name, settled=unknown or table.column(name).complete)


def _said(column: Column, key: str) -> dict[str, Any]:
    """What the user says of a column where the file does not; None where nothing is said."""
    said: dict[str, Any] = {}
    if column.dataset is None:
        text = st.text_input(
            "Dataset", key=f"dataset {key}", max_chars=60, placeholder="such as CIFAR-10", persist_state="session"
        )
        said["dataset"] = (text or "").strip() or None
    if column.split is None:
        said["split"] = st.selectbox(
            "Split", SPLITS, None, key=f"split {key}", placeholder="choose a split", persist_state="session"
        )
    if column.epochs is None:
        said["epochs"] = st.number_input(
            "Epochs of training",
            1,
            MAX_EPOCHS,
            None,
            key=f"epochs {key}",
            placeholder="such as 200",
            persist_state="session",
        )
    return said


def _adopt_upload() -> None:
    """Keep an uploaded file where the worker can read it, and choose it; or keep a sentence on why not."""
    upload = st.session_state.table_upload
    st.session_state[_COMPLAINT] = ""
    if upload is None:
        return
    data = upload.getvalue()
    folder = cache_folder() / "uploads" / hashlib.sha256(data).hexdigest()[:24]
    path = folder / _safe(upload.name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)
        if not path.exists() or path.stat().st_size != len(data):
            write_whole(path, data)
        _forget_oldest(folder.parent)
        task = _task(path, trusted=False)
    except OSError as error:
        st.session_state[_COMPLAINT] = f"The file cannot be kept on the server: {error.strerror}."
        return
    label = f"{path.name} (uploaded)"
    st.session_state[_UPLOADED] = st.session_state.get(_UPLOADED, {}) | {label: task}
    st.session_state[KEY] = label


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
    """The tables of the server, by name: those of the command line first, then those of its folder."""
    places = [Path(text) for text in (*_arguments(), os.environ.get("FREENAS_TABLES")) if text]
    paths = [path for place in places if place.exists() for path in _tables_at(place)]
    return {path.name: _task(path, trusted=True) for path in paths}


def _tables_at(place: Path) -> list[Path]:
    """The table that `place` is, or those in it."""
    is_table = not place.is_dir() or any(reader.accepts(place) for reader in READERS.values())
    return [place] if is_table else find_tables(place)


def _arguments() -> tuple[str, ...]:
    """The files after `--table` on the command line of the server."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--table", action="append", nargs="?", default=[])
    return tuple(text for text in parser.parse_known_args(sys.argv[1:])[0].table if text)


def _task(path: Path, *, trusted: bool) -> TableTask:
    """The task that reads the file as it is now, with what is said beside it."""
    stamp = max(each.stat().st_mtime_ns for each in (path, sidecar(path)) if each.exists())
    return TableTask(path=str(path), stamp=stamp, trusted=trusted)


@st.cache_resource(max_entries=8, show_spinner=False)
def _loaded(task: TableTask) -> AccuracyTable:
    return task.load()
