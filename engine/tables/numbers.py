"""The numbers of a column as text."""

from __future__ import annotations


def figure(value: float, unit: str) -> str:
    """Write a number of a column: per cents with two decimals, numbers without a unit with four digits."""
    return f"{value:.2f}" if unit else f"{value:.4g}"


def amount(value: float, unit: str) -> str:
    """Write a number of a column as `figure` does, with its unit."""
    return f"{figure(value, unit)} {unit}".strip()
