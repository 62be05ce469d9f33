"""The JSON schemas of the project, each with a validator that finds the others."""

from __future__ import annotations

import json

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from tests.paths import ASSETS

SCHEMAS = {
    name: json.loads((ASSETS / f"{name}.schema.json").read_text("utf-8"))
    for name in ("genotype", "runs", "search-result", "search-space", "worth")
}
_REGISTRY = Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values())
VALIDATORS = {name: Draft202012Validator(schema, registry=_REGISTRY) for name, schema in SCHEMAS.items()}
