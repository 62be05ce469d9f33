"""Tables that are compressed: gzip, bzip2, and zip archives with one table in them."""

from __future__ import annotations

import bz2
import gzip
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import BinaryIO, cast

from engine.common.errors import quoted

STREAMS: dict[str, Callable[[Path], BinaryIO]] = {
    ".gz": lambda path: cast(BinaryIO, gzip.open(path, "rb")),  # noqa: SIM115
    ".bz2": lambda path: cast(BinaryIO, bz2.open(path, "rb")),  # noqa: SIM115
}
ARCHIVES = (".zip",)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)
_CHUNK = 1 << 20
_MAX_NAMED = 5


@contextmanager
def unpacked(path: Path, suffixes: Sequence[str], most: int) -> Iterator[Path]:
    """Give the one file with one of the `suffixes` in a compressed file, of at most `most` bytes, while it is needed.

    `ValueError` where it holds none or several, is larger, or is damaged.
    """
    with TemporaryDirectory(prefix="freenas-table-") as folder:
        try:
            if path.suffix.lower() in STREAMS:
                target = Path(folder, path.stem)
                with STREAMS[path.suffix.lower()](path) as stream:
                    _copy(stream, target, most)
            else:
                target = _unzip(path, Path(folder), suffixes, most)
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise ValueError(f"{path.name} cannot be unpacked: {quoted(str(error), 120)}") from None
        yield target


def _unzip(path: Path, folder: Path, suffixes: Sequence[str], most: int) -> Path:
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if _is_wanted(member, suffixes)]
        if len(members) != 1:
            names = ", ".join(quoted(member.filename) for member in members[:_MAX_NAMED])
            raise ValueError(
                f"{path.name} holds {len(members):,} tables{f' ({names})' if names else ''}; one is expected, its name "
                f"ending in {' or '.join(suffixes)}"
            )
        if members[0].compress_type not in _METHODS:
            raise ValueError(f"{path.name} is packed in a way that is not read; deflate, the usual one, is")
        target = folder / PurePosixPath(members[0].filename).name
        with archive.open(members[0]) as stream:
            _copy(cast(BinaryIO, stream), target, most)
    return target


def _is_wanted(member: zipfile.ZipInfo, suffixes: Sequence[str]) -> bool:
    """Return True for a table, and not for what macOS adds to archives."""
    place = PurePosixPath(member.filename)
    hidden = any(part.startswith((".", "__MACOSX")) for part in place.parts)
    return not member.is_dir() and not hidden and place.name.lower().endswith(tuple(suffixes))


def _copy(stream: BinaryIO, target: Path, most: int) -> None:
    size = 0
    with target.open("wb") as file:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > most:
                raise ValueError(f"{target.name} unpacks to more than {most / 1e6:,.0f} MB; so many are read")
            file.write(chunk)
