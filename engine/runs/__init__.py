"""Runs: finished searches, kept with their results in a database of the user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.common.settings import store_url
from engine.runs.run import ORDERS, Filter, Run, StoreUnavailable

if TYPE_CHECKING:
    from engine.runs.store import RunStore

__all__ = ["ORDERS", "Filter", "Run", "StoreUnavailable", "open_store"]


def open_store() -> RunStore:
    """Open the user's store: the database that `FREENAS_STORE` names, else a file in the user's data folder.

    `StoreUnavailable` says in one sentence why it cannot be opened.
    """
    try:
        from engine.runs.store import RunStore
    except ImportError as error:
        raise StoreUnavailable(f"the store of runs needs a package that is not installed: {error}") from None
    try:
        return RunStore(store_url())
    except OSError as error:
        sentence = "the folder of the store of runs cannot be made"
        raise StoreUnavailable(sentence, f"{sentence}: {error}") from None
