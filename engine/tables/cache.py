"""Tables are parsed once: what was read is kept as npz in the user's cache folder."""

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

VERSION = 1
"""Changed whenever a reader would read the same file differently."""
_MOST_KEPT = 64


def load_table(
    path: Path, *, space: str | SearchSpace | None = None, trusted: bool = False, cache: Path | None = None
) -> AccuracyTable:
    """As `read_table`, but parsed only once for the same content and name; `cache` is the folder of what was parsed.

    Its default is `FREENAS_CACHE`, or else the user's cache folder. A damaged entry is parsed again; a folder that
    cannot be written costs the keeping alone.
    """
    allowed_reader(path, trusted=trusted)
    folder = cache or cache_folder() / "tables"
    kept = folder / f"{_digest(path, space)}.npz"
    if kept.is_file():
        with suppress(ValueError):
            return AccuracyTable.load(kept)
    table = read_table(path, space=space, trusted=trusted)
    with suppress(OSError):
        table.save(kept)
        _forget_oldest(folder)
    return table


def find_tables(folder: Path) -> list[Path]:
    """The tables in a folder, by name: files that a reader reads, and benchmark folders; `ValueError` if it is none."""
    if not folder.is_dir():
        raise ValueError(f"{quoted(str(folder), 200)} is no folder; one with tables in it is expected")
    paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    beside = {sidecar(path) for path in paths}
    return [path for path in paths if path not in beside and _is_table(path)]


def _is_table(path: Path) -> bool:
    try:
        allowed_reader(path, trusted=True)
    except ValueError:
        return False
    return True


def _digest(path: Path, space: str | SearchSpace | None) -> str:
    """A text that changes with whatever the table depends on; large files and folders count by size and time."""
    of = space.reference if isinstance(space, SearchSpace) else space
    digest = hashlib.sha256(f"{VERSION}\n{path.name}\n{of}\n".encode())
    for part in (path, sidecar(path)):
        if part.is_dir() or (part.is_file() and part.stat().st_size > MAX_TABLE_BYTES):
            for each in sorted(part.iterdir()) if part.is_dir() else [part]:
                digest.update(f"{each.name} {each.stat().st_size} {each.stat().st_mtime_ns}\n".encode())
        elif part.is_file():
            with part.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _forget_oldest(folder: Path) -> None:
    entries = sorted(folder.glob("*.npz"), key=lambda entry: entry.stat().st_mtime_ns)
    for entry in entries[:-_MOST_KEPT]:
        entry.unlink(missing_ok=True)
