"""Runs on their page: kept when a search ends, shown, filtered, described, deleted and taken back, exported."""

import pytest
import streamlit as st
from sqlalchemy import create_engine, text

from dashboard.runs import listing
from dashboard.server import owners, run_store
from dashboard.server.navigation import PAGES
from engine import SearchResult
from engine.runs.run import StoredRun, owner_name
from engine.runs.words import MAX_TAG
from tests.dashboard.conftest import headline, small, texts, wait_for
from tests.dashboard.pages.test_explore import SMALL_QUERY
from tests.paths import FILES

EXPORTED = (FILES / "runs-1.json").read_text()
OWN = SearchResult.from_json((FILES / "search-result-1.json").read_text())
PAGE = PAGES["runs"].script


def rows(at):
    return at.dataframe[0].value


def test_without_a_store_searching_works_and_the_page_says_what_was_not_kept(app, broken_store):
    at = app(seed="33", **SMALL_QUERY)
    at.button(key="search").click().run()
    wait_for(at)
    assert at.button(key="search").label == "Computed"
    waits = f"the store of runs {broken_store}; it waits in the memory of the server, and is tried again"
    assert f"This run was not kept: {waits}." in texts(at)
    at = app(PAGE)
    assert f"The runs cannot be shown: the store of runs {broken_store}." in texts(at)
    assert any(said.startswith("Searching works all the same") for said in texts(at))
    assert any(said.startswith("1 run waits to be kept: the store of runs cannot be opened.") for said in texts(at))


def test_an_empty_store_invites(app, store):
    at = app(PAGE)
    assert headline(at) == "Runs"
    assert [header.value for header in at.header] == ["No runs yet"]
    assert not at.dataframe
    assert at.button(key="ask").label == "Start a search"


def test_the_table_shows_what_the_store_has(app, store):
    runs_ = [store.add(small(seed), name=f"number {seed}", tags=["even"] if seed % 2 == 0 else []) for seed in range(3)]
    store.add(OWN, note="a **note**")
    at = app(PAGE)
    found = rows(at)
    assert [*found["space"]] == ["my-cells"] + ["NAS-Bench-201"] * 3
    assert [*found["name"]] == ["", "number 2", "number 1", "number 0"]
    assert [list(tags) for tags in found["tags"]] == [[], ["even"], [], ["even"]]
    assert found["note"][0] == "a **note**"
    assert [*found["params"][1:]] == [run.params for run in reversed(runs_)]
    assert all(cell.startswith("data:image/svg+xml;base64,") for cell in found["cell"])
    assert "4 runs" in texts(at)


def test_columns_of_words_are_there_once_a_run_on_the_page_has_some(app, store):
    run = store.add(small(0))
    store.add(small(1))
    there = ["cell", "space", "open", "seed", "params", "macs", "proxy", "recipe", "seconds", "created", "device"]
    assert [*rows(app(PAGE))] == there
    store.update(run.id, tags=["even"])
    assert [*rows(app(PAGE))] == [*there[:9], "tags", *there[9:]]
    store.update(run.id, tags=[], name="first", note="of two")
    assert [*rows(app(PAGE))] == [*there[:1], "name", *there[1:], "note"]


def test_filters_and_order_are_those_of_the_store(app, store):
    for seed in range(4):
        store.add(small(seed), name=["b", "a", "d", "c"][seed], tags=["even"] if seed % 2 == 0 else [])
    store.add(OWN)
    at = app(PAGE)
    at.multiselect(key="runs_spaces").set_value(["nas-bench-201"]).run()
    at.selectbox(key="runs_order").set_value("name").run()
    at.toggle(key="runs_rising").set_value(True).run()
    assert [*rows(at)["name"]] == ["a", "b", "c", "d"]
    at.multiselect(key="runs_tags").set_value(["even"]).run()
    assert [*rows(at)["name"]] == ["b", "d"]
    assert "2 of 5 runs" in texts(at)
    at.text_input(key="runs_text").set_value("nowhere").run()
    assert not at.exception
    assert any("No run passes these filters" in said for said in texts(at))


def test_what_a_link_asks_that_there_is_not_is_told(app, store):
    store.add(OWN)
    at = app(PAGE, runs_order="bogus", runs_tags="none")
    (warning,) = at.warning
    assert "unknown runs_order 'bogus'" in warning.value.replace("\\", "")
    assert at.selectbox(key="runs_order").value == "created"
    assert not app(PAGE, runs_order="seed").warning


def test_pages_hold_every_run_once(app, store, monkeypatch):
    monkeypatch.setattr(listing, "PAGE_ROWS", 2)
    for seed in range(5):
        store.add(small(seed))
    seeds = []
    at = app(PAGE)
    for page in (1, 2, 3):
        at.session_state["runs_page"] = page
        at.run()
        assert not at.exception
        seeds += [*rows(at)["seed"]]
    assert seeds == [4, 3, 2, 1, 0]
    pick(at, store.find()[-1])
    at.button(key="delete chosen").click().run()
    assert [*rows(at)["seed"]] == [2, 1]


def pick(at, *chosen):
    at.session_state["RunsState"].picked = {run.id: run for run in chosen}
    at.run()
    assert not at.exception
    return at


def labelled(elements, label, last=False):
    return [element for element in elements if element.label == label][-last]


def press(at, label):
    labelled(at.button, label).click().run()
    assert not at.exception


def test_a_run_is_described_in_plain_text(app, store):
    run = store.add(small(1))
    at = pick(app(PAGE), run)
    labelled(at.text_input, "Name").set_value("[a link](http://x.y) <b>")
    labelled(at.text_area, "Note").set_value("$x$\nline two")
    press(at, "Save")
    kept = store.get(run.id)
    assert (kept.name, kept.note) == ("[a link](http://x.y) <b>", "$x$\nline two")
    assert rows(at)["name"][0] == kept.name
    at = app(run=run.id)
    (said,) = (each.value for each in at.markdown if "kept on" in each.value)
    assert r"\[a link\]\(" in said
    assert r"\<b\>" in said
    assert r"\$x\$" in said


def test_what_is_too_long_is_told_and_changes_nothing(app, store):
    run = store.add(small(1), name="short")
    at = pick(app(PAGE), run)
    labelled(at.multiselect, "Tags", last=True).set_value(["t" * (MAX_TAG + 1)])
    press(at, "Save")
    assert any(said.startswith(f"a tag has at most {MAX_TAG} characters") for said in texts(at))
    assert store.get(run.id) == run
    at.run()
    assert not at.error


def test_runs_of_one_space_are_put_aside_to_compare(app, store):
    first, second = store.add(small(1)), store.add(small(2))
    other = store.add(small(1, space="darts", cells=3))
    at = app(PAGE)
    assert at.button(key="compare chosen").disabled
    assert at.button(key="compare chosen").help == at.button(key="delete chosen").help == "Choose runs in the table."
    at = pick(at, first, other)
    assert at.button(key="compare chosen").disabled
    assert at.button(key="compare chosen").help.startswith("These runs are in different spaces")
    at = pick(at, first, second)
    at.button(key="compare chosen").click().run()
    assert at.session_state["ComparisonState"].items == [first, second]
    assert at.button(key="compare chosen opens").label == "Compare 2"


def test_several_runs_are_tagged_at_once(app, store):
    first, second = store.add(small(1), tags=["old"]), store.add(small(2))
    at = pick(app(PAGE), first, second)
    labelled(at.multiselect, "Tags to add").set_value(["old"])
    press(at, "Add")
    assert [run.tags for run in store.find()] == [("old",), ("old",)]


def test_a_deletion_is_undone(app, store):
    kept = [store.add(small(seed)) for seed in range(3)]
    at = pick(app(PAGE), kept[0], kept[2])
    at.button(key="delete chosen").click().run()
    assert [*rows(at)["seed"]] == [1]
    assert "2 runs deleted." in texts(at)
    at.button(key="undo").click().run()
    assert [*rows(at)["seed"]] == [2, 1, 0]
    assert "2 runs deleted." not in texts(at)


def test_the_last_run_that_is_deleted_can_be_undone_too(app, store):
    run = store.add(small(1))
    at = pick(app(PAGE), run)
    at.button(key="delete chosen").click().run()
    assert [header.value for header in at.header] == ["No runs yet"]
    at.button(key="undo").click().run()
    assert store.find() == [run]


def test_own_and_imported_runs_are_marked(app, store, monkeypatch):
    store.add(small(0))
    assert "origin" not in rows(app(PAGE))
    owner = owner_name("me")
    store.keep([StoredRun.of(small(1), created=2e9, owner=owner)])
    store.keep([StoredRun.of(small(2), created=3e9, owner=owner, imported=True)])
    store.keep([StoredRun.of(small(3), created=4e9, owner=owner_name("you"), imported=True)])
    monkeypatch.setattr(owners, "browser", lambda: "me")
    assert [*rows(app(PAGE))["origin"]] == ["imported", "yours, imported", "yours", ""]


def test_with_a_login_only_who_made_a_run_changes_it(app, store, monkeypatch):
    mine, theirs = (
        StoredRun.of(small(seed), created=2e9 + seed, owner=owner_name(person))
        for seed, person in enumerate(["issuer me", "issuer you"])
    )
    store.keep([mine, theirs])
    monkeypatch.setattr(st, "user", {"is_logged_in": True, "iss": "issuer", "sub": "me", "email": "me@example.org"})
    at = pick(app(PAGE), mine.run, theirs.run)
    assert at.button(key="delete chosen").disabled
    at = pick(at, mine.run)
    assert any(field.label == "Name" for field in at.text_input)
    at.button(key="delete chosen").click().run()
    assert store.find() == [theirs.run]
    at = pick(app(PAGE), theirs.run)
    assert at.button(key="delete chosen").disabled
    assert not any(field.label == "Name" for field in at.text_input)
    monkeypatch.setenv("FREENAS_ADMINS", "me@example.org")
    at = pick(app(PAGE), theirs.run)
    at.button(key="delete chosen").click().run()
    assert store.find() == []


def test_a_server_that_deletes_no_runs_has_no_button_for_it(app, store, monkeypatch):
    run = store.add(small(1))
    monkeypatch.setenv("FREENAS_NO_DELETE", "1")
    at = pick(app(PAGE), run)
    assert "Delete" not in {button.label for button in at.button}
    assert "Edit" in {popover.proto.popover.label for popover in at.get("popover")}


def test_words_that_a_spreadsheet_would_compute_are_none_in_the_table(app, store):
    store.add(small(1), name="=1+1", note="＠SUM(A1)", tags=["+x", "y"])
    found = rows(app(PAGE)).iloc[0]
    assert (found["name"], found["note"], [*found["tags"]]) == ("'=1+1", "'＠SUM(A1)", ["'+x", "y"])


@pytest.mark.parametrize("created", [-9e9, 0.0, 9e15])
def test_runs_of_a_wrong_clock_are_shown(app, store, store_url, created):
    store.add(small(1))
    engine = create_engine(store_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE runs SET created = :created"), {"created": created})
    engine.dispose()
    at = app(PAGE)
    assert "1 run" in texts(at)
    assert not at.error


def test_a_store_that_is_locked_says_so_and_nothing_is_lost(app, store, store_url, monkeypatch):
    run = store.add(small(1))
    at = pick(app(PAGE), run)
    monkeypatch.setattr("engine.runs.database._PATIENCE", 0.1)
    run_store._opened.cache_clear()
    store.close()
    other = create_engine(store_url)
    with other.connect() as connection:
        connection.connection.driver_connection.isolation_level = None
        connection.exec_driver_sql("BEGIN EXCLUSIVE")
        at.button(key="delete chosen").click().run()
        assert any("the store of runs cannot be written" in said for said in texts(at))
        assert [*rows(at)["seed"]] == [1]
        connection.exec_driver_sql("ROLLBACK")
    other.dispose()


def test_a_read_only_server_shows_runs_and_changes_none(app, store, monkeypatch):
    run = store.add(small(1))
    monkeypatch.setenv("FREENAS_READ_ONLY", "1")
    at = pick(app(PAGE), run)
    assert [*rows(at)["seed"]] == [1]
    assert {button.label for button in at.button} == {"Open", "Compare", "Clear"}
    assert not at.get("file_uploader")


@pytest.mark.usefixtures("fresh_worker")
def test_an_import_says_what_was_new(app, store):
    at = app(PAGE)
    for said in (r"2 runs imported\; 0 of the 2 in the file", r"0 runs imported\; 2 of the 2 in the file"):
        at.get("file_uploader")[0].upload("runs.json", EXPORTED.encode(), "application/json").run()
        wait_for(at, "import")
        assert at.success[0].value.startswith(said)
        at = app(PAGE)
    assert store.count() == 2


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"id,name\n", "a JSON document of runs expected"),
        (b"\xff\xfe{", "the file is not UTF-16 text: byte 3 cannot be read"),
    ],
)
def test_a_file_that_is_none_is_refused_in_a_sentence(app, store, data, said):
    at = app(PAGE)
    at.get("file_uploader")[0].upload("runs.json", data, "application/json").run()
    wait_for(at, "import")
    assert any(text.startswith(said) for text in texts(at))
    assert store.count() == 0
