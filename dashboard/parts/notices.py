"""The warnings of a result, each with the way to what it means."""

from __future__ import annotations

from dashboard.parts.text import plain
from dashboard.server.navigation import PAGES
from engine.operations.registry import OPERATIONS
from engine.searches.diagnostics import TIE
from engine.searches.result import Notice

ANCHORS = {
    "rounding": "rounding",
    "precision": "rounding",
    "unchecked": "rounding",
    "collapse": "collapse",
    "tie": "ties",
    "labels": "images-and-labels",
    "data": "images-and-labels",
}
"""The anchors on the page Learn that explain the notices, by their codes."""
_CHOSEN = "the chosen one is among these"
"""The words of a tie that decides."""


def explained_notice(notice: Notice) -> str:
    """Return a notice in Markdown, with a link to its explanation on the page Learn."""
    anchor = ANCHORS.get(notice.code, "traps-and-what-the-warnings-mean")  # a file of another version may have others
    words = tie_words(notice.message) if notice.code == TIE else notice.message
    return f"{plain(words)} [What this means]({PAGES['learn'].address}#{anchor})"


def tie_words(message: str) -> str:
    """Return the message of a tie with the titles of operations, and what follows where none of them was chosen."""
    for name in sorted(OPERATIONS, key=len, reverse=True):
        message = message.replace(name, OPERATIONS[name].title)
    message = message.replace(" tie on ", " score alike on ")
    if _CHOSEN in message:
        return message
    return f"{message.rstrip('.')}; none of them was chosen, so the result does not depend on it."
