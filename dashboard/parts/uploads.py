"""Files from users: bounded, text only."""

from __future__ import annotations

from typing import Protocol

from engine.common.text import decoded

MAX_UPLOAD_BYTES = 4_000_000


class Upload(Protocol):
    """The part of an uploaded file that is used."""

    size: int

    def getvalue(self) -> bytes:
        """Return the bytes of the file."""


def read_upload(upload: Upload) -> str:
    """Return the text of an uploaded file; `ValueError` if it is too large or no text in UTF-8 or UTF-16."""
    if upload.size > MAX_UPLOAD_BYTES:
        raise ValueError(f"the file has {upload.size / 1e6:.1f} MB; at most {MAX_UPLOAD_BYTES / 1e6:.0f} MB are read")
    return decoded(upload.getvalue(), "the file")
