"""Settings of the engine that environment variables make: where tables and runs are kept."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """Where measured and parsed tables are kept: `FREENAS_CACHE` if it is set, else the user's cache folder."""
    from platformdirs import user_cache_path

    return Path(os.environ.get("FREENAS_CACHE") or user_cache_path("freenas"))


def store_url() -> str:
    """The database URL of the store of runs: `FREENAS_STORE` if it is set, else a file in the user's data folder.

    Makes that folder; `OSError` if it cannot be.
    """
    if given := os.environ.get("FREENAS_STORE"):
        return given
    from platformdirs import user_data_path

    folder = user_data_path("freenas")
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / 'runs.sqlite3'}"
