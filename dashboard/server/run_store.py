"""The store of runs as the dashboard uses it: searches that end are kept, and sessions change what they may."""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from dashboard.server import limits
from dashboard.server.owners import changing_owner
from dashboard.server.pending_runs import PendingRuns
from engine import SearchResult
from engine.common.tasks import Answer, Task
from engine.runs import Run, StoreUnavailable, open_store
from engine.runs.run import StoredRun, identity, owner_name
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


@cache
def pending_runs() -> PendingRuns:
    """Return the runs that wait to be kept on this server."""
    return PendingRuns(lambda stored: store().keep([stored]))


def keep_run(task: Task, answer: Answer | None, person: str) -> None:
    """Keep the result of a person's search as a run, unless it is one already, now or as soon as that is possible.

    `StoreUnavailable` where it is not, and too many wait.
    """
    if isinstance(task, SearchTask) and isinstance(answer, SearchResult) and not limits.read_only():
        pending_runs().add(StoredRun.of(answer, created=time.time(), owner=owner_name(person)))


def keep_run_or_explain(task: Task, answer: Answer | None, person: str) -> str:
    """Keep the result of a search as a run; return the reason where that is not possible, else nothing."""
    try:
        keep_run(task, answer, person)
    except StoreUnavailable as error:
        return str(error)
    return ""


def pending_sentence(answer: Answer | None) -> str:
    """Return the reason why the run of an answer is not kept yet, nothing where it does not wait."""
    pending = pending_runs()
    if not pending or not isinstance(answer, SearchResult) or identity(answer) not in pending:
        return ""
    return f"{pending.reason}; it waits in the memory of the server, and is tried again"


def update_run(run_id: str, **words: Any) -> Run:
    """Change the words of a run; `ValueError` where this session may not."""
    _check_changes()
    return store().update(run_id, owner=changing_owner(), **words)


def delete_runs(run_ids: Collection[str]) -> int:
    """Delete runs and return their number; `ValueError` where this session may not."""
    _check_changes()
    if limits.no_delete():
        raise ValueError("this server deletes no runs (FREENAS_NO_DELETE)")
    return store().delete(run_ids, changing_owner())


def restore_runs(run_ids: Collection[str]) -> int:
    """Take back a deletion and return the number of runs; `ValueError` where this session may not."""
    _check_changes()
    return store().restore(run_ids, changing_owner())


def _check_changes() -> None:
    if limits.read_only():
        raise ValueError("this server is read-only (FREENAS_READ_ONLY)")
