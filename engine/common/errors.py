"""The errors of the engine, and the sentences that name a wrong value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from itertools import accumulate
from typing import Any

from pydantic import ValidationError

_MOST_NAMED = 200
"""Characters of the allowed names that a message holds: all spaces, proxies, measures and export formats."""
_MOST_SUGGESTED = 60
"""Characters of a name that is compared with the allowed ones."""
_SAYS_ALL = ("missing", "extra_forbidden", "json_invalid")
"""The types of pydantic's errors to which the value that was given adds nothing."""


class SearchStopped(Exception):
    """The error of a search that its caller stopped before it had a result."""


class NonFiniteScores(ArithmeticError):
    """The error of a proxy whose scores are not numbers; such scores never become a genotype."""


class DeviceMemoryExhausted(RuntimeError):
    """The error of a supernet for which the device has too little memory."""


class ProcessDied(RuntimeError):
    """The error of work one of whose processes ended before it had an answer."""


def quoted(value: object, limit: int = 60, *, spelled: bool = False) -> str:
    """Return `value` for a message: quoted, control characters escaped, cut after `limit` characters.

    `spelled` escapes every letter beyond ASCII, for a value that may only look like another.
    """
    try:
        text = repr(value) if isinstance(value, str) and not spelled else ascii(value)
    except (ValueError, RecursionError):  # a whole number with more digits than Python writes, or a list in a list in …
        text = "a value too long to show"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def unknown_name(what: str, value: object, allowed: Iterable[str]) -> ValueError:
    """Return the error for a name, of a kind that `what` names, which is not among the `allowed` ones."""
    names = list(allowed)
    name = quoted(value, spelled="".join(names).isascii())
    meant = suggestion(value, names)
    return ValueError(f"unknown {what} {name}; allowed: {listed(names, _MOST_NAMED - len(meant))}{meant}")


def suggestion(value: object, names: Iterable[str]) -> str:
    """Return ` (did you mean 'NAME'?)` for the name that is spelled most like `value`, nothing where none is."""
    if not isinstance(value, str) or len(value) > _MOST_SUGGESTED:
        return ""
    similar = get_close_matches(value.lower(), names, n=1)
    return f" (did you mean '{similar[0]}'?)" if similar and similar[0] != value else ""


def broken_rule(error: Mapping[str, Any]) -> str:
    """Return an item of pydantic's `ValidationError.errors()` in words without its types, and the value given."""
    message = re.sub(r" or instance of \w+| after validation", "", error["msg"].removeprefix("Value error, "))
    if error["type"] == "value_error":
        return message
    value = "" if error["type"] in _SAYS_ALL else f", {quoted(error['input'])} given"
    return f"{message[:1].lower()}{message[1:]}{value}"


def listed(names: list[str], most: int = _MOST_NAMED) -> str:
    """Join the names with commas, as many as `most` characters hold."""
    ends = accumulate(len(name) + 2 for name in names)
    kept = [name for name, end in zip(names, ends, strict=True) if end <= most]
    return ", ".join(kept if len(kept) == len(names) else [*kept, f"… ({len(names):,} in all)"])


def place_text(path: Iterable[int | str], above: str = "") -> str:
    """Return the place of a value in plain data in words, such as `runs[0].id`, below the place `above`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{quoted(part)[1:-1]}" for part in path)
    return f"{above}{''.join(parts)}".removeprefix(".")


def explain(error: ValueError) -> str:
    """Return one sentence for a `ValueError`: of a pydantic error the first field that is wrong, its value and why."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False)[0]
    place = place_text(first["loc"])
    if not place or first["type"] == "value_error":
        message = broken_rule(first)
        return message[:1].lower() + message[1:]
    return f"{place}: {broken_rule(first)}"
