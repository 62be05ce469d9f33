"""The store of runs as the dashboard uses it: searches that end are kept, and the links of runs."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING

from dashboard.server import limits
from engine import SearchResult
from engine.common.tasks import Answer, Task
from engine.runs import StoreUnavailable, open_store
from engine.searches.search import SearchTask

if TYPE_CHECKING:
    from engine.runs.store import RunStore

RUN_PARAMETER = "run"
"""The parameter of a link that names a run."""


def store() -> RunStore:
    """Return the store of this server, opened once; `StoreUnavailable` where it cannot be."""
    return _opened(os.environ.get("FREENAS_STORE", ""))


@lru_cache(maxsize=1)
def _opened(url: str) -> RunStore:
    return open_store()


def keep_run(task: Task, answer: Answer | None) -> None:
    """Keep the result of a search as a run, unless it is one already; `StoreUnavailable` where it cannot be kept."""
    if isinstance(task, SearchTask) and isinstance(answer, SearchResult) and not limits.read_only():
        store().add(answer)


def keep_run_or_explain(task: Task, answer: Answer | None) -> str:
    """Keep the result of a search as a run; return the reason where that is not possible, else nothing."""
    try:
        keep_run(task, answer)
    except StoreUnavailable as error:
        return str(error)
    return ""
