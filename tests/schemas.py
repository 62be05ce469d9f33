"""The JSON Schemas that the project ships: `python -m tests.schemas` writes them anew from the models."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel

from engine.common.documents import json_schema
from engine.genotypes.genotype_document import GenotypeDocument
from engine.runs.run_document import RunsDocument
from engine.searches.result_document import ResultDocument
from engine.spaces.own_document import SpaceDocument
from engine.studies.worth_document import WorthDocument
from tests.paths import ASSETS

MODELS: dict[str, type[BaseModel]] = {
    "genotype": GenotypeDocument,
    "runs": RunsDocument,
    "search-result": ResultDocument,
    "search-space": SpaceDocument,
    "worth": WorthDocument,
}
"""The model of every kind of documents that has a schema in `assets`."""
_WIDTH = 120


def shipped_text(name: str) -> str:
    """Return the schema file of a kind of documents as its model makes it."""
    return _layout(json_schema(MODELS[name], name), 0) + "\n"


def _layout(value: Any, depth: int, before: int = 0) -> str:
    """Return JSON text, in one line where that fits `before` columns and more, else an item a line."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or (depth and 2 * depth + before + len(line) < _WIDTH):
        return line
    heads = [f"{json.dumps(key)}: " for key in value] if isinstance(value, dict) else [""] * len(value)
    items = value.values() if isinstance(value, dict) else value
    texts = [head + _layout(item, depth + 1, len(head)) for head, item in zip(heads, items, strict=True)]
    inner = ",\n".join("  " * (depth + 1) + text for text in texts)
    first, last = "{}" if isinstance(value, dict) else "[]"
    return f"{first}\n{inner}\n{'  ' * depth}{last}"


def main() -> None:
    """Write every schema file."""
    for name in MODELS:
        (ASSETS / f"{name}.schema.json").write_text(shipped_text(name), "utf-8")


if __name__ == "__main__":
    main()
