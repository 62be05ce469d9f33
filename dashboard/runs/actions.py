"""What can be done with the runs that are chosen, from opening to deleting, and how runs are imported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard.compare import answers
from dashboard.parts.text import plain
from dashboard.runs.table import let_go, picked
from dashboard.server import limits, run_store
from engine.runs import Filter, Run, StoreUnavailable
from engine.runs.run import MAX_NAME, MAX_NOTE, MAX_TAG, MAX_TAGS

MOST_EXPORTED = 1_000
"""The most runs that the page exports with their results; the command line has no bound."""
_MAX_IMPORT = 100
"""Megabytes of a file of runs."""
_DELETED, _SAID, _FAILED = "deleted runs", "runs said", "runs failed"


def messages() -> None:
    """What the last action did, or why it did not; and the way back from a deletion."""
    if failed := st.session_state.pop(_FAILED, ""):
        st.error(plain(failed), icon=":material/error:")
    if said := st.session_state.pop(_SAID, ""):
        st.success(plain(said), icon=":material/check:")
    if deleted := st.session_state.get(_DELETED):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info(f"{_runs(len(deleted))} deleted.", icon=":material/delete:", width="stretch")
            st.button("Undo", icon=":material/undo:", key="undo", on_click=_restore)


def actions(wanted: Filter, count: int, tags: list[str]) -> None:
    """Buttons for the runs that are picked, or to export all `count` that are `wanted`."""
    chosen = [*picked().values()]
    changeable = not limits.read_only()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{_runs(len(chosen))}** chosen" if chosen else "None chosen", width="content")
        if st.button("Open", icon=":material/open_in_full:", key="open chosen", disabled=len(chosen) != 1):
            st.switch_page("dashboard/pages/explore.py", query_params={run_store.LINK: chosen[0].id})
        complaint = answers.complaint(chosen)
        if st.button(
            "Compare", icon=":material/compare:", key="compare chosen", disabled=bool(complaint), help=complaint
        ):
            st.switch_page("dashboard/pages/compare.py", query_params={run_store.LINK: [run.id for run in chosen]})
        if changeable:
            _describe(chosen, tags)
        _export(chosen, wanted, count)
        if changeable:
            st.button(
                "Delete",
                icon=":material/delete:",
                key="delete chosen",
                disabled=not chosen,
                on_click=_delete,
                args=[chosen],
            )
        if chosen:
            st.button("Choose none", icon=":material/close:", key="choose none", on_click=let_go)


def importer() -> None:
    """Take in a file of runs."""
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


def _describe(chosen: list[Run], tags: list[str]) -> None:
    title = "Describe" if len(chosen) < 2 else "Tag"
    with st.popover(title, icon=":material/edit:", key="describe", disabled=not chosen):
        if len(chosen) == 1:
            _describe_one(chosen[0], tags)
        elif chosen:
            with st.form("tag runs", border=False):
                st.multiselect("Tags to add", tags, key="added tags", accept_new_options=True, max_selections=MAX_TAGS)
                st.form_submit_button("Add", on_click=_add_tags, args=[chosen])


def _describe_one(run: Run, tags: list[str]) -> None:
    with st.form(f"describe {run.id}", border=False):
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
    st.code(run_store.link("", [run.id]), language=None, wrap_lines=True)


def _save(run: Run) -> None:
    words = {word: st.session_state[f"{word} {run.id}"] for word in ("name", "tags", "note")}
    _try(lambda: _update(run, **words))


def _add_tags(chosen: list[Run]) -> None:
    added = st.session_state["added tags"]

    def add() -> None:
        for run in chosen:
            _update(run, tags=[*run.tags, *added])

    _try(add)


def _update(run: Run, **words: Any) -> None:
    picked()[run.id] = run_store.store().update(run.id, **words)


def _export(chosen: list[Run], wanted: Filter, count: int) -> None:
    export = st.popover("Export", icon=":material/download:", key="export runs", on_change="rerun", disabled=not count)
    if not export.open:
        return
    from engine.runs.exchange import export_csv, export_json

    store = run_store.store()
    found = chosen or store.find(wanted)
    with export:
        st.caption(f"{_runs(len(found))}: {'those that are chosen' if chosen else 'all that pass the filters'}.")
        if len(found) <= MOST_EXPORTED:
            text = export_json(store, [run.id for run in found])
            _download("JSON, with whole results", text, "json", "application/json")
        else:
            st.caption(f"JSON holds at most {MOST_EXPORTED:,} runs here; `python -m engine runs export` has no bound.")
        _download("CSV, a table", export_csv(found), "csv", "text/csv")


def _download(label: str, text: str, suffix: str, mime: str) -> None:
    st.download_button(
        label, text, f"freenas-runs.{suffix}", mime, key=f"runs {suffix}", on_click="ignore", icon=":material/download:"
    )


def _delete(chosen: list[Run]) -> None:
    ids = [run.id for run in chosen]
    if _try(lambda: run_store.store().delete(ids)):
        st.session_state[_DELETED] = ids
        let_go()


def _restore() -> None:
    if _try(lambda: run_store.store().restore(st.session_state[_DELETED])):
        del st.session_state[_DELETED]


def _import() -> None:
    if (upload := st.session_state.runs_upload) is None:
        return

    def take() -> None:
        from engine.runs.exchange import import_runs

        if upload.size > _MAX_IMPORT * 10**6:
            raise ValueError(f"the file has {upload.size / 1e6:.1f} MB; at most {_MAX_IMPORT} MB are read")
        try:
            text = upload.getvalue().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ValueError(f"the file is not UTF-8 text (byte {error.start})") from None
        new, there = import_runs(run_store.store(), text)
        st.session_state[_SAID] = (
            f"{_runs(new)} imported; {there - new:,} of the {there:,} in the file were here already."
        )

    _try(take)


def _try(action: Callable[[], object]) -> bool:
    """Whether an action went well; the next page says why it did not."""
    try:
        action()
    except (StoreUnavailable, ValueError) as error:
        st.session_state[_FAILED] = str(error)
        return False
    return True


def _runs(count: int) -> str:
    return f"{count:,} run{'s' if count != 1 else ''}"
