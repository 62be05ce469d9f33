from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from engine.runs.exchange import export_json
from engine.runs.run_document import RunDocument, RunsDocument
from engine.runs.store import RunStore
from engine.runs.words import MAX_NAME, MAX_NOTE, MAX_TAG, MAX_TAGS
from tests.engine.runs.samples import FIRST, OWN
from tests.engine.schemas import SCHEMAS, VALIDATORS
from tests.paths import FILES

VALIDATOR = VALIDATORS["runs"]
LEAST = {"id": "0123456789abcdef", "created": "2026-11-24T12:00:00+00:00", "result": {}}


def test_an_export_is_as_its_schema_says(store: RunStore):
    runs = [store.add(FIRST, name="a", note="b\nc", tags=["d"]), store.add(OWN)]
    VALIDATOR.validate(json.loads(export_json(store, [run.id for run in runs])))
    VALIDATOR.validate(json.loads((FILES / "runs-1.json").read_text()))
    parts = SCHEMAS["runs"]["$defs"]["RunDocument"]["properties"]
    assert set(parts) == {*runs[0].to_dict(), "result"}
    assert (parts["name"]["maxLength"], parts["note"]["maxLength"]) == (MAX_NAME, MAX_NOTE)
    assert (parts["tags"]["maxItems"], parts["tags"]["items"]["maxLength"]) == (MAX_TAGS, MAX_TAG)
    assert not VALIDATOR.is_valid({"schema": "freenas/runs@1", "runs": [{"id": "x"}]})


def test_a_run_is_read_by_its_id_time_and_result():
    run = RunDocument.from_data(LEAST)
    assert (run.name, run.note, run.tags) == ("", "", [])
    assert {key: run.to_data()[key] for key in LEAST} == LEAST


@pytest.mark.parametrize("key", LEAST)
def test_a_run_without_them_is_none(key: str):
    with pytest.raises(ValidationError, match=key):
        RunDocument.from_data({name: value for name, value in LEAST.items() if name != key})


def test_what_is_known_from_the_result_is_not_read():
    assert RunDocument.from_data(LEAST | {"seed": "x", "macs": None, "surprise": 1}).id == LEAST["id"]


def test_a_document_is_of_this_version():
    assert RunsDocument.from_data({"schema": "freenas/runs@1", "runs": [LEAST]}).runs[0].result == {}
    with pytest.raises(ValidationError, match="freenas/runs@1"):
        RunsDocument.from_data({"schema": "freenas/runs@2", "runs": []})
