"""The shape of a form: how its texts are spotted in a larger one, and turned into the notation of a space."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.spaces import Gene, SearchSpace

LONGEST_EXCERPT = 20_000
"""The most characters of one genotype."""
_FAILURES = 100
"""Brackets that may stay open before no more are looked for."""
_CLOSING = re.compile(r"[)\]}]")
_TOKEN = re.compile(r"""'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|#[^\n]*|[()\[\]{}]""")


@dataclass(frozen=True)
class Excerpt:
    """A part of a text that may be a genotype, with the line and column where it begins, both from 1."""

    text: str
    line: int = 1
    column: int = 1

    def at(self, line: int, column: int) -> str:
        """Name a place of the whole text, `line` and `column` being counted in the excerpt, both from 1."""
        return f"line {self.line + line - 1}, column {column + (self.column - 1) * (line == 1)}"


@dataclass(frozen=True)
class Translation:
    """A genotype in the strict `notation` of a space, and sentences on what was left out of the form."""

    notation: str
    text: str
    notes: tuple[str, ...] = ()


Spans = Iterable[tuple[int, int]]
"""Where excerpts begin and end in a text."""


@dataclass(frozen=True)
class Form:
    """A form that people write genotypes in.

    `find` says where it stands in a text, in time that grows with the text alone; `translate` raises `ValueError` in
    one sentence; `write`, where there is one, too, for a space that has no such form. A `weak` form is a genotype only
    in a text that holds nothing clearer. `notations` are those that it can become.
    """

    name: str
    title: str
    example: str
    notations: tuple[str, ...]
    find: Callable[[str], Spans]
    translate: Callable[[Excerpt], Translation]
    write: Callable[[SearchSpace, Mapping[str, Sequence[Gene]]], str] | None = None
    weak: bool = False


def bracketed(start: str, *, nested: bool = True) -> Callable[[str], Spans]:
    """Return the function that finds brackets with all in them which begin with a pattern, the opening one included.

    Where they are never `nested`, one that is open at the beginning of the next is none.
    """
    pattern = re.compile(start)

    def find(text: str) -> Iterator[tuple[int, int]]:
        last, failures = 0, 0
        starts = [match.start() for match in pattern.finditer(text)]
        for index, begin in enumerate(starts):
            if begin < last or failures > _FAILURES:
                continue
            limit = min([begin + LONGEST_EXCERPT, len(text), *([] if nested else starts[index + 1 : index + 2])])
            end = closing(text, begin, limit)
            failures += nested and end is None
            if end is not None:
                last = end
                yield begin, end

    return find


def closing(text: str, begin: int, limit: int) -> int | None:
    """Return the end of the first brackets behind `begin`, None where they are open at `limit`.

    Brackets in quotes and in comments do not count.
    """
    if not _CLOSING.search(text, begin, limit):
        return None
    depth = 0
    for token in _TOKEN.finditer(text, begin, limit):
        if token[0] in "([{":
            depth += 1
        elif token[0] in ")]}":
            depth -= 1
            if depth <= 0:
                return token.end()
    return None
