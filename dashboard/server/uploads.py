"""Uploaded files, kept for a while where a worker can read them, within bounds of a browser, an address and all."""

from __future__ import annotations

import hashlib
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from dashboard.server import limits
from dashboard.server.browser import browser, place
from engine.common.files import write_whole
from engine.common.settings import cache_folder

_KEPT = 3600.0
"""Seconds that an upload is kept at least."""
_LEAST = 100_000
"""The bytes that the smallest file counts as."""


class UploadRefused(OSError):
    """The error of an upload that is too large, or for which there is no room now; its text is one sentence."""


class _Upload(NamedTuple):
    """A file that is kept: when it was brought last, its path, and the bytes that it counts as."""

    moment: float
    path: Path
    size: int


def keep_upload(name: str, data: bytes) -> Path:
    """Keep an uploaded file under a safe name, and return its path; `OSError` where it cannot be kept.

    Those that were brought more than an hour ago make room for it. `UploadRefused` where that is not enough.
    """
    most = limits.largest_upload()
    if len(data) > most:
        raise UploadRefused(f"the file has {len(data) / 1e6:.1f} MB; at most {most / 1e6:.0f} MB are taken")
    everybody = cache_folder() / "uploads"
    address = everybody / _digest(place().encode())
    own = address / _digest(browser().encode())
    path = own / _digest(data) / _safe_name(name)
    if not path.exists() or path.stat().st_size != len(data):
        _make_room(own, len(data), most * limits.UPLOADS_OF_BROWSER, "yours")
        _make_room(address, len(data), most * limits.UPLOADS_OF_ADDRESS, "those of your address")
        _make_room(everybody, len(data), most * limits.UPLOADS_OF_SERVER, "those of everybody")
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
    os.utime(path.parent)
    return path


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:24]


def _safe_name(name: str) -> str:
    """Return the name of a file in letters that no file system minds."""
    safe = "".join(letter if letter.isalnum() or letter in "-_. " else "_" for letter in Path(name).name)
    return safe.lstrip(".")[-80:] or "upload"


def _make_room(folder: Path, size: int, most: int, whose: str) -> None:
    """Forget old uploads in a folder until one of `size` fits below `most` bytes; `UploadRefused` where it does not."""
    uploads = sorted(_uploads(folder))
    taken = sum(upload.size for upload in uploads)
    for upload in uploads:
        if taken + size <= most or time.time() - upload.moment < _KEPT:
            break
        _forget(upload.path)
        taken -= upload.size
    if taken + size > most:
        raise UploadRefused(
            f"the uploads of the last hour, {whose}, have {taken / 1e6:.0f} MB; at most {most / 1e6:.0f} MB are kept"
        )


def _uploads(folder: Path) -> list[_Upload]:
    uploads = []
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):  # another session has just forgotten it
            if path.is_file():
                moment, size = path.parent.stat().st_mtime, path.stat().st_size
                uploads.append(_Upload(moment, path, max(size, _LEAST)))
    return uploads


def _forget(path: Path) -> None:
    """Remove an upload, and the folders that are empty then."""
    path.unlink(missing_ok=True)
    with suppress(OSError):
        for folder in path.parents[:3]:
            folder.rmdir()
