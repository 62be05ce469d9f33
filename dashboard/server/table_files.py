"""Files of tables of accuracies on this server: those that its owner offers, and uploads, kept for a while."""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from pathlib import Path

from engine.common.files import write_whole
from engine.common.settings import cache_folder
from engine.tables import READERS, find_tables
from engine.tables.metadata import sidecar
from engine.tables.task import TableTask

_KEPT_UPLOADS = 16


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


def keep_upload(name: str, data: bytes) -> TableTask:
    """Keep an uploaded file where a worker can read it, and return the task that does; `OSError` where it cannot be.

    The oldest uploads of all sessions are forgotten.
    """
    folder = cache_folder() / "uploads" / hashlib.sha256(data).hexdigest()[:24]
    path = folder / _safe_name(name)
    folder.mkdir(parents=True, exist_ok=True)
    os.utime(folder)
    if not path.exists() or path.stat().st_size != len(data):
        write_whole(path, data)
    _forget_oldest(folder.parent)
    return _task(path, trusted=False)


def _safe_name(name: str) -> str:
    """Return the name of a file in letters that no file system minds."""
    safe = "".join(letter if letter.isalnum() or letter in "-_. " else "_" for letter in Path(name).name)
    return safe.lstrip(".")[-80:] or "table"


def _forget_oldest(folder: Path) -> None:
    uploads = sorted(folder.iterdir(), key=lambda upload: upload.stat().st_mtime_ns)
    for old in uploads[:-_KEPT_UPLOADS]:
        for file in old.iterdir():
            file.unlink(missing_ok=True)
        old.rmdir()


def _task(path: Path, *, trusted: bool) -> TableTask:
    """Return the task that reads the file as it is now, with its description beside it."""
    stamp = max(file.stat().st_mtime_ns for file in (path, sidecar(path)) if file.exists())
    return TableTask(path=str(path), stamp=stamp, trusted=trusted)
