"""The log of the server: what is the same again and again is written a few times a minute, and counted."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_WRITTEN = 5
"""Records of one place that are written in a minute."""
_MINUTE = 60.0
_PLACES = 1024
"""Places that are remembered."""


@dataclass
class _Count:
    """The records of a place since a second of `time.monotonic`."""

    since: float
    records: int = 0


class RepetitionFilter(logging.Filter):
    """A few records a minute of each place in the code, which is that of the line that writes and of its error.

    So whoever has the server fail on and on does not fill the disk, and another error is written in full beside it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._counts: dict[object, _Count] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return True for a record that is to be written, with the number of those that were not added to it."""
        with self._lock:
            place, now = _place(record), time.monotonic()
            count = self._counts.pop(place, None) or _Count(now)
            if now - count.since > _MINUTE:
                if count.records > _WRITTEN:
                    _add(record, f"{count.records - _WRITTEN:,} more like this were left out before")
                count = _Count(now)
            count.records += 1
            self._counts[place] = count
            if len(self._counts) > _PLACES:
                del self._counts[next(iter(self._counts))]
        if count.records == _WRITTEN:
            _add(record, "more like this are left out for a minute")
        return count.records <= _WRITTEN


def _place(record: logging.LogRecord) -> object:
    """Return the line that writes a record, and those that its error went through."""
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return record.pathname, record.lineno
    lines = frozenset((frame.f_code, line) for frame, line in traceback.walk_tb(error.__traceback__))
    return record.pathname, record.lineno, type(error), lines


def _add(record: logging.LogRecord, remark: str) -> None:
    record.msg, record.args = f"{record.getMessage()} ({remark})", ()


@contextmanager
def bounded_log() -> Iterator[None]:
    """Have all that writes a log write no more than a few records of one place a minute, in a block."""
    repetition = RepetitionFilter()
    loggers = [logger for logger in map(logging.getLogger, logging.root.manager.loggerDict) if logger.handlers]
    writers = [logger for logger in (*loggers, logging.root, logging.lastResort) if logger is not None]
    for writer in writers:
        writer.addFilter(repetition)
    try:
        yield
    finally:
        for writer in writers:
            writer.removeFilter(repetition)
