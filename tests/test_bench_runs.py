"""The benchmark of the store: its runs are runs, and its table tells of every act. No time is asserted."""

import json

import pytest

from bench import runs
from engine.runs import ORDERS, Filter
from engine.runs.exchange import export_json, read_runs
from engine.runs.store import RunStore


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    monkeypatch.setattr(runs, "MANY", 10)
    monkeypatch.setattr(runs, "_AT_ONCE", 16)


@pytest.mark.slow
def test_what_fills_the_store_can_be_read_as_real_runs_can(tmp_path):
    store = RunStore(f"sqlite:///{tmp_path / 'runs.sqlite3'}")
    assert len(runs.filled(store, 40)) == 3  # 16 + 16 + 8
    found = store.find(order="seed", descending=False)
    assert [run.seed for run in found] == list(range(40))
    assert {(run.space, run.architecture.space.name) for run in found} == {
        (name,) * 2 for name in ("nas-bench-201", "darts")
    }
    assert [run.architecture.notation for run in found] == [run.notation for run in found]
    assert len({run.notation for run in found}) == 20  # ten of each space
    # 3, and 30 to 39; no fourth has a name
    assert [store.count(Filter(text=f"seed-{number}")) for number in (3, 4)] == [9, 0]
    again = read_runs(export_json(store, [run.id for run in found]))
    assert [kept.run.id for kept in again] == [run.id for run in found]
    store.close()


@pytest.mark.slow
def test_the_table_tells_of_every_act_and_leaves_no_file(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(runs.tempfile, "tempdir", str(tmp_path))
    runs.main(["--runs", "40", "--rounds", "2", "--out", str(tmp_path / "table.json")])
    assert [path.name for path in tmp_path.iterdir()] == ["table.json"]
    written = json.loads((tmp_path / "table.json").read_text())
    rows = {row["what"]: row for row in written["rows"]}
    assert written["machine"]["runs"] == 40
    assert rows.keys() >= {f"page of 25 by {order}" for order in ORDERS}
    printed = capsys.readouterr().out
    for what in ("add a run", "get a run", "count", "delete 10 runs", "restore 10 runs", "export 10 runs as JSON"):
        assert rows[what]["runs"] == 2
        assert f"\n{what} " in printed
