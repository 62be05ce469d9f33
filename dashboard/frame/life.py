"""The life of a server, from its beginning to its end."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from dashboard.frame.log import bounded_log
from dashboard.server import run_store

if sys.platform != "win32":
    import resource


@asynccontextmanager
async def server_life(app: Any) -> AsyncIterator[None]:
    """Bound the log of a server while it runs, and try once more at its end to keep the runs that wait."""
    allow_open_files()
    pending = run_store.pending_runs()  # made here, before two sessions could each make theirs
    with bounded_log():
        yield
        await asyncio.to_thread(pending.close)


def allow_open_files() -> None:
    """Raise the number of connections and files that may be open, often 1,024, to the most that the system allows."""
    if sys.platform != "win32":
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        with suppress(ValueError, OSError):  # a system whose most is no number
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
