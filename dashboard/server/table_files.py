"""Files of tables of accuracies on this server: those that its owner offers, by name, and uploads, by digest."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from dashboard.server.uploads import find_upload, is_digest, keep_upload, own_uploads, upload_digest
from engine.tables import READERS, find_tables
from engine.tables.metadata import sidecar
from engine.tables.task import TableTask


def offered_tables() -> dict[str, TableTask]:
    """Return the tables of the server, by name: those of the command line first, then those of its folder."""
    places = [Path(text) for text in (*table_arguments(), os.environ.get("FREENAS_TABLES")) if text]
    paths = [path for place in places if place.exists() for path in _tables_at(place)]
    return {path.name: _task(path) for path in paths}


def _tables_at(place: Path) -> list[Path]:
    """Return the table that `place` is, or those in it."""
    is_table = not place.is_dir() or any(reader.accepts(place) for reader in READERS.values())
    return [place] if is_table else find_tables(place)


def table_arguments() -> tuple[str, ...]:
    """Return the files after `--table` on the command line of the server."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--table", action="append", nargs="?", default=[])
    return tuple(text for text in parser.parse_known_args(sys.argv[1:])[0].table if text)


def default_table() -> str:
    """Return the name of the table that is chosen where nobody says otherwise: the first of the command line."""
    places = [Path(text) for text in table_arguments()]
    return next((path.name for place in places if place.exists() for path in _tables_at(place)), "")


def keep_table(name: str, data: bytes) -> str:
    """Keep an uploaded table, and return its digest; `OSError` where it cannot be kept."""
    return upload_digest(keep_upload(name, data))


def table_task(reference: str) -> TableTask | None:
    """Return the task that reads the table of this name or digest, None where there is none."""
    if not is_digest(reference):
        return offered_tables().get(reference)
    path = find_upload(reference)
    return None if path is None else _upload_task(path)


def kept_tables() -> dict[str, TableTask]:
    """Return the tasks that read what this browser uploaded, by digest, the last one first."""
    return {upload_digest(path): _upload_task(path) for path in own_uploads()}


def _upload_task(path: Path) -> TableTask:
    return TableTask(path=str(path), stamp=0)


def _task(path: Path) -> TableTask:
    """Return the task that reads the file as it is now, with its description beside it."""
    stamp = max(file.stat().st_mtime_ns for file in (path, sidecar(path)) if file.exists())
    return TableTask(path=str(path), stamp=stamp, trusted=True)
