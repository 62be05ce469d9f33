"""The words that people give a run: a name, a note and tags, cleaned and bounded; and the words they look for."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from engine.common.errors import quoted

MAX_NAME, MAX_NOTE, MAX_TAG, MAX_TAGS = 80, 2_000, 32, 16
"""The longest name, note and tag in characters, and the largest number of tags of a run."""
_MAX_LOOKED_FOR = 200
_UNSEEN = {"Cf", "Zs"}
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters that show nothing."""
_DIRECTIONS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
"""Bidirectional classes of the signs that make text read in another order than it is written in."""


def checked_name(text: str) -> str:
    """Return a name as it is kept: one line; `ValueError` if it is too long."""
    return _within(one_line(text), "a name", MAX_NAME)


def checked_note(text: str) -> str:
    """Return a note as it is kept; `ValueError` if it is too long."""
    lines = (_clean(line).rstrip() for line in text.splitlines())
    return _within("\n".join(lines).strip(), "a note", MAX_NOTE)


def checked_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Return tags as they are kept, each once and in order; `ValueError` if they are too many or one is too long."""
    distinct = {_within(one_line(tag), "a tag", MAX_TAG) for tag in tags} - {""}
    if len(distinct) > MAX_TAGS:
        raise ValueError(f"{len(distinct)} tags given; a run has at most {MAX_TAGS}")
    return tuple(sorted(distinct))


def search_words(text: str) -> list[str]:
    """Return the words of a text that is looked for, without case; the first of them where there are many."""
    return one_line(text[:_MAX_LOOKED_FOR]).casefold().split()


def one_line(text: str) -> str:
    """Return `text` in one line, or nothing of it where nothing is to be seen."""
    line = " ".join(_clean(text).split())
    return line if any(unicodedata.category(c) not in _UNSEEN and c not in _BLANK for c in line) else ""


def _within(text: str, kind: str, limit: int) -> str:
    if len(text) > limit:
        raise ValueError(f"{kind} has at most {limit:,} characters; {len(text):,} given: {quoted(text)}")
    return text


def _clean(text: str) -> str:
    """Return `text` without signs that cannot be seen and change how others are read or stored."""
    return "".join(
        " " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c
        for c in text
        if unicodedata.bidirectional(c) not in _DIRECTIONS
    )
