"""The life of a server, from its beginning to its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from dashboard.frame.log import bounded_log
from dashboard.server import run_store


@asynccontextmanager
async def server_life(app: Any) -> AsyncIterator[None]:
    """Bound the log of a server while it runs, and try once more at its end to keep the runs that wait."""
    async with bounded_log(app):
        yield
        await asyncio.to_thread(run_store.pending_runs().close)
