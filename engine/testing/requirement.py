"""The parts that contract suites share: requirements as sentences, texts, objects that are registered for a while."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import TypeVar

Value = TypeVar("Value")


def require(condition: bool, sentence: str) -> None:
    """Raise `AssertionError` with a sentence where a condition does not hold."""
    if not condition:
        raise AssertionError(sentence)


@contextmanager
def succeeding(sentence: str) -> Iterator[None]:
    """Turn every error inside into an `AssertionError`: the sentence that does not hold, and the error."""
    try:
        yield
    except Exception as error:
        raise AssertionError(f"{sentence}: {type(error).__name__}: {error}") from error


def require_texts(owner: str, texts: Iterable[tuple[str, object]]) -> None:
    """Raise `AssertionError` for a text, given with its name, that is empty, unprintable, or has spaces at its ends."""
    for name, text in texts:
        valid = isinstance(text, str) and text and text == text.strip() and text.isprintable()
        require(bool(valid), f"{owner}: its {name} {text!r} is no printable text without spaces at its ends")


@contextmanager
def registered(registry: MutableMapping[str, Value], name: str, value: Value) -> Iterator[None]:
    """Hold `value` in a registry under its name, and leave the registry as it was.

    Raises `AssertionError` where the name is that of another object.
    """
    if name in registry:
        require(registry[name] == value, f"the name '{name}' is that of another registered object")
        yield
        return
    registry[name] = value
    try:
        yield
    finally:
        del registry[name]
