"""Searches that end are kept as runs, and nothing else is."""

from dashboard.server import run_store, session
from dashboard.server.jobs import DONE, Job
from engine.runs.store import RunStore
from engine.searches.search import SearchTask
from engine.studies.seeds import SeedsTask, closed_form
from tests.dashboard.conftest import job_of, small, wait_for
from tests.dashboard.pages.test_explore import SMALL_QUERY


def test_a_search_is_kept_before_the_page_says_that_it_ended(app, store, monkeypatch):
    seen = []
    add = RunStore.add
    at = app(seed="31", **SMALL_QUERY)
    wait_for(at, "preview")
    assert store.count() == 0

    def watched(self, result, **words):
        seen.append(job_of(at, "search").state)
        return add(self, result, **words)

    monkeypatch.setattr(RunStore, "add", watched)
    at.button(key="search").click().run()
    wait_for(at)
    (run,) = store.find()
    assert seen == ["running"]
    assert (run.seed, run.name) == (31, "")
    assert store.result(run.id).to_json() == job_of(at, "search").result.to_json()
    at.button(key="search").click().run()
    assert job_of(at, "search").state == DONE
    assert store.find() == [run]


def test_a_preview_is_kept_only_when_it_is_searched_for(app, store):
    at = app(seed="32", field="interior", **SMALL_QUERY)
    wait_for(at, "preview")
    assert store.count() == 0
    for _ in range(2):
        at.button(key="search").click().run()
        assert not at.exception
        assert [run.seed for run in store.find()] == [32]


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
    run_store.keep_run(SeedsTask(config=closed_form(result.config), seeds=2), result)
    run_store.keep_run(SearchTask(config=result.config), None)
    assert store.count() == 0
    run_store.keep_run(SearchTask(config=result.config), result)
    assert store.count() == 1


def test_a_read_only_server_keeps_nothing(store, monkeypatch):
    monkeypatch.setenv("FREENAS_READ_ONLY", "1")
    result = small(1)
    run_store.keep_run(SearchTask(config=result.config), result)
    assert store.count() == 0
