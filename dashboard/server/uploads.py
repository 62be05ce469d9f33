"""Uploaded files, kept for a while where a worker can read them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from engine.common.files import write_whole
from engine.common.settings import cache_folder

_KEPT_UPLOADS = 16


def keep_upload(name: str, data: bytes) -> Path:
    """Keep an uploaded file under a safe name, and return its path; `OSError` where it cannot be kept.

    The oldest uploads of all sessions are forgotten.
    """
    folder = cache_folder() / "uploads" / hashlib.sha256(data).hexdigest()[:24]
    path = folder / _safe_name(name)
    folder.mkdir(parents=True, exist_ok=True)
    os.utime(folder)
    if not path.exists() or path.stat().st_size != len(data):
        write_whole(path, data)
    _forget_oldest(folder.parent)
    return path


def _safe_name(name: str) -> str:
    """Return the name of a file in letters that no file system minds."""
    safe = "".join(letter if letter.isalnum() or letter in "-_. " else "_" for letter in Path(name).name)
    return safe.lstrip(".")[-80:] or "upload"


def _forget_oldest(folder: Path) -> None:
    uploads = sorted(folder.iterdir(), key=lambda upload: upload.stat().st_mtime_ns)
    for old in uploads[:-_KEPT_UPLOADS]:
        for file in old.iterdir():
            file.unlink(missing_ok=True)
        old.rmdir()
