"""The store of runs, on SQLite and on a PostgreSQL server: what is kept, found, changed, deleted and taken back."""

from __future__ import annotations

import json
import operator
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as hypothesis
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import create_engine, text

from engine import SearchResult
from engine.runs import ORDERS, Filter, Run
from engine.runs.exchange import export_json, read_runs
from engine.runs.run import StoredRun
from engine.runs.store import RunStore
from engine.runs.words import MAX_NAME, MAX_NOTE, MAX_TAG, MAX_TAGS
from tests.engine.runs.samples import FIRST, OWN, everyone, made, variant
from tests.paths import FILES

# what is kept


@pytest.mark.parametrize("result", [FIRST, OWN], ids=["registered space", "own space, pinned, banned, within a budget"])
def test_a_result_comes_back_as_it_was(store: RunStore, result: SearchResult):
    run = store.add(result, name="a name", note="two\nlines", tags=["b", "a", "b"])
    assert store.get(run.id) == run
    assert store.document(run.id) == result.to_json()
    assert store.result(run.id).to_json() == result.to_json()
    assert (run.name, run.note, run.tags) == ("a name", "two\nlines", ("a", "b"))
    assert (run.space, run.proxy, run.recipe) == (result.space.name, result.config.proxy, result.config.recipe)
    assert (run.seed, run.device, run.seconds) == (result.config.seed, "cpu", result.timing["total"])
    assert (run.params, run.macs) == (result.cost["params"], result.cost["macs"])
    assert run.architecture == result.genotype
    assert run.notation == result.genotype.notation


def test_the_same_result_is_one_run_and_another_time_is_another(store: RunStore):
    first = store.add(FIRST, name="mine")
    assert store.add(FIRST, name="other") == first
    again = store.add(replace(FIRST, timing={**FIRST.timing, "total": 9.0}))
    assert again.id != first.id
    assert store.count() == 2


def test_what_is_kept_outlives_its_store(url: str):
    writer = RunStore(url)
    run = writer.add(FIRST, tags=["x"])
    writer.close()
    reader = RunStore(url)
    assert reader.find() == [run]
    reader.close()


def test_keeping_is_all_or_nothing(store: RunStore):
    def broken() -> Iterator[StoredRun]:
        yield made(1)
        raise ValueError("the next one cannot be read")

    with pytest.raises(ValueError, match="the next one"):
        store.keep(broken())
    assert store.count() == 0


@pytest.mark.parametrize("call", ["get", "result", "document", "update"])
@pytest.mark.parametrize("run_id", ["0123456789abcdef", "", "%", "x" * 999, "'; DROP TABLE runs; --", "a\x00b"])
def test_an_unknown_run_is_named(store: RunStore, call: str, run_id: str):
    with pytest.raises(ValueError, match=r"^no run [\"']"):
        getattr(store, call)(run_id)


# finding


FILTERS: dict[str, tuple[Filter, Callable[[Run], bool]]] = {
    "all": (Filter(), lambda run: True),
    "space": (Filter(spaces=["darts"]), lambda run: run.space == "darts"),
    "two recipes": (Filter(recipes=["released", "custom"]), lambda run: run.recipe != "synaptic"),
    "proxy and device": (
        Filter(proxies=["snip"], devices=["cpu"]),
        lambda run: (run.proxy, run.device) == ("snip", "cpu"),
    ),
    "a tag": (Filter(tags=["even"]), lambda run: "even" in run.tags),
    "both tags": (Filter(tags=["even", "late"]), lambda run: {"even", "late"} <= set(run.tags)),
    "a text without case": (Filter("ÜBER"), lambda run: run.name == "Überblick"),
    "signs of SQL": (Filter("50% _"), lambda run: run.name.startswith("50%")),
    "a sign alone": (Filter("%"), lambda run: "%" in run.name),
    "words of name and note": (Filter("line über"), lambda run: bool(run.note) and run.name == "Überblick"),
    "a tag as text": (Filter("late"), lambda run: "late" in run.tags),
    "nothing": (Filter("nowhere"), lambda run: False),
    "an unknown space": (Filter(spaces=["x"]), lambda run: False),
}


def test_a_filter_lets_through_what_it_says(store: RunStore):
    store.keep(everyone())
    for name, (wanted, passes) in FILTERS.items():
        expected = [each.run for each in reversed(everyone()) if passes(each.run)]
        assert store.find(wanted) == expected, name
        assert store.count(wanted) == len(expected), name


@pytest.mark.parametrize("descending", [False, True])
def test_pages_in_any_order_hold_every_run_once(store: RunStore, descending: bool):
    store.keep(everyone())
    for order in ORDERS:
        check_pages(store, order, descending)


def check_pages(store: RunStore, order: str, descending: bool) -> None:
    pages = [store.find(order=order, descending=descending, limit=5, offset=first) for first in (0, 5, 10)]
    assert [len(page) for page in pages] == [5, 5, 2]
    found = [run for page in pages for run in page]
    assert {run.id for run in found} == {each.run.id for each in everyone()}
    if order != "name":  # how words are sorted is left to the database
        values = [operator.attrgetter(order)(run) for run in found]
        assert values == sorted(values, reverse=descending)


def test_an_unknown_order_is_refused(store: RunStore):
    with pytest.raises(ValueError, match="unknown order 'id; DROP TABLE runs'; allowed: created, name"):
        store.find(order="id; DROP TABLE runs")


def test_the_values_to_filter_by_are_those_of_runs_that_are_there(store: RunStore):
    store.keep(everyone())
    assert store.values() == {
        "spaces": ["darts", "nas-bench-201"],
        "proxies": ["freeflow", "snip"],
        "recipes": ["custom", "released", "synaptic"],
        "devices": ["cpu", "cuda:0"],
        "tags": ["even", "late"],
    }
    store.delete([each.run.id for each in everyone() if "even" in each.run.tags or each.run.space == "darts"])
    found = store.values()
    assert (found["tags"], found["spaces"]) == (["late"], ["nas-bench-201"])


# changing


def test_words_are_changed_one_by_one_and_looked_for_anew(store: RunStore):
    run = store.add(FIRST, name="before", note="note", tags=["old"])
    assert store.update(run.id, name="after") == replace(run, name="after")
    assert store.update(run.id, tags=["new", "old"]) == replace(run, name="after", tags=("new", "old"))
    assert (
        store.update(run.id, note="") == store.get(run.id) == replace(run, name="after", note="", tags=("new", "old"))
    )
    assert store.count(Filter("after new")) == 1
    assert store.count(Filter("before")) == store.count(Filter("note")) == 0


def test_what_is_too_long_changes_nothing(store: RunStore):
    run = store.add(FIRST, name="n" * MAX_NAME, note="o" * MAX_NOTE, tags=["t" * MAX_TAG])
    for words in ({"name": "n" * (MAX_NAME + 1)}, {"note": "o" * (MAX_NOTE + 1)}, {"tags": ["t" * (MAX_TAG + 1)]}):
        with pytest.raises(ValueError, match=r"has at most [\d,]+ characters; [\d,]+ given"):
            store.update(run.id, **words)
    with pytest.raises(ValueError, match=f"{MAX_TAGS + 1} tags given; a run has at most {MAX_TAGS}"):
        store.update(run.id, name="x", tags=[str(number) for number in range(MAX_TAGS + 1)])
    assert store.get(run.id) == run


def test_a_deletion_can_be_taken_back(store: RunStore):
    runs = [store.get(run_id) for run_id in store.keep(everyone())]
    gone = [runs[2].id, runs[5].id]
    assert store.delete([*gone, "0123456789abcdef"]) == 2
    assert store.delete(gone) == 0
    assert store.count() == 10
    for run_id in gone:
        with pytest.raises(ValueError, match="no run"):
            store.result(run_id)
    assert store.restore([*gone, runs[0].id]) == 2
    assert sorted(store.find(), key=lambda run: run.created) == runs
    assert store.document(gone[0])


def test_a_deleted_run_that_is_found_again_is_there_again(store: RunStore):
    run = store.add(FIRST, name="mine")
    store.delete([run.id])
    assert store.add(FIRST) == run


ASKED: dict[str, Callable[[RunStore, list[str], str | None], object]] = {
    "update": lambda store, ids, owner: store.update(ids[-1], note="new", owner=owner),
    "delete": lambda store, ids, owner: store.delete(ids, owner),
    "restore": lambda store, ids, owner: store.restore(ids, owner),
}


@pytest.mark.parametrize("action", ASKED)
def test_an_owner_changes_what_is_the_owners_and_nothing_else(store: RunStore, action: str):
    mine, theirs, nobodys = store.keep([made(1, owner="me"), made(2, owner="them"), made(3)])
    if action == "restore":
        store.delete([mine, theirs, nobodys])
    before = store.find()
    for ids in ([theirs], [nobodys], [mine, theirs]):
        with pytest.raises(ValueError, match=f"run {ids[-1]} is not yours, and only its owner changes it"):
            ASKED[action](store, ids, "me")
        assert store.find() == before
    ASKED[action](store, [mine], "me")
    assert store.find() != before
    ASKED[action](store, [theirs, nobodys], None)


def test_a_deleted_run_that_another_keeps_is_the_others_and_takes_nothing_back(store: RunStore):
    (run_id,) = store.keep([made(1, owner="me", note="mine")])
    store.delete([run_id], "me")
    assert store.keep([made(1, owner="them", imported=True, tags=("new",))]) == [run_id]
    run = store.get(run_id)
    assert (run.owner, run.imported, run.note, run.tags) == ("them", True, "", ("new",))
    assert store.result(run_id).to_json() == made(1).document


def test_a_run_stays_its_first_owners(store: RunStore):
    store.keep([made(1, owner="me")])
    assert store.keep([made(1, owner="them", imported=True)]) == []
    (run,) = store.find()
    assert (run.owner, run.imported) == ("me", False)


class Clocks:
    """The clock on the wall, which may be wrong, and the count of seconds that pass."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall, self.passed = 1.8e9, 100.0
        monkeypatch.setattr(time, "time", lambda: self.wall)
        monkeypatch.setattr(time, "monotonic", lambda: self.passed)

    def wait(self, seconds: float) -> None:
        self.wall += seconds
        self.passed += seconds


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    return Clocks(monkeypatch)


DAY = 24 * 3600
YEAR = 365 * DAY


def test_a_day_after_its_deletion_a_run_is_removed(store: RunStore, url: str, clocks: Clocks):
    old, new, last = store.keep([made(1, tags=("x",)), made(2), made(3)])
    store.delete([old])
    clocks.wait(DAY / 2)
    store.delete([new])
    clocks.wait(DAY / 2 + 1)
    store.delete([last])
    assert store.unknown([old, new, last]) == [old]
    assert store.restore([old, new, last]) == 2
    engine = create_engine(url)
    with engine.connect() as connection:
        left = {name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar() for name in TABLES}
    engine.dispose()
    assert left == {"runs": 2, "run_results": 2, "run_tags": 0}


def test_a_run_that_is_deleted_again_has_its_day_again(store: RunStore, clocks: Clocks):
    again, other = store.keep([made(1), made(2)])
    store.delete([again])
    clocks.wait(DAY)
    store.restore([again])
    store.delete([again])
    clocks.wait(DAY)
    store.delete([other])
    assert store.restore([again, other]) == 2


@pytest.mark.parametrize("moment", [-9e9, -1.0, 0.0, 1.0, 2e9, 1e11, 9e15])
def test_a_store_that_is_opened_anew_knows_of_no_day_that_passed(url: str, clocks: Clocks, moment: float):
    store = RunStore(url)
    first, second = store.keep([made(1), made(2)])
    store.delete([first])
    store.close()
    clocks.wall = moment
    newer = RunStore(url)
    newer.delete([second])
    assert newer.count() == 0
    assert newer.restore([first, second]) == 2
    newer.close()


class ClocksThatJump(RuleBasedStateMachine):
    """Deletions, lists and restorations under a clock that jumps: within a day none is final, and none is lost."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.clocks = Clocks(self.patch)
        self.folder = tempfile.TemporaryDirectory()
        self.store = RunStore(f"sqlite:///{self.folder.name}/runs.sqlite3")
        self.ids = self.store.keep([made(number) for number in range(4)])
        self.deleted: set[str] = set()

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()
        self.patch.undo()

    @rule(years=hypothesis.floats(-3000, 300_000))
    def jump(self, years: float) -> None:
        self.clocks.wall += years * YEAR

    @rule(seconds=hypothesis.floats(0, DAY / 20))
    def wait(self, seconds: float) -> None:
        self.clocks.wait(seconds)

    @rule(number=hypothesis.integers(0, 3))
    def delete(self, number: int) -> None:
        there = self.ids[number] not in self.deleted
        assert self.store.delete([self.ids[number]]) == there
        self.deleted.add(self.ids[number])

    @rule(number=hypothesis.integers(0, 3))
    def restore(self, number: int) -> None:
        assert self.store.restore([self.ids[number]]) == (self.ids[number] in self.deleted)
        self.deleted.discard(self.ids[number])

    @rule()
    def keep(self) -> None:
        kept = self.store.add(variant(9))
        assert export_json(self.store, [kept.id])
        assert 1970 <= kept.when.year < 9999

    @invariant()
    def every_run_is_there_or_deleted(self) -> None:
        assert self.store.unknown(self.ids) == []
        assert {run.id for run in self.store.find()} >= {*self.ids} - self.deleted
        assert {run.id for run in self.store.find()}.isdisjoint(self.deleted)


TestClocksThatJump = ClocksThatJump.TestCase
TestClocksThatJump.settings = settings(max_examples=8, stateful_step_count=15, deadline=None)


def test_what_a_wrong_clock_has_marked_before_can_be_restored(store: RunStore, url: str):
    (run_id,) = store.keep([made(1)])
    store.delete([run_id])
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE runs SET deleted = -5, created = 9e15"))
    engine.dispose()
    assert store.restore([run_id]) == 1
    assert store.get(run_id).when.year == 9998
    assert json.loads(export_json(store, [run_id]))["runs"][0]["created"].startswith("9998-12-31")


TABLES = ("runs", "run_results", "run_tags")


@pytest.mark.slow
def test_threads_share_a_store(store: RunStore):
    def write(first: int) -> None:
        for number in range(first, first + 10):
            store.keep([made(number)])
            store.keep([made(0)])
            store.find(limit=3)

    threads = [threading.Thread(target=write, args=[first]) for first in (100, 200, 300, 400)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = {0, *(first + number for first in (100, 200, 300, 400) for number in range(10))}
    assert {run.seed for run in store.find()} == numbers
    assert store.count() == len(numbers)


# versions


@pytest.mark.parametrize("name", ["search-result-1-first.json", "search-result-1.json", "runs-1.json"])
def test_files_of_every_version_stay_readable(name: str, store: RunStore):
    kept = read_runs((FILES / name).read_text())
    assert store.keep(kept) == [each.run.id for each in kept]
    for each in kept:
        assert store.result(each.run.id).genotype.notation == each.run.notation
