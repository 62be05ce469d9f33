"""Runs as files: one JSON document that can be read again, or CSV for tables."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from engine.common.csv_text import csv_text
from engine.common.errors import explain, quoted
from engine.common.work import Work
from engine.genotypes.genotype import RESULT_SCHEMA
from engine.runs.run import Run, StoredRun
from engine.runs.run_document import SCHEMA, RunDocument, RunsDocument
from engine.runs.store import RunStore
from engine.searches.result import SearchResult

_COLUMNS = ("id", "name", "note", "tags", "space", "proxy", "recipe", "seed", "device", "created", "seconds")
_COSTS = ("params", "macs", "notation")


def export_json(store: RunStore, run_ids: Iterable[str]) -> str:
    """Write runs with their whole results as one JSON document, a run a line, each result as it was kept.

    `ValueError` for an id that is not there.
    """
    lines = []
    for run_id in run_ids:
        head = json.dumps(store.get(run_id).to_dict(), separators=(",", ":"))
        lines.append(f'{head[:-1]},"result":{store.document(run_id).strip()}}}')
    return f'{{"schema":"{SCHEMA}","runs":[\n' + ",\n".join(lines) + "\n]}\n"


def export_csv(runs: Iterable[Run]) -> str:
    """Write runs as a table, without their scores; a word that a spreadsheet would compute gets an apostrophe."""
    header = (*_COLUMNS, *_COSTS)
    rows = (run.to_dict() | {"tags": ", ".join(run.tags)} for run in runs)
    return csv_text([header, *([row[name] for name in header] for row in rows)])


def import_runs(store: RunStore, text: str, work: Work | None = None, owner: str = "") -> tuple[int, int]:
    """Keep what `export_json` wrote, or a single search result; return the numbers of new runs and of all in the text.

    All are kept or none, as `work`, a step a run, as runs of an `owner`. A run that is there already stays as it is.
    `ValueError` says what is wrong and where.
    """
    runs = [StoredRun(replace(run, owner=owner), document) for run, document in read_runs(text, work)]
    return len(store.keep(runs)), len(runs)


def read_runs(text: str, work: Work | None = None) -> list[StoredRun]:
    """Read the runs in a text, each checked, as `work`, a step a run; `ValueError` says what is wrong and where."""
    data = _load(text)
    schema = data.get("schema") if isinstance(data, dict) else None
    if schema == RESULT_SCHEMA:
        return [StoredRun.of(SearchResult.from_json(text), created=time.time(), imported=True)]
    if schema != SCHEMA:
        raise ValueError(f"schema: {quoted(schema)} found, '{SCHEMA}' or '{RESULT_SCHEMA}' expected")
    try:
        document = RunsDocument.from_data(data)
    except ValidationError as error:
        raise ValueError(explain(error)) from None
    work = work or Work()
    work.begin(len(document.runs))
    runs = []
    for index, run in enumerate(document.runs):
        work.check()
        runs.append(_read(f"runs[{index}]", run))
        work.step()
    return runs


def _read(place: str, run: RunDocument) -> StoredRun:
    try:
        words: dict[str, Any] = {"name": run.name, "note": run.note, "tags": run.tags}
        created, result = _seconds(run.created), SearchResult.from_json(json.dumps(run.result))
        return StoredRun.of(result, created=created, run_id=run.id, imported=True, **words)
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from None


def _seconds(text: str) -> float:
    """Return a time in seconds since 1970 (UTC), which it is in where it names no zone."""
    try:
        moment = datetime.fromisoformat(text)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        moment = datetime.max
    if not 1970 <= moment.year < datetime.max.year:
        raise ValueError(f"created: {quoted(text)} is no date and time since 1970, such as 2026-11-24T12:00:00+00:00")
    return moment.timestamp()


def _load(text: str) -> object:
    if not text.lstrip().startswith("{"):
        raise ValueError("a JSON document of runs expected; a table of them (CSV) holds no results")
    try:
        return json.loads(text)
    except (RecursionError, ValueError) as error:
        where = f": line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else ""
        raise ValueError(f"not JSON that can be read{where}") from None
