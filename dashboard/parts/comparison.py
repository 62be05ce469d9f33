"""The runs that may stand side by side on the page Compare."""

from __future__ import annotations

from collections.abc import Sequence

from engine.runs import Run

MOST_COMPARED = 6
"""The most answers side by side."""


def comparison_complaint(runs: Sequence[Run]) -> str:
    """Return the reason why these runs cannot stand side by side, or nothing."""
    if not 2 <= len(runs) <= MOST_COMPARED:
        return f"Choose 2 to {MOST_COMPARED} runs in one space."
    if any(run.architecture.space != runs[0].architecture.space for run in runs):
        return f"These runs are in different spaces: {', '.join(dict.fromkeys(run.space for run in runs))}."
    return ""
