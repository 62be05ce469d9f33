"""Files that are written whole or not at all."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from uuid import uuid4


def write_whole(path: Path, data: bytes) -> None:
    """Write `data` to a file so that no reader ever finds a part of it; `OSError` if it cannot be written."""
    draft = path.with_name(f".{uuid4().hex}.tmp")
    try:
        draft.write_bytes(data)
        draft.replace(path)
    finally:
        with suppress(OSError):
            draft.unlink()
