"""The registry of readers of tables, by the names of the files they read."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from engine.common.errors import quoted
from engine.spaces import SearchSpace, get_space
from engine.tables import csv, json, nas_bench_201, nats_bench, packed, parquet
from engine.tables.assembly import RawTable, assemble
from engine.tables.metadata import apply_sidecar
from engine.tables.table import AccuracyTable

MAX_TABLE_BYTES = 200_000_000
"""The largest file that is read, and the most that a packed one unpacks to; benchmarks of the user's own aside."""


@dataclass(frozen=True)
class Reader:
    """A reader of one kind of table.

    `accepts(path)` is True for the name of such a file; `read(path, space)` raises `ValueError` for a wrong one.
    `risk` says of a benchmark in its authors' own format, of any size, why it is read from a trusted place only.
    """

    name: str
    title: str
    accepts: Callable[[Path], bool]
    read: Callable[[Path, SearchSpace | None], RawTable]
    risk: str = ""


def _ends_with(*suffixes: str) -> Callable[[Path], bool]:
    return lambda path: path.is_file() and path.name.lower().endswith(suffixes)


def _is_nats_bench(path: Path) -> bool:
    if path.is_dir():
        return path.name.startswith("NATS-") or (path / "meta.pickle.pbz2").is_file()
    return path.name.lower().endswith(nats_bench.SUFFIX)


_PLAIN: dict[str, Callable[[Path, SearchSpace | None], RawTable]] = {
    suffix: reader.read for reader in (csv, json, parquet) for suffix in reader.SUFFIXES
}
"""The functions that read files of rows, by their suffixes."""
_PACKED = (*packed.ARCHIVES, *(plain + suffix for plain in _PLAIN for suffix in packed.STREAMS))


def _read_packed(path: Path, space: SearchSpace | None) -> RawTable:
    with packed.unpacked(path, tuple(_PLAIN), MAX_TABLE_BYTES) as inner:
        return _PLAIN[inner.suffix.lower()](inner, space)


READERS: dict[str, Reader] = {
    reader.name: reader
    for reader in (
        Reader("csv", "CSV (.csv, .tsv)", _ends_with(*csv.SUFFIXES), csv.read),
        Reader(
            "json",
            "JSON (.json, .jsonl; NAS-Bench-Macro, NAS-Bench-Suite-Zero)",
            _ends_with(*json.SUFFIXES),
            json.read,
        ),
        Reader("parquet", "Parquet (.parquet)", _ends_with(*parquet.SUFFIXES), parquet.read),
        Reader("packed", "one of these as .gz, .bz2 or .zip", _ends_with(*_PACKED), _read_packed),
        Reader(
            "nats-bench",
            "NATS-Bench (a folder, .pickle.pbz2)",
            _is_nats_bench,
            nats_bench.read,
            risk="is a pickle, which may run code when it is read",
        ),
        Reader(
            "nas-bench-201",
            "NAS-Bench-201 (.pth)",
            _ends_with(*nas_bench_201.SUFFIXES),
            nas_bench_201.read,
            risk="is an archive of tensors, which may unpack to any size",
        ),
    )
}


def allowed_reader(path: Path, *, trusted: bool = False) -> Reader:
    """Return the reader of the file or folder at `path`; `ValueError` if there is none, or it may not be read."""
    if not path.exists() or not os.access(path, os.R_OK):
        raise ValueError(f"there is no file {quoted(str(path), 200)} that can be read")
    reader = next((reader for reader in READERS.values() if reader.accepts(path)), None)
    if reader is None:
        titles = ", ".join(reader.title for reader in READERS.values() if trusted or not reader.risk)
        raise ValueError(f"{quoted(path.name or str(path))} is no table that can be read; readable are {titles}")
    if reader.risk and not trusted:
        raise ValueError(
            f"{path.name} {reader.risk}; it is read from a folder of your own or the command line, never from an upload"
        )
    if path.is_file() and not reader.risk and path.stat().st_size > MAX_TABLE_BYTES:
        raise ValueError(
            f"{path.name} has {path.stat().st_size / 1e6:.0f} MB; at most {MAX_TABLE_BYTES / 1e6:.0f} MB are read"
        )
    return reader


def read_table(path: Path, *, space: str | SearchSpace | None = None, trusted: bool = False) -> AccuracyTable:
    """Read the table in a file or folder, its columns completed from a sidecar (`FILE.json`).

    Its architectures must be of `space`, or of that of the first where it is None. A `trusted` file is the user's own,
    and may be a benchmark in its authors' format. `ValueError` names in one sentence the first error, with its row and
    column.
    """
    reader = allowed_reader(path, trusted=trusted)
    raw = reader.read(path, space if space is None else get_space(space))
    return assemble(path.name, replace(raw, columns=apply_sidecar(path, raw.columns)))
