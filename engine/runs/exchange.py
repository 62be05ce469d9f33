"""Runs as files: one JSON document that can be read again, or CSV for tables."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.common.errors import explain, quoted
from engine.genotypes.genotype import RESULT_SCHEMA
from engine.runs.run import ID, Run, run_of
from engine.runs.store import Kept, RunStore
from engine.searches.result import SearchResult

SCHEMA = "freenas/runs@1"
EXPORT_FORMS = ("json", "csv")
_COLUMNS = ("id", "name", "note", "tags", "space", "proxy", "recipe", "seed", "device", "created", "seconds")
_COSTS = ("params", "macs", "notation")
_FORMULA = ("=", "+", "-", "@")
"""What a spreadsheet takes for the beginning of a formula."""


def export_json(store: RunStore, run_ids: Iterable[str]) -> str:
    """Runs with their whole results as one JSON document, a run a line; `ValueError` for an id that is not there."""
    lines = []
    for run_id in run_ids:
        head = json.dumps(store.get(run_id).to_dict(), separators=(",", ":"))
        lines.append(f'{head[:-1]},"result":{store.document(run_id).strip()}}}')
    return f'{{"schema":"{SCHEMA}","runs":[\n' + ",\n".join(lines) + "\n]}\n"


def export_csv(found: Iterable[Run]) -> str:
    """Runs as a table, without their scores. A word that a spreadsheet would compute has an apostrophe before it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((*_COLUMNS, *_COSTS))
    for run in found:
        data = run.to_dict() | {"tags": ", ".join(run.tags)}
        writer.writerow([_cell(data[name]) for name in (*_COLUMNS, *_COSTS)])
    return out.getvalue()


def import_runs(store: RunStore, text: str) -> tuple[int, int]:
    """Keep what `export_json` wrote, or a single search result; how many runs were new, and how many in the text.

    All are kept or none. A run that is there already stays as it is. `ValueError` says what is wrong and where.
    """
    kept = read_runs(text)
    return len(store.keep(kept)), len(kept)


def read_runs(text: str) -> list[Kept]:
    """The runs in a text, each checked; `ValueError` says what is wrong and where."""
    data = _load(text)
    schema = data.get("schema") if isinstance(data, dict) else None
    if schema == RESULT_SCHEMA:
        return [_kept(SearchResult.from_json(text), {"created": time.time()})]
    if schema != SCHEMA:
        raise ValueError(f"schema: {quoted(schema)} found, '{SCHEMA}' or '{RESULT_SCHEMA}' expected")
    try:
        document = _Document.model_validate(data)
    except ValidationError as error:
        raise ValueError(explain(error)) from None
    return [_read(f"runs[{index}]", found) for index, found in enumerate(document.runs)]


class _RunData(BaseModel):
    """One run of a document; what else stands there is known from its result."""

    model_config = ConfigDict(strict=True)
    id: Annotated[str, Field(pattern=f"^{ID.pattern}$")]
    name: str = ""
    note: str = ""
    tags: list[str] = Field(default_factory=list)
    created: str
    result: dict[str, Any]


class _Document(BaseModel):
    """A document of runs."""

    model_config = ConfigDict(strict=True)
    schema_: Literal["freenas/runs@1"] = Field(alias="schema")
    runs: list[_RunData]


def _read(place: str, found: _RunData) -> Kept:
    try:
        words = {"name": found.name, "note": found.note, "tags": found.tags, "created": _seconds(found.created)}
        return _kept(SearchResult.from_json(json.dumps(found.result)), words, found.id)
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from None


def _kept(result: SearchResult, words: dict[str, Any], run_id: str | None = None) -> Kept:
    return Kept(run_of(result, run_id=run_id, **words), result.rounded().to_json())


def _seconds(text: str) -> float:
    try:
        found = datetime.fromisoformat(text)
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        found = datetime.max
    if not 1970 <= found.year < datetime.max.year:
        raise ValueError(f"created: {quoted(text)} is no date and time since 1970, such as 2026-11-24T12:00:00+00:00")
    return found.timestamp()


def _load(text: str) -> object:
    if not text.lstrip().startswith("{"):
        raise ValueError("a JSON document of runs expected; a table of them (CSV) holds no results")
    try:
        return json.loads(text)
    except (RecursionError, ValueError) as error:
        where = f": line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else ""
        raise ValueError(f"not JSON that can be read{where}") from None


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
