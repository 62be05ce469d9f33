"""The store of runs as the dashboard uses it: what searches find is kept, and a run's own link opens it again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

import streamlit as st

from dashboard.explore import controls
from dashboard.parts import space_picker
from dashboard.server import limits
from engine import SearchConfig, SearchResult
from engine.common.tasks import Answer, Task
from engine.data.images import DATA
from engine.runs import Run, StoreUnavailable, open_store
from engine.searches.search import SearchTask

if TYPE_CHECKING:
    from engine.runs.store import RunStore

LINK = "run"
"""The parameter of a link that names a run."""
_OPENED, _QUESTION, _COMPLAINT = "opened run", "opened run question", "opened run complaint"
_PLAIN = ("seed", "proxy", "per_round", "channels", "cells", "image_size", "field", "dtype", "batch", "normalisation")
_BOUNDS = ("alpha", "method", "max_params", "max_macs", "max_latency")


class Opened(NamedTuple):
    """A run that a link opened, with its result."""

    run: Run
    result: SearchResult


def store() -> RunStore:
    """The store of this server, opened once; `StoreUnavailable` where it cannot be."""
    return _opened(os.environ.get("FREENAS_STORE", ""))


@lru_cache(maxsize=1)
def _opened(url: str) -> RunStore:
    return open_store()


def keep(task: Task, answer: Answer | None) -> None:
    """Keep what a search found as a run; one that was kept before makes no new one. `StoreUnavailable` if it fails."""
    if isinstance(task, SearchTask) and isinstance(answer, SearchResult) and not limits.read_only():
        store().add(answer)


def kept_or_why(task: Task, answer: Answer | None) -> str:
    """Keep what a search found; why that was not possible, or nothing."""
    try:
        keep(task, answer)
    except StoreUnavailable as error:
        return str(error)
    return ""


def link(page: str, run_ids: Sequence[str]) -> str:
    """The address of a page, empty for the first one, with these runs in it."""
    address = (st.context.url or "").split("?")[0].rstrip("/").removesuffix("/runs")
    return f"{address}/{page}?{urlencode({LINK: run_ids}, doseq=True)}"


def follow_link() -> None:
    """Open the run that the address bar names, once, and have the controls ask its question."""
    run_id = st.query_params.get(LINK, "")
    if run_id == st.session_state.get("opened run id", ""):
        return
    close(keep_link=True)
    st.session_state["opened run id"] = run_id
    if not run_id:
        return
    try:
        found = Opened(store().get(run_id), store().result(run_id))
    except (StoreUnavailable, ValueError) as error:
        st.session_state[_COMPLAINT] = f"This link opens no run: {error}."
        return
    st.session_state[_OPENED] = found
    _ask(found.result.config)
    if isinstance(found.result.config.space, str):
        st.query_params.from_dict({LINK: run_id, **controls.link_query(found.result.config)})


def complaint() -> str:
    """Why the link in the address bar opened no run, or nothing."""
    return str(st.session_state.get(_COMPLAINT, ""))


def opened(config: SearchConfig | None) -> Opened | None:
    """The run that is open, as long as the controls ask what they asked when its link was followed."""
    followed = _OPENED in st.session_state or _COMPLAINT in st.session_state
    if followed and st.session_state.setdefault(_QUESTION, config) != config:
        close()
    found: Opened | None = st.session_state.get(_OPENED)
    return found


def close(keep_link: bool = False) -> None:
    """Let go of the run that is open, and of its link."""
    for name in (_OPENED, _QUESTION, _COMPLAINT, "opened run id"):
        st.session_state.pop(name, None)
    if not keep_link and LINK in st.query_params:
        del st.query_params[LINK]


def _ask(config: SearchConfig) -> None:
    """Have the controls ask a question, as far as they can: own images and some devices cannot be chosen there."""
    asked: dict[str, Any] = {name: getattr(config, name) for name in (*_PLAIN, *_BOUNDS)}
    asked |= {"recipe": config.recipe, "pinned": list(config.pinned), "banned": list(config.banned)}
    asked["data"] = config.data if config.data in DATA else DATA[0]
    asked["device"] = config.device if config.device in ("auto", "cpu", "cuda", "mps") else "auto"
    asked["space"] = space_picker.take_up(config.space)
    st.session_state.update(asked)
