"""Columns of bare indices of NAS-Bench-201: numbers that are architectures where name, range and count say so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from engine.common.errors import quoted
from engine.spaces import SPACES, SearchSpace
from engine.tables.metadata import name_words

_SPACE = SPACES["nas-bench-201"]
_COUNT = _SPACE.architectures()
_INDEX = re.compile(r"(0|[1-9]\d{0,4})(?:\.0)?")
_ARCHITECTURE = "archs?|architectures?|cells?|nets?|networks?|models?"
_NAMED = re.compile(
    rf"(?P<of>(?:{_ARCHITECTURE}|(?:nb|nas ?bench|nats ?bench)(?: 201)?(?: (?:{_ARCHITECTURE}))?) )?(?:index|idx)"
)


def names_index(name: str) -> bool:
    """Return True for the name of a column that is called one of indices."""
    return bool(_NAMED.fullmatch(name_words(name)))


def index_column(header: Sequence[str], columns: Sequence[Sequence[str]], space: SearchSpace | None) -> int | None:
    """Return the place of the column that may hold indices of architectures of `space`, None where there is none.

    It is one that is called so, or else the first of different whole numbers in the range.
    """
    if space not in (None, _SPACE):
        return None
    held = [place for place, column in enumerate(columns) if _may_be_indices(header[place], column)]
    return next((place for place in held if names_index(header[place])), held[0] if held else None)


def _may_be_indices(name: str, column: Sequence[str]) -> bool:
    texts = [text.strip() for text in column]
    return bool(texts) and all(map(_is_index, texts)) and (names_index(name) or len(set(texts)) == len(texts))


def index_notation(text: str) -> str:
    """Return a bare index as the notation of the architecture, any other text as it is."""
    match = _INDEX.fullmatch(text.strip())
    return f"nas-bench-201#{match[1]}" if match else text


def check_indices(name: str, column: Iterable[str], refused: Callable[[], ValueError]) -> str:
    """Return a note on a whole column of indices; raise what `refused` gives where nothing says that it is one.

    It is called an index of architectures, or an index and no count of the rows, or holds all of them.
    """
    numbers = [int(match[1]) if (match := _INDEX.fullmatch(text.strip())) else -1 for text in column]
    named = _NAMED.fullmatch(name_words(name))
    counted = numbers in ([*range(len(numbers))], [*range(1, len(numbers) + 1)])
    if not (sorted(numbers) == [*range(_COUNT)] or (named and (named["of"] or not counted))):
        raise refused()
    return f"Column {quoted(name)} was read as indices of NAS-Bench-201, 0 to {_COUNT - 1:,}."


def _is_index(text: str) -> bool:
    match = _INDEX.fullmatch(text)
    return match is not None and int(match[1]) < _COUNT
