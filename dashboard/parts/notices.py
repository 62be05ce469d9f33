"""The warnings of a result, each with the way to what it means."""

from __future__ import annotations

from dashboard.parts.text import plain
from dashboard.server.navigation import PAGES
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


def explained_notice(notice: Notice) -> str:
    """Return a notice in Markdown, with a link to its explanation on the page Learn."""
    anchor = ANCHORS.get(notice.code, "traps-and-what-the-warnings-mean")  # a file of another version may have others
    return f"{plain(notice.message)} [What this means]({PAGES['learn'].address}#{anchor})"
