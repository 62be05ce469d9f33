"""Runs as files: what is exported comes back the same, once; what is no such file is refused in a sentence."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.runs.exchange import export_csv, export_json, import_runs
from engine.runs.run import owner_name
from engine.runs.store import RunStore
from engine.runs.words import MAX_NAME
from tests.engine.runs.samples import FIRST, OWN, made
from tests.paths import FILES

EXPORTED = (FILES / "runs-1.json").read_text()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[RunStore]:
    opened = RunStore(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    yield opened
    opened.close()


def test_what_is_exported_comes_back_the_same(store: RunStore, other: RunStore):
    runs = [store.add(FIRST, name='a "name"', note="two\nlines", tags=["x", "ü"]), store.add(OWN)]
    text = export_json(store, [run.id for run in runs])
    assert import_runs(other, text, owner="me") == (2, 2)
    assert [other.get(run.id) for run in runs] == [replace(run, owner="me", imported=True) for run in runs]
    assert [other.document(run.id) for run in runs] == [FIRST.to_json(), OWN.to_json()]
    assert export_json(other, [run.id for run in runs]) == text


def test_a_second_import_changes_nothing(store: RunStore):
    run = store.add(FIRST, name="exported")
    text = export_json(store, [run.id])
    mine = store.update(run.id, name="changed since", tags=["kept"])
    assert import_runs(store, text) == (0, 1)
    assert import_runs(store, text + "\n") == (0, 1)
    assert store.find() == [mine]


def test_an_import_takes_a_deletion_back(store: RunStore):
    run = store.add(FIRST)
    text = export_json(store, [run.id])
    store.delete([run.id])
    assert import_runs(store, text) == (1, 1)
    assert store.find() == [run]


def test_a_search_result_is_imported_once(store: RunStore):
    assert import_runs(store, OWN.to_json()) == (1, 1)
    assert import_runs(store, OWN.to_json()) == (0, 1)
    (run,) = store.find()
    assert (run.owner, run.imported) == ("", True)
    assert store.add(OWN) == run


def test_no_file_says_whose_a_run_is(store: RunStore):
    store.keep([made(1, owner=owner_name("me@example.org"))])
    (run,) = store.find()
    assert run.owner
    assert run.owner not in export_json(store, [run.id]) + export_csv([run])
    data = json.loads(EXPORTED)
    data["runs"][0]["owner"] = run.owner
    import_runs(store, json.dumps(data))
    assert store.get(data["runs"][0]["id"]).owner == ""


def test_an_export_is_json_for_programs(store: RunStore):
    run = store.add(OWN, tags=["x"])
    data = json.loads(export_json(store, [run.id]))
    assert data["schema"] == "freenas/runs@1"
    (found,) = data["runs"]
    assert found.pop("result") == json.loads(OWN.to_json())
    assert found == run.to_dict()
    assert json.loads(export_json(store, [])) == {"schema": "freenas/runs@1", "runs": []}


def test_the_table_has_a_row_a_run_and_computes_nothing(store: RunStore):
    runs = [store.add(FIRST, name="＝1+1", note="a\nb", tags=["x", "y"]), store.add(OWN, name="-2", note="@SUM(A1)")]
    rows = list(csv.DictReader(io.StringIO(export_csv(runs))))
    assert [row["id"] for row in rows] == [run.id for run in runs]
    assert [(row["name"], row["note"], row["tags"]) for row in rows] == [
        ("'＝1+1", "a\nb", "x, y"),
        ("'-2", "'@SUM(A1)", ""),
    ]
    for row, result in zip(rows, (FIRST, OWN), strict=True):
        assert row["notation"] == result.genotype.notation
        assert (int(row["params"]), int(row["macs"])) == (result.cost["params"], result.cost["macs"])
        assert (row["space"], int(row["seed"])) == (result.space.name, result.config.seed)


def _changed(change: Callable[[dict[str, Any]], Any]) -> str:
    data = json.loads(EXPORTED)
    change(data["runs"][1])
    return json.dumps(data)


REFUSED = {
    "nothing": ("", "a JSON document of runs expected"),
    "a table": ("id,name\n1,x\n", "a table of them .CSV. holds no results"),
    "cut short": (EXPORTED[:-40], "not JSON that can be read: line "),
    "deep": ('{"schema":' * 99_999, "not JSON that can be read"),
    "another document": ('{"schema": "freenas/genotype@1"}', "schema: 'freenas/genotype@1' found, 'freenas/runs@1' or"),
    "a newer one": ('{"schema": "freenas/runs@2"}', "schema: 'freenas/runs@2' found"),
    "no runs": ('{"schema": "freenas/runs@1"}', "runs: field required"),
    "a run that is none": ('{"schema": "freenas/runs@1", "runs": [5]}', r"runs\[0\]: .* 5 given"),
    "a bad id": (_changed(lambda run: run.update(id="../x")), r"runs\[1\].id: .*'../x' given"),
    "no date": (_changed(lambda run: run.update(created="soon")), r"runs\[1\]: created: 'soon' is no date and time"),
    "a long name": (_changed(lambda run: run.update(name="n" * 999)), rf"runs\[1\]: a name has at most {MAX_NAME}"),
    "tags that are none": (_changed(lambda run: run.update(tags="x")), r"runs\[1\].tags: "),
    "no result": (_changed(lambda run: run.pop("result")), r"runs\[1\].result: field required"),
    "another space": (_changed(lambda run: run["result"]["config"].update(space="x")), r"runs\[1\]: config: unknown"),
    "too many weights": (_changed(lambda run: run["result"]["cost"].update(params=2**63)), r"runs\[1\]: cost.params: "),
    "a newer result": (
        _changed(lambda run: run["result"].update(schema="freenas/search-result@2")),
        r"runs\[1\]: schema: freenas/search-result@2 was written by a newer FreeNAS",
    ),
    "not a number": (_changed(lambda run: run["result"]["timing"].update(total=float("nan"))), r"runs\[1\]: timing"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_imported_is_refused_whole(store: RunStore, name: str):
    text, said = REFUSED[name]
    with pytest.raises(ValueError, match=said) as caught:
        import_runs(store, text)
    assert len(str(caught.value)) < 400
    assert store.count() == 0
