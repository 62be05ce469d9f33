"""The actions on the runs that are picked, from opening to deleting, and the import of runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard.parts.comparison import compare_button, comparison_complaint, item_space
from dashboard.parts.text import plain
from dashboard.runs.state import RunsState, take_messages
from dashboard.server import limits, run_store, session
from dashboard.server.navigation import FIRST, open_page, page_url
from dashboard.server.owners import may_change, session_owner
from dashboard.server.state import state, widget_value
from dashboard.server.uploads import keep_upload
from engine.runs import Filter, Run, StoreUnavailable
from engine.runs.task import ImportSummary, ImportTask
from engine.runs.words import MAX_NAME, MAX_NOTE, MAX_TAG, MAX_TAGS

MOST_EXPORTED = 1_000
"""The most runs that the page exports with their results; the command line has no bound."""
_MAX_IMPORT = 20
"""The most megabytes of a file of runs."""


def action_messages() -> None:
    """Say what the last action did, or why it did not; draw the way back from a deletion."""
    message, complaint = take_messages()
    if message or complaint:
        state(RunsState).past_import = session.job(session.IMPORTING)
    else:
        message, complaint = _import_outcome()
    if complaint:
        st.error(plain(complaint), icon=":material/error:")
    if message:
        st.success(plain(message), icon=":material/check:")
    if deleted := state(RunsState).deleted:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info(f"{_count_text(len(deleted))} deleted.", icon=":material/delete:", width="stretch")
            st.button("Undo", icon=":material/undo:", key="undo", on_click=_restore)


def pending_notice() -> None:
    """Say how many runs wait to be kept, where some do."""
    if pending := run_store.pending_runs():
        count = len(pending)
        waiting = f"{_count_text(count)} wait{'s' * (count == 1)} to be kept: {pending.reason}."
        fate = "This is tried again; until it succeeds the memory of the server alone has what waits."
        st.warning(plain(f"{waiting} {fate}"), icon=":material/hourglass_top:")


def action_bar(filters: Filter, count: int, tags: list[str]) -> None:
    """Draw the buttons for the runs that are picked, or to export all `count` that pass the `filters`."""
    memory = state(RunsState)
    picked = [*memory.picked.values()]
    changeable = not limits.read_only()
    reason = _change_complaint(picked)
    _open_buttons(picked)
    if changeable:
        _edit_menu(picked, tags, reason)
    _export_menu(picked, filters, count)
    if changeable and not limits.no_delete():
        st.button(
            "Delete",
            icon=":material/delete:",
            key="delete chosen",
            disabled=bool(reason),
            help=reason or None,
            on_click=_delete,
            args=[picked],
        )
    if picked:
        st.button("Clear", icon=":material/close:", key="clear", help="Choose none.", on_click=memory.unpick)


def _change_complaint(picked: list[Run]) -> str:
    """Return the reason why this session cannot change the runs that are picked, or nothing."""
    if not picked:
        return "Choose runs in the table."
    return "" if all(may_change(run) for run in picked) else "Only who made a run changes it."


def _open_buttons(picked: list[Run]) -> None:
    """Draw the buttons that open one run on Explore, and put several beside others on Compare."""
    reason = "" if len(picked) == 1 else "Choose one run in the table."
    if st.button("Open", icon=":material/open_in_full:", key="open chosen", disabled=bool(reason), help=reason or None):
        open_page("explore", {run_store.RUN_PARAMETER: picked[0].id})
    if complaint := _comparison_complaint(picked):
        st.button("Compare", icon=":material/add:", key="compare chosen", disabled=True, help=complaint)
    else:
        compare_button(picked, "compare chosen")


def _comparison_complaint(picked: list[Run]) -> str:
    """Return the reason why the runs that are picked cannot stand side by side, or nothing."""
    if not picked:
        return "Choose runs in the table."
    space = item_space(picked[0])
    return comparison_complaint(picked) if any(item_space(run) != space for run in picked) else ""


def import_menu() -> None:
    """Draw the upload of a file of runs."""
    if limits.read_only():
        return
    with st.popover("Import", icon=":material/upload:", key="import runs"):
        most = limits.upload_megabytes(_MAX_IMPORT)
        st.file_uploader(
            f"Exported runs, or a search result (JSON, at most {most} MB)",
            type="json",
            key="runs_upload",
            max_upload_size=most,
            on_change=_import,
        )
        st.caption("A run that is here already stays as it is.")


def _edit_menu(picked: list[Run], tags: list[str], reason: str) -> None:
    with st.popover("Edit", icon=":material/edit:", key="edit", disabled=bool(reason), help=reason or None):
        if reason:
            return
        if len(picked) == 1:
            _edit_form(picked[0], tags)
        else:
            with st.form("tag runs", border=False):
                st.multiselect("Tags to add", tags, key="added tags", accept_new_options=True, max_selections=MAX_TAGS)
                st.form_submit_button("Add", on_click=_add_tags, args=[picked])


def _edit_form(run: Run, tags: list[str]) -> None:
    with st.form(f"edit {run.id}", border=False):
        st.text_input("Name", run.name, key=f"name {run.id}", max_chars=MAX_NAME)
        st.multiselect(
            "Tags",
            sorted({*tags, *run.tags}),
            run.tags,
            key=f"tags {run.id}",
            accept_new_options=True,
            max_selections=MAX_TAGS,
            help=f"At most {MAX_TAGS}, of at most {MAX_TAG} characters each. Type a new one and press Enter.",
        )
        st.text_area("Note", run.note, key=f"note {run.id}", max_chars=MAX_NOTE)
        st.form_submit_button("Save", on_click=_save, args=[run])
    st.caption("A link to this run:")
    st.code(page_url(FIRST, {run_store.RUN_PARAMETER: [run.id]}), language=None, wrap_lines=True)


def _save(run: Run) -> None:
    words = {word: widget_value(f"{word} {run.id}") for word in ("name", "tags", "note")}
    _try(lambda: _update(run, **words))


def _add_tags(runs: list[Run]) -> None:
    tags = widget_value("added tags")

    def add() -> None:
        for run in runs:
            _update(run, tags=[*run.tags, *tags])

    _try(add)


def _update(run: Run, **words: Any) -> None:
    state(RunsState).picked[run.id] = run_store.update_run(run.id, **words)


def _export_menu(picked: list[Run], filters: Filter, count: int) -> None:
    menu = st.popover(
        "Export",
        icon=":material/download:",
        key="export runs",
        on_change="rerun",
        disabled=not count,
        help=None if count else "No run passes the filters.",
    )
    if not menu.open:
        return
    from engine.runs.exchange import export_csv, export_json

    store = run_store.store()
    runs = picked or store.find(filters)
    with menu:
        st.caption(f"{_count_text(len(runs))}: {'those that are chosen' if picked else 'all that pass the filters'}.")
        if len(runs) <= MOST_EXPORTED:
            text = export_json(store, [run.id for run in runs])
            _download("JSON, with whole results", text, "json", "application/json")
        else:
            st.caption(f"JSON holds at most {MOST_EXPORTED:,} runs here; `freenas runs export` has no bound.")
        _download("CSV, a table", export_csv(runs), "csv", "text/csv")


def _download(label: str, text: str, suffix: str, mime: str) -> None:
    st.download_button(
        label, text, f"freenas_runs.{suffix}", mime, key=f"runs {suffix}", on_click="ignore", icon=":material/download:"
    )


def _delete(runs: list[Run]) -> None:
    memory, ids = state(RunsState), [run.id for run in runs]
    if _try(lambda: run_store.delete_runs(ids)):
        memory.deleted = ids
        memory.unpick()


def _restore() -> None:
    memory = state(RunsState)
    if _try(lambda: run_store.restore_runs(memory.deleted)):
        memory.deleted = []


def _import() -> None:
    if (upload := widget_value("runs_upload")) is None:
        return

    if upload.size > _MAX_IMPORT * 10**6:
        state(RunsState).complaint = f"the file has {upload.size / 1e6:.1f} MB; at most {_MAX_IMPORT} MB are read"
        return
    try:
        path = keep_upload(upload.name, upload.getvalue())
    except OSError as error:
        state(RunsState).complaint = f"the file cannot be kept: {error}"
        return
    task = ImportTask(path=str(path), moment=time.time_ns(), owner=session_owner())
    session.start(task, session.IMPORTING)


def _import_outcome() -> tuple[str, str]:
    """Return the message and the complaint of this session's last import, "" where it is under way or past."""
    job = session.job(session.IMPORTING)
    if job is None or job.active or job is state(RunsState).past_import:
        return "", ""
    if not isinstance(job.result, ImportSummary):
        return "", job.error or "the import was stopped; nothing of the file was kept"
    new, total = job.result.new, job.result.total
    return f"{_count_text(new)} imported; {total - new:,} of the {total:,} in the file were here already.", ""


def _try(action: Callable[[], object]) -> bool:
    """Do an action; return True where it went well, else have the next page say why it did not."""
    try:
        action()
    except (StoreUnavailable, ValueError) as error:
        state(RunsState).complaint = str(error)
        return False
    return True


def _count_text(count: int) -> str:
    return f"{count:,} run{'s' if count != 1 else ''}"
