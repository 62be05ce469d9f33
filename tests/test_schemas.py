from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.engine.schemas import SCHEMAS, VALIDATORS
from tests.paths import ASSETS, FILES
from tests.schemas import MODELS, shipped_text


def test_every_schema_has_a_model():
    assert {path.name.removesuffix(".schema.json") for path in ASSETS.glob("*.schema.json")} == set(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_the_shipped_schema_is_what_the_model_gives(name: str):
    assert (ASSETS / f"{name}.schema.json").read_text("utf-8") == shipped_text(name), "run python -m tests.schemas"


@pytest.mark.parametrize("name", MODELS)
def test_schemas_are_schemas(name: str):
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$id"].endswith(f"/{name}.schema.json")
    assert SCHEMAS[name]["title"].startswith("FreeNAS ")


STORED = [ASSETS / "worth.json", *ASSETS.glob("examples/*.json"), *FILES.glob("*.json")]


@pytest.mark.parametrize("path", sorted(STORED), ids=lambda path: path.stem)
def test_stored_files_are_as_their_schema_says(path: Path):
    document = json.loads(path.read_text("utf-8"))
    name, _, version = document["schema"].removeprefix("freenas/").partition("@")
    assert version == "1"
    VALIDATORS[name].validate(document)
