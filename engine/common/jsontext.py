"""JSON texts that people bring, read within bounds."""

from __future__ import annotations

import json

MAX_TEXT = 4_000_000
"""Longest text, in characters, that is read (a search result with all its passes fits in it)."""


def load_json(text: str) -> object:
    """Read a JSON text of at most `MAX_TEXT` characters; `ValueError` says why it cannot be read, and where."""
    if len(text) > MAX_TEXT:
        raise ValueError(f"the JSON text has {len(text):,} characters; at most {MAX_TEXT:,} are read")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: line {error.lineno}, column {error.colno}: {error.msg}") from None
    except (RecursionError, ValueError):
        raise ValueError("not JSON that can be read: nested too deeply, or a number too long") from None
