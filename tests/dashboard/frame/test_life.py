"""The end of a server: what waits is tried once more."""

import asyncio

from dashboard.frame.life import server_life
from dashboard.server import run_store
from engine.runs import StoreUnavailable
from tests.engine.runs.samples import made


def test_runs_that_wait_are_kept_when_the_server_ends(store, monkeypatch):
    keep, failures = store.keep, [StoreUnavailable("away")]

    def fails_once(runs):
        if failures:
            raise failures.pop()
        return keep(runs)

    monkeypatch.setattr(store, "keep", fails_once)

    async def live():
        async with server_life(None):
            run_store.pending_runs().add(made(1))
            assert store.count() == 0

    asyncio.run(live())
    assert store.count() == 1
