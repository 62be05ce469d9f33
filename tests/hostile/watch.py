"""Sees what Python does while something hostile is read: programs, unpickling, connections, files that are written."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_NEVER = ("os.system", "os.exec", "os.posix_spawn", "subprocess.Popen", "pickle.find_class", "socket.connect")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_CHANGES = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "shutil.rmtree")
_NAMELESS = tempfile.gettempdir()
"""What is opened for a temporary file without a name."""
_WORKER = ["-m", "engine.worker.process"]
_MACHINE = ["uname", "-p"]
"""What Python itself asks the system once, for `platform`."""
_watching: list[tuple[list[str], tuple[str, ...]]] = []


def _see(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching:
        return
    seen, allowed = _watching[-1]
    written = event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITES
    if event == "subprocess.Popen" and (arguments[1][1:] == _WORKER or arguments[1] == _MACHINE):
        return
    if event in _NEVER:
        seen.append(f"{event} {arguments}")
    elif written or event in _CHANGES:
        path = arguments[1] if event == "os.symlink" else arguments[0]
        there = isinstance(path, int) or os.path.abspath(os.fsdecode(path)).startswith(allowed) or path == _NAMELESS
        if not there and "__pycache__" not in str(path):
            seen.append(f"{event} {path}")


sys.addaudithook(_see)


@contextmanager
def watched(*folders: Path) -> Iterator[list[str]]:
    """What happens meanwhile that may not: anything but reading, and writing in `folders` or to no file at all."""
    temporary = [f"{tempfile.gettempdir()}/{name}" for name in ("torch", "freenas-table-")]
    allowed = (*(str(folder) for folder in folders), os.devnull, *temporary)
    seen: list[str] = []
    _watching.append((seen, allowed))
    try:
        yield seen
    finally:
        _watching.pop()
