"""A cache of parsed tables: npz files in the user's cache folder."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from engine.common.errors import quoted
from engine.common.settings import cache_folder
from engine.spaces import SearchSpace
from engine.tables.metadata import sidecar
from engine.tables.readers import MAX_TABLE_BYTES, allowed_reader, read_table
from engine.tables.table import AccuracyTable

VERSION = 3
"""The version of the readers, changed whenever one would read the same file differently."""
_MAX_ENTRIES = 64


def load_table(
    path: Path, *, space: str | SearchSpace | None = None, trusted: bool = False, cache: Path | None = None
) -> AccuracyTable:
    """Read a table as `read_table`, but parse it only once for the same content and name.

    `cache` is the folder of parsed tables, by default in `FREENAS_CACHE`, or else in the user's cache folder. The file
    of a damaged entry is parsed again; where the folder cannot be written, the table is returned and not kept.
    """
    allowed_reader(path, trusted=trusted)
    folder = cache or cache_folder() / "tables"
    entry = folder / f"{_digest(path, space)}.npz"
    if entry.is_file():
        with suppress(ValueError):
            return AccuracyTable.load(entry)
    table = read_table(path, space=space, trusted=trusted)
    with suppress(OSError):
        table.save(entry)
        _forget_oldest(folder)
    return table


def find_tables(folder: Path) -> list[Path]:
    """Return the tables in a folder, by name: files that a reader reads, and benchmark folders.

    `ValueError` if there is no such folder.
    """
    if not folder.is_dir():
        raise ValueError(f"{quoted(str(folder), 200)} is no folder; one with tables in it is expected")
    paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    sidecars = {sidecar(path) for path in paths}
    return [path for path in paths if path not in sidecars and _is_table(path)]


def _is_table(path: Path) -> bool:
    try:
        allowed_reader(path, trusted=True)
    except ValueError:
        return False
    return True


def _digest(path: Path, space: str | SearchSpace | None) -> str:
    """Return a text that changes with everything the table depends on; of large files and folders, size and time."""
    reference = space.reference if isinstance(space, SearchSpace) else space
    digest = hashlib.sha256(f"{VERSION}\n{path.name}\n{reference}\n".encode())
    for part in (path, sidecar(path)):
        if part.is_dir() or (part.is_file() and part.stat().st_size > MAX_TABLE_BYTES):
            for entry in sorted(part.iterdir()) if part.is_dir() else [part]:
                digest.update(f"{entry.name} {entry.stat().st_size} {entry.stat().st_mtime_ns}\n".encode())
        elif part.is_file():
            with part.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _forget_oldest(folder: Path) -> None:
    entries = sorted(folder.glob("*.npz"), key=lambda entry: entry.stat().st_mtime_ns)
    for entry in entries[:-_MAX_ENTRIES]:
        entry.unlink(missing_ok=True)
