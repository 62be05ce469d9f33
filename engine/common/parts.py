"""Long answers in parts: a folder in which each part is written whole, so that work goes on where it was stopped."""

from __future__ import annotations

import fcntl
import io
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from engine.common.errors import quoted
from engine.common.files import write_whole
from engine.common.jsontext import load_json

_QUESTION, _LOCK = "question.json", "lock"
_ABSENT = object()


class PartFolder:
    """A folder of arrays of numbers, in order, and the question that they are the answer to.

    It is entered as a context, which makes it and holds it for this process alone. The `question` is plain data; parts
    of another one raise `ValueError` in a sentence, unless `fresh` throws them away. `OSError` where it cannot be
    written, or another process holds it.
    """

    def __init__(self, path: Path, question: Mapping[str, Any], *, fresh: bool = False) -> None:
        self.path, self.question, self.fresh = path, dict(question), fresh
        self._lock: IO[bytes] | None = None

    def __enter__(self) -> Self:
        if self.path.exists() and not self.path.is_dir():
            raise OSError(f"{quoted(str(self.path), 400)} is there and no folder; the parts would stand in it")
        self.path.mkdir(exist_ok=True)
        self._lock = (self.path / _LOCK).open("ab")
        try:
            self._hold()
            if self.fresh:
                self._empty()
            self._check()
        except BaseException:
            self._lock.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._lock is not None
        self._lock.close()

    def read(self) -> list[NDArray[np.float64]]:
        """Return the parts, in order; `ValueError` for one that is damaged."""
        parts: list[NDArray[np.float64]] = []
        while (path := self._part(len(parts))).is_file():
            try:
                part = npy.read_array(io.BytesIO(path.read_bytes()), allow_pickle=False)
            except (ValueError, OverflowError, MemoryError):  # whose header may name any size
                raise _damaged(path) from None
            if part.dtype != np.float64:
                raise _damaged(path)
            parts.append(part)
        return parts

    def write(self, index: int, part: NDArray[np.float64]) -> None:
        """Write the part with an index, from 0."""
        file = io.BytesIO()
        np.save(file, part, allow_pickle=False)
        write_whole(self._part(index), file.getvalue())

    def remove(self) -> None:
        """Remove the parts, and the folder where nothing else is in it."""
        self._empty()
        (self.path / _LOCK).unlink()
        with suppress(OSError):
            self.path.rmdir()

    def _hold(self) -> None:
        assert self._lock is not None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OSError(f"{quoted(str(self.path), 400)} is in use: another process writes these parts") from None

    def _check(self) -> None:
        """Raise `ValueError` where parts of another question are there; write the question where none is."""
        path, folder = self.path / _QUESTION, quoted(str(self.path), 400)
        if not path.is_file():
            if self._part(0).is_file():
                raise ValueError(f"{folder} has parts without their question; begin anew (--fresh)")
            write_whole(path, json.dumps(self.question, indent=2).encode())
            return
        try:
            content = load_json(path.read_text("utf-8"), None)
        except ValueError:
            raise _damaged(path) from None
        if not isinstance(content, dict):
            raise _damaged(path)
        for name in (*self.question, *content):
            stored, asked_for = content.get(name, _ABSENT), self.question.get(name, _ABSENT)
            if stored != asked_for:
                difference = f"with {name} {_value_text(stored)} in place of {_value_text(asked_for)}"
                raise ValueError(
                    f"{folder} has parts of another question, {difference}; that one goes on where it stopped, "
                    "or begin anew (--fresh)"
                )

    def _part(self, index: int) -> Path:
        return self.path / f"{index:06}.npy"

    def _empty(self) -> None:
        for path in (*self.path.glob("[0-9]*.npy"), *self.path.glob(".*.tmp"), self.path / _QUESTION):
            path.unlink(missing_ok=True)


def _value_text(value: object) -> str:
    return "missing" if value is _ABSENT else quoted(value)


def _damaged(path: Path) -> ValueError:
    return ValueError(f"{quoted(str(path), 400)} is damaged; begin anew (--fresh)")
