"""JSON texts that people bring, read within bounds."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from engine.common.errors import quoted

MAX_TEXT = 4_000_000
"""Longest text, in characters, that is read (a search result with all its passes fits in it)."""


class RepeatedName(ValueError):
    """The error of a JSON object that has two values under one name."""


def without_repeated_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs of a JSON object as a dictionary; `RepeatedName` where a name stands twice."""
    content = dict(pairs)
    if len(content) < len(pairs):
        repeated = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise RepeatedName(f"the name {quoted(repeated)} stands twice in one JSON object")
    return content


def load_json(text: str, most: int | None = MAX_TEXT) -> object:
    """Read a JSON text of at most so many characters, any number for None; `ValueError` says why it cannot be read."""
    if most is not None and len(text) > most:
        raise ValueError(f"the JSON text has {len(text):,} characters; at most {most:,} are read")
    try:
        return json.loads(text, object_pairs_hook=without_repeated_names)
    except RepeatedName:
        raise
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: line {error.lineno}, column {error.colno}: {error.msg}") from None
    except (RecursionError, ValueError):
        raise ValueError("not JSON that can be read: nested too deeply, or a number too long") from None
