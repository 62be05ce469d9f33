"""Searches that end are kept as runs, and nothing else is."""

import sqlite3
from contextlib import closing

import pytest

from dashboard.server import pending_runs, run_store, session
from dashboard.server.jobs import DONE, Job
from engine.runs.run import owner_name
from engine.runs.store import RunStore
from engine.searches.search import SearchTask
from engine.studies.seeds import SeedsTask, closed_form
from tests.dashboard.conftest import job_of, small, wait_for
from tests.dashboard.pages.test_explore import SMALL_QUERY
from tests.waiting import until


def test_a_search_is_kept_before_the_page_says_that_it_ended(app, store, monkeypatch):
    seen = []
    keep = RunStore.keep
    at = app(seed="31", **SMALL_QUERY)
    wait_for(at, "preview")
    assert store.count() == 0

    def watched(self, runs):
        seen.append(job_of(at, "search").state)
        return keep(self, runs)

    monkeypatch.setattr(RunStore, "keep", watched)
    at.button(key="search").click().run()
    wait_for(at)
    (run,) = store.find()
    assert seen == ["running"]
    assert (run.seed, run.name, run.imported) == (31, "", False)
    assert run.owner == owner_name(job_of(at, "search").owner)
    assert store.result(run.id).to_json() == job_of(at, "search").result.to_json()
    assert at.button(key="search").label == "Computed"
    assert store.find() == [run]


def test_a_preview_is_kept_only_when_it_is_searched_for(app, store):
    at = app(seed="32", field="interior", **SMALL_QUERY)
    wait_for(at, "preview")
    assert store.count() == 0
    assert at.button(key="search").label == "Keep as a run"
    at.button(key="search").click().run()
    assert not at.exception
    assert [run.seed for run in store.find()] == [32]
    assert at.button(key="search").label == "Computed"


def test_a_search_that_was_answered_while_it_waited_is_kept(store):
    result = small(34)
    ended = Job(1, SearchTask(config=result.config), state=DONE, result=result)
    session._keep_known_run(session.PREVIEWING, ended)
    assert store.count() == 0
    for _ in range(2):
        session._keep_known_run(session.SEARCHING, ended)
        assert [run.seed for run in store.find()] == [34]


def test_only_searches_are_runs(store):
    result = small(1)
    run_store.keep_run(SeedsTask(config=closed_form(result.config), seeds=2), result, "me")
    run_store.keep_run(SearchTask(config=result.config), None, "me")
    assert store.count() == 0
    run_store.keep_run(SearchTask(config=result.config), result, "me")
    (run,) = store.find()
    assert run.owner == owner_name("me")


def test_a_read_only_server_keeps_nothing(store, monkeypatch):
    monkeypatch.setenv("FREENAS_READ_ONLY", "1")
    result = small(1)
    run_store.keep_run(SearchTask(config=result.config), result, "me")
    assert store.count() == 0


def test_a_run_that_waits_is_told_until_it_is_kept(store, store_url, monkeypatch):
    monkeypatch.setattr("engine.runs.database._PATIENCE", 0.05)
    monkeypatch.setattr(pending_runs, "_FIRST_WAIT", 0.05)
    store.close()
    run_store._opened.cache_clear()
    result = small(1)
    task = SearchTask(config=result.config)
    with closing(sqlite3.connect(store_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert run_store.keep_run_or_explain(task, result, "me") == ""
        said = run_store.pending_sentence(result)
        assert said == "the store of runs cannot be written; it waits in the memory of the server, and is tried again"
        assert run_store.pending_sentence(small(2)) == run_store.pending_sentence(None) == ""
        other.execute("ROLLBACK")
    until(lambda: not run_store.pending_runs())
    assert run_store.pending_sentence(result) == ""
    assert [run.owner for run in store.find()] == [owner_name("me")]


ACTIONS = {
    "update": lambda run_id: run_store.update_run(run_id, name="new"),
    "delete": lambda run_id: run_store.delete_runs([run_id]),
    "restore": lambda run_id: run_store.restore_runs([run_id]),
}


@pytest.mark.parametrize("action", ACTIONS)
def test_no_action_changes_what_is_not_the_sessions(store, action, monkeypatch):
    run = store.add(small(1))
    monkeypatch.setattr(run_store, "changing_owner", lambda: "me")
    with pytest.raises(ValueError, match="is not yours"):
        ACTIONS[action](run.id)
    assert store.get(run.id) == run


@pytest.mark.parametrize(
    ("variable", "refused"), [("FREENAS_READ_ONLY", [*ACTIONS]), ("FREENAS_NO_DELETE", ["delete"])]
)
def test_what_a_server_forbids_no_action_does(store, variable, refused, monkeypatch):
    run = store.add(small(1))
    monkeypatch.setenv(variable, "1")
    for name, action in ACTIONS.items():
        if name in refused:
            with pytest.raises(ValueError, match=variable):
                action(run.id)
        else:
            action(run.id)
    assert store.count() == 1
