"""Runs that could not be kept wait, and are tried again until they are: in their order, each once, none is lost."""

import sqlite3
import threading
from contextlib import closing

import pytest

from dashboard.server import pending_runs
from dashboard.server.pending_runs import PendingRuns
from engine.runs import StoreUnavailable
from engine.runs.store import RunStore
from tests.engine.runs.samples import made
from tests.waiting import until


class Store:
    """A store that fails so many times, or while it is away, and remembers what it keeps."""

    def __init__(self, failures=0):
        self.failures, self.away, self.kept, self.tries = failures, False, [], 0

    def keep(self, stored):
        self.tries += 1
        if self.away or self.failures:
            self.failures -= bool(self.failures)
            raise StoreUnavailable("the store is away")
        self.kept.append(stored.run.id)


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(pending_runs, "_FIRST_WAIT", 0.01)
    monkeypatch.setattr(pending_runs, "_LONGEST_WAIT", 0.04)


RUNS = [made(number) for number in range(6)]
IDS = [stored.run.id for stored in RUNS]


def test_a_run_that_can_be_kept_does_not_wait():
    store = Store()
    pending = PendingRuns(store.keep)
    pending.add(RUNS[0])
    assert (store.kept, len(pending), store.tries) == (IDS[:1], 0, 1)
    assert pending._thread is None


@pytest.mark.parametrize("failures", [1, 2, 7])
@pytest.mark.usefixtures("quick")
def test_runs_are_tried_again_until_they_are_kept_in_their_order_and_once(failures):
    store = Store(failures)
    pending = PendingRuns(store.keep)
    for stored in [*RUNS, *RUNS]:
        pending.add(stored)
    until(lambda: not pending)
    assert list(dict.fromkeys(store.kept)) == IDS
    assert store.kept[:6] == IDS
    until(lambda: pending._thread is None)
    store.failures = 1
    pending.add(made(9))
    until(lambda: not pending)
    assert store.kept[-1] == made(9).run.id


def test_what_waits_is_told_with_its_reason():
    store = Store(99)
    pending = PendingRuns(store.keep)
    for stored in (*RUNS[:3], RUNS[1]):
        pending.add(stored)
    assert (len(pending), pending.reason, store.tries) == (3, "the store is away", 1)
    assert IDS[1] in pending
    assert IDS[5] not in pending
    pending.close()


@pytest.mark.usefixtures("quick")
def test_threads_add_runs_while_the_store_comes_and_goes():
    store = Store()
    pending = PendingRuns(store.keep)

    def add(first):
        for number in range(first, first + 20):
            store.away = number % 3 == 0
            pending.add(made(number))

    threads = [threading.Thread(target=add, args=[first]) for first in (100, 200, 300)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.away = False
    until(lambda: not pending)
    expected = {made(first + number).run.id for first in (100, 200, 300) for number in range(20)}
    assert sorted(store.kept) == sorted(expected)


def test_memory_is_bounded_and_what_finds_no_place_is_told(monkeypatch):
    monkeypatch.setattr(pending_runs, "_MOST_CHARACTERS", sum(len(stored.document) for stored in RUNS[:3]))
    pending = PendingRuns(Store(99).keep)
    for stored in RUNS[:3]:
        pending.add(stored)
    with pytest.raises(StoreUnavailable, match="the store is away, and no more runs can wait for it"):
        pending.add(RUNS[3])
    assert [run_id in pending for run_id in IDS] == [True] * 3 + [False] * 3
    pending.close()


def test_at_the_end_all_are_tried_once_more():
    store = Store(1)
    pending = PendingRuns(store.keep)
    for stored in RUNS:
        pending.add(stored)
    assert store.kept == []
    pending.close()
    assert store.kept == IDS


def test_what_is_lost_at_the_end_is_in_the_log(caplog):
    pending = PendingRuns(Store(99).keep)
    pending.add(RUNS[0])
    pending.close()
    assert caplog.messages == ["runs that were not kept: 1 (the store is away)"]


@pytest.mark.usefixtures("quick")
def test_runs_wait_for_a_database_that_is_locked(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.runs.database._PATIENCE", 0.05)
    path = tmp_path / "runs.sqlite3"
    store = RunStore(f"sqlite:///{path}")
    pending = PendingRuns(lambda stored: store.keep([stored]))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        for stored in RUNS:
            pending.add(stored)
        assert (len(pending), pending.reason) == (6, "the store of runs cannot be written")
        other.execute("ROLLBACK")
    until(lambda: not pending)
    assert [run.id for run in store.find(descending=False)] == IDS
    store.close()
