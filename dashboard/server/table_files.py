"""Files of tables of accuracies on this server: those that its owner offers, and uploads."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from dashboard.server.uploads import keep_upload
from engine.tables import READERS, find_tables
from engine.tables.metadata import sidecar
from engine.tables.task import TableTask


def offered_tables() -> dict[str, TableTask]:
    """Return the tables of the server, by name: those of the command line first, then those of its folder."""
    places = [Path(text) for text in (*table_arguments(), os.environ.get("FREENAS_TABLES")) if text]
    paths = [path for place in places if place.exists() for path in _tables_at(place)]
    return {path.name: _task(path, trusted=True) for path in paths}


def _tables_at(place: Path) -> list[Path]:
    """Return the table that `place` is, or those in it."""
    is_table = not place.is_dir() or any(reader.accepts(place) for reader in READERS.values())
    return [place] if is_table else find_tables(place)


def table_arguments() -> tuple[str, ...]:
    """Return the files after `--table` on the command line of the server."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--table", action="append", nargs="?", default=[])
    return tuple(text for text in parser.parse_known_args(sys.argv[1:])[0].table if text)


def uploaded_table(name: str, data: bytes) -> TableTask:
    """Keep an uploaded table, and return the task that reads it; `OSError` where it cannot be kept."""
    return _task(keep_upload(name, data), trusted=False)


def _task(path: Path, *, trusted: bool) -> TableTask:
    """Return the task that reads the file as it is now, with its description beside it."""
    stamp = max(file.stat().st_mtime_ns for file in (path, sidecar(path)) if file.exists())
    return TableTask(path=str(path), stamp=stamp, trusted=trusted)
