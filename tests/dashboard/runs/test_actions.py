"""The actions on runs: export, and what goes wrong said on the page."""

import json

import pytest

from dashboard.runs import actions
from dashboard.runs.state import RunsState
from engine.runs import Filter, StoreUnavailable
from tests.dashboard.conftest import small


def test_what_is_exported_is_what_is_chosen_or_wanted(app, store, monkeypatch):
    kept = [store.add(small(seed)) for seed in range(3)]
    given = []
    monkeypatch.setattr(actions, "_download", lambda label, text, *_: given.append(text))
    monkeypatch.setattr(actions.st, "popover", lambda *_, **__: _Open())
    actions._export_menu([kept[1]], Filter(), 3)
    actions._export_menu([], Filter(text=kept[2].id), 1)
    assert [run["id"] for run in json.loads(given[0])["runs"]] == [kept[1].id]
    assert [run["id"] for run in json.loads(given[2])["runs"]] == [kept[2].id]
    assert [len(text.splitlines()) for text in (given[1], given[3])] == [2, 2]
    monkeypatch.setattr(actions, "MOST_EXPORTED", 2)
    actions._export_menu([], Filter(), 3)
    assert len(given) == 5
    assert given[4].startswith("id,name")


class _Open:
    open = True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


@pytest.mark.parametrize("error", [ValueError("a tag is too long"), StoreUnavailable("the store is away")])
def test_an_action_that_fails_leaves_its_reason_for_the_next_page(error, monkeypatch):
    memory = RunsState()
    monkeypatch.setattr(actions, "state", lambda kind: memory)

    def fail():
        raise error

    assert not actions._try(fail)
    assert memory.complaint == str(error)
    assert actions._try(lambda: None)


def test_runs_are_counted_in_words():
    assert [actions._count_text(count) for count in (0, 1, 2, 12_345)] == ["0 runs", "1 run", "2 runs", "12,345 runs"]
