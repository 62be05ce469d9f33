"""Uploaded files, kept for a while where a worker can read them, within bounds of a browser, an address and all.

A file is found again by its digest: half of the SHA-256 of its name and content, 128 bits. Whoever has the digest can
read the file here, as whoever has a link with it; nobody finds it who has neither digest nor file.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from dashboard.server import limits
from dashboard.server.browser import browser, place
from engine.common.files import write_whole
from engine.common.settings import cache_folder

_KEPT = 3600.0
"""Seconds that an upload is kept at least after it was brought or used."""
_LEAST = 100_000
"""The bytes that the smallest file counts as."""


class UploadRefused(OSError):
    """The error of an upload that is too large, or for which there is no room now; its text is one sentence."""


class _Upload(NamedTuple):
    """A file that is kept: when it was brought or used last, its path, and the bytes that it counts as."""

    moment: float
    path: Path
    size: int

    @property
    def address(self) -> str:
        """Return the digest of the address that it came from."""
        return self.path.parts[-3]

    @property
    def browser(self) -> str:
        """Return the digest of the browser that it came from."""
        return self.path.parts[-2]


def keep_upload(name: str, data: bytes) -> Path:
    """Keep an uploaded file under a safe name, and return its path; `OSError` where it cannot be kept.

    Those that nobody brought or used for an hour make room for it. `UploadRefused` where that is not enough.
    """
    most = limits.largest_upload()
    if len(data) > most:
        raise UploadRefused(f"the file has {len(data) / 1e6:.1f} MB; at most {most / 1e6:.0f} MB are taken")
    name, address, own = _safe_name(name), _digest(place()), _digest(browser())
    path = _folder() / _digest(name, data) / address / own / name
    if not path.exists() or path.stat().st_size != len(data):
        for whose, held, uploads in (
            ("yours", lambda upload: upload.browser == own, limits.UPLOADS_OF_BROWSER),
            ("those of your address", lambda upload: upload.address == address, limits.UPLOADS_OF_ADDRESS),
            ("those of everybody", lambda upload: True, limits.UPLOADS_OF_SERVER),
        ):
            _make_room([upload for upload in _uploads() if held(upload)], len(data), most * uploads, whose)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
    os.utime(path.parent)
    return path


def find_upload(digest: str) -> Path | None:
    """Return the file with this digest, of this browser where it has one; None where none is kept.

    It is used by that, and so kept longer.
    """
    if not is_digest(digest):
        return None
    own = _digest(browser())
    for path in sorted((_folder() / digest).glob("*/*/[!.]*"), key=lambda path: (path.parts[-2] != own, path)):
        with suppress(FileNotFoundError):  # another session has just forgotten it
            os.utime(path.parent)
            return path
    return None


def own_uploads() -> list[Path]:
    """Return the files that this browser brought, the last one first."""
    own = _digest(browser())
    return [upload.path for upload in reversed(_uploads()) if upload.browser == own]


def upload_digest(path: Path) -> str:
    """Return the digest of a file that is kept."""
    return path.parts[-4]


def is_digest(text: str) -> bool:
    """Return True for a text that has the form of a digest."""
    return re.fullmatch("[0-9a-f]{32}", text) is not None


def _folder() -> Path:
    return cache_folder() / "uploads"


def _digest(name: str, data: bytes = b"") -> str:
    digest = hashlib.sha256(f"{name}\n".encode())
    digest.update(data)
    return digest.hexdigest()[:32]


def _safe_name(name: str) -> str:
    """Return the name of a file in letters that no file system minds."""
    safe = "".join(letter if letter.isalnum() or letter in "-_. " else "_" for letter in Path(name).name)
    return safe.lstrip(".")[-80:] or "upload"


def _make_room(uploads: list[_Upload], size: int, most: int, whose: str) -> None:
    """Forget the first of `uploads`, those longest unused, until one of `size` fits below `most` bytes beside them.

    `UploadRefused` where it does not.
    """
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


def _uploads() -> list[_Upload]:
    """Return all files that are kept, those longest unused first."""
    uploads = []
    for path in _folder().glob("*/*/*/[!.]*"):
        with suppress(FileNotFoundError):  # another session has just forgotten it
            moment, size = path.parent.stat().st_mtime, path.stat().st_size
            uploads.append(_Upload(moment, path, max(size, _LEAST)))
    return sorted(uploads)


def _forget(path: Path) -> None:
    """Remove an upload, and the folders that are empty then."""
    path.unlink(missing_ok=True)
    with suppress(OSError):
        for folder in path.parents[:3]:
            folder.rmdir()
