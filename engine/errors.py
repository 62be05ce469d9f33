"""The errors of the engine, and how a wrong value is named."""

from __future__ import annotations

from collections.abc import Iterable


class SearchStopped(Exception):
    """The search was stopped by its caller before it had a result."""


class NonFiniteScores(ArithmeticError):
    """A proxy gave a score that is not a number; such scores never become a genotype."""


class DeviceMemoryExhausted(RuntimeError):
    """The device has too little memory for this supernet."""


def shown(value: object, limit: int = 60) -> str:
    """`value` as it may stand in a message: quoted, control characters escaped, cut after `limit` characters."""
    try:
        text = repr(value) if isinstance(value, str) else ascii(value)
    except ValueError:  # a whole number with more digits than Python writes
        text = "a number too long to show"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def unknown(what: str, value: object, allowed: Iterable[str]) -> ValueError:
    """The error for a name that is not in a registry."""
    return ValueError(f"unknown {what} {shown(value)}; allowed: {', '.join(allowed)}")
