"""The errors of the engine, and how a wrong value is named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Any

from pydantic import ValidationError

_MOST_NAMED = 200
"""Characters of the allowed names that a message holds: all spaces, proxies, measures and export formats."""
_SAYS_ALL = ("missing", "extra_forbidden", "json_invalid")
"""What pydantic finds where the value that was given says nothing more."""


class SearchStopped(Exception):
    """The search was stopped by its caller before it had a result."""


class NonFiniteScores(ArithmeticError):
    """A proxy gave a score that is not a number; such scores never become a genotype."""


class DeviceMemoryExhausted(RuntimeError):
    """The device has too little memory for this supernet."""


def quoted(value: object, limit: int = 60, *, spelled: bool = False) -> str:
    """`value` as it may stand in a message: quoted, control characters escaped, cut after `limit` characters.

    `spelled` escapes every letter beyond ASCII, for a value that may only look like another.
    """
    try:
        text = repr(value) if isinstance(value, str) and not spelled else ascii(value)
    except (ValueError, RecursionError):  # a whole number with more digits than Python writes, or a list in a list in …
        text = "a value too long to show"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def unknown_name(what: str, value: object, allowed: Iterable[str]) -> ValueError:
    """The error for a name that is not in a registry."""
    names = list(allowed)
    given = quoted(value, spelled="".join(names).isascii())
    return ValueError(f"unknown {what} {given}; allowed: {_listed(names)}")


def broken_rule(found: Mapping[str, Any]) -> str:
    """What pydantic found, an item of `ValidationError.errors()`, in words without its types, and what was given."""
    message = re.sub(r" or instance of \w+| after validation", "", found["msg"].removeprefix("Value error, "))
    if found["type"] == "value_error":
        return message
    given = "" if found["type"] in _SAYS_ALL else f", {quoted(found['input'])} given"
    return f"{message[:1].lower()}{message[1:]}{given}"


def _listed(names: list[str]) -> str:
    """The names with commas between them, as many as a sentence holds."""
    ends = accumulate(len(name) + 2 for name in names)
    kept = [name for name, end in zip(names, ends, strict=True) if end <= _MOST_NAMED]
    return ", ".join(kept if len(kept) == len(names) else [*kept, f"… ({len(names):,} in all)"])


def explain(error: ValueError) -> str:
    """One sentence for a `ValueError`: for a pydantic error, the first field that is wrong, its value and why."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False)[0]
    place = ".".join(quoted(str(part))[1:-1] for part in first["loc"])
    if not place or first["type"] == "value_error":
        message = broken_rule(first)
        return message[:1].lower() + message[1:]
    return f"{place}: {broken_rule(first)}"
