"""Settings of the engine from environment variables: the folder of tables, the store of runs."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """Return the folder of measured and parsed tables: `FREENAS_CACHE` if it is set, else the user's cache folder."""
    from platformdirs import user_cache_path

    return Path(os.environ.get("FREENAS_CACHE") or user_cache_path("freenas"))


def store_url() -> str:
    """Return the database URL of the store of runs: `FREENAS_STORE`, or a file in the user's data folder.

    Makes that folder where the variable is not set; `OSError` if it cannot be made.
    """
    if url := os.environ.get("FREENAS_STORE"):
        return url
    from platformdirs import user_data_path

    folder = user_data_path("freenas")
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / 'runs.sqlite3'}"
