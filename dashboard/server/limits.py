"""Limits of a server that others can reach, set by environment variables and enforced where work is submitted.

`FREENAS_READ_ONLY=1`: look, but compute and change nothing. `FREENAS_NO_DELETE=1`: no page deletes a run.
`FREENAS_MAX_SUPERNET`: the largest supernet, its channels² times its cells, or its layers where it is one network.
`FREENAS_MAX_SECONDS`: the longest that one piece of work may take. `FREENAS_MAX_MEMORY`: the most memory of a worker, a
size or a share of the machine's. The size of uploads is Streamlit's own `server.maxUploadSize`, which no control of the
dashboard goes beyond.
"""

from __future__ import annotations

import os
import re

import streamlit as st

from engine import SearchConfig
from engine.common.errors import quoted
from engine.common.memory import memory_size
from engine.common.processes import current_processes
from engine.common.tasks import Task
from engine.common.threads import current_threads
from engine.searches.search import SearchTask, reducible_sizes
from engine.spaces import SearchSpace
from engine.studies.atlas import AtlasTask
from engine.studies.durations import DurationsTask
from engine.studies.evidence import EvidenceTask
from engine.studies.seeds import SeedsTask
from engine.tables.task import TableTask

READ_ONLY = "This server is read-only (FREENAS_READ_ONLY): it shows results, and computes and changes nothing."
UPLOADS_OF_BROWSER, UPLOADS_OF_ADDRESS, UPLOADS_OF_SERVER = 4, 10, 20
"""The most uploads of the largest size that are held, and kept, of one browser, of one address, and of everybody."""
_LARGEST_NUMBER = 10**9
_LONGEST = 6 * 3600.0
"""Seconds that a piece of work may take where nobody says otherwise; measures of a whole table take hours."""
_MOST_MEMORY = "50 %"


def read_only() -> bool:
    """Return True where this server only shows what is there; `ValueError` for a variable other than 0 or 1."""
    return _switch("FREENAS_READ_ONLY")


def no_delete() -> bool:
    """Return True where no page deletes a run; `ValueError` for a variable other than 0 or 1."""
    return _switch("FREENAS_NO_DELETE")


def largest_supernet() -> int | None:
    """Return the most that `supernet_size` may be, None without a limit; `ValueError` for what is no whole number."""
    limit = _number("FREENAS_MAX_SUPERNET", r"[0-9]{1,10}", "a whole number")
    return None if limit is None else int(limit)


def longest_search() -> float:
    """Return the seconds after which work is ended; `ValueError` for what is no number."""
    return _number("FREENAS_MAX_SECONDS", r"[0-9]{1,10}(\.[0-9]{1,3})?", "a number of seconds") or _LONGEST


def most_memory() -> int:
    """Return the bytes of memory beyond which a worker is ended; `ValueError` for what is no size and no share."""
    try:
        return memory_size(os.environ.get("FREENAS_MAX_MEMORY", "").strip() or _MOST_MEMORY)
    except ValueError as error:
        raise ValueError(f"FREENAS_MAX_MEMORY: {error}") from None


def supernet_size(config: SearchConfig) -> int:
    """Return a rough cost of a pass over a supernet: the square of its channels times its cells, or layers."""
    return config.channels**2 * len(config.search_space.plan(config.size).cells)


def _size_unit(space: SearchSpace) -> str:
    """Return the unit of `supernet_size` in the words of a space."""
    layered = space.plan(space.search_size).cells[0].layer is not None
    return f"channels² × {space.edge_noun if layered else 'cell'}s"


def refusal(task: Task) -> str:
    """Return the sentence with which this server refuses `task`; nothing where it does it."""
    if read_only():
        return READ_ONLY
    config, most = _supernet(task), largest_supernet()
    if config is not None and most is not None and supernet_size(config) > most:
        space = config.search_space
        return (
            f"The supernet has {supernet_size(config):,} {_size_unit(space)}; this server takes at most {most:,} "
            f"(FREENAS_MAX_SUPERNET): choose fewer {reducible_sizes(space)}."
        )
    return ""


def _supernet(task: Task) -> SearchConfig | None:
    """Return the supernet that a task asks for, by its question or a space of the user's own; None if it has none."""
    match task:
        case SearchTask() | SeedsTask():
            return task.config
        case (
            AtlasTask(space=space)
            | EvidenceTask(table=TableTask(space=space))
            | DurationsTask(table=TableTask(space=space))
        ) if isinstance(space, SearchSpace):
            return SearchConfig.model_validate({"space": space})
        case _:
            return None


def setup_complaint() -> str:
    """Return one sentence on the first variable that cannot be read; nothing where all can."""
    try:
        checks = (
            read_only,
            no_delete,
            largest_supernet,
            longest_search,
            most_memory,
            current_threads,
            current_processes,
        )
        for read in checks:
            read()
    except ValueError as error:
        return f"This server is not set up: {error}."
    return ""


def upload_megabytes(most: int) -> int:
    """Return the megabytes that an upload may have whose own control takes `most`."""
    return max(1, min(most, int(st.get_option("server.maxUploadSize"))))


def largest_upload() -> int:
    """Return the bytes that an upload may have."""
    return int(st.get_option("server.maxUploadSize")) * 2**20


def _switch(name: str) -> bool:
    text = os.environ.get(name, "").strip() or "0"
    if text not in ("0", "1"):
        raise ValueError(f"{name}: {quoted(text)} is neither 0 nor 1")
    return text == "1"


def _number(name: str, pattern: str, meaning: str) -> float | None:
    text = os.environ.get(name, "").strip()
    if not text:
        return None
    if not re.fullmatch(pattern, text) or not 0 < float(text) <= _LARGEST_NUMBER:
        raise ValueError(f"{name}: {quoted(text)} is not {meaning} above 0 and up to {_LARGEST_NUMBER:,}")
    return float(text)
