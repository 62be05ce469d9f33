"""The table of runs: its columns, its order, and the ticks that stay from page to page."""

from dataclasses import replace

from dashboard.runs.table import _columns, _rows, clicked_order, picked_with_page
from engine import SearchResult
from engine.runs import ORDERS
from tests.dashboard.conftest import small
from tests.paths import FILES

OWN = SearchResult.from_json((FILES / "search-result-1.json").read_text())


def test_a_column_that_is_clicked_sorts_and_turns_around():
    assert clicked_order("params", "created", False) == ("params", False)
    assert clicked_order("params", "params", False) == ("params", True)
    assert clicked_order("space", "params", True) == ("space", True)
    assert clicked_order("space", "space", True) == ("space", False)
    assert clicked_order("note", "space", False) == ("space", False)


def test_what_is_ticked_on_one_page_stays_picked_on_another(store):
    first, second, third = (store.add(small(seed)) for seed in range(3))
    picked = picked_with_page({}, [first, second], [1])
    picked = picked_with_page(picked, [third, first], [1, 7])
    assert [*picked] == [second.id, first.id]
    assert [*picked_with_page(picked, [first, second], [])] == []


def test_a_row_has_what_its_run_has_and_columns_without_words_are_left_out(store):
    run, own = store.add(small(1), tags=["odd"]), store.add(OWN)
    first, second = _rows([run, own])
    assert (first["space"], first["seed"], first["params"], first["tags"]) == ("NAS-Bench-201", 1, run.params, ["odd"])
    assert (second["space"], second["tags"]) == ("my-cells", [])
    assert not {"name", "note"} & first.keys()
    assert {*first} <= {*_columns([run, own], "seed", True)}


def test_the_column_of_the_order_shows_its_direction(store):
    for order in ORDERS:
        for descending, sign in ((True, "↓"), (False, "↑")):
            columns = _columns([], order, descending)
            del columns["open"]
            titles = {name: column["label"] for name, column in columns.items()}
            assert [name for name, title in titles.items() if title.endswith((" ↓", " ↑"))] == [order]
            assert titles[order].endswith(sign)


def test_the_order_by_the_time_is_seen_before_whose_a_run_is(store):
    (row,) = _rows([replace(store.add(small(1)), imported=True)])
    assert [*row].index("created") < [*row].index("origin")
