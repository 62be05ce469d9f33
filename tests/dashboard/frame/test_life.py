"""The life of a server: as many connections as there may be; at the end, what waits is tried once more."""

import asyncio
import sys

import pytest

from dashboard.frame.life import allow_open_files, server_life
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


@pytest.mark.skipif(sys.platform == "win32", reason="has no such limit")
def test_as_many_files_are_open_as_the_system_allows():
    import resource

    kind = resource.RLIMIT_NOFILE
    before = resource.getrlimit(kind)
    try:
        resource.setrlimit(kind, (min(256, before[1]), before[1]))
        allow_open_files()
        assert resource.getrlimit(kind) == (before[1], before[1])
    finally:
        resource.setrlimit(kind, before)
