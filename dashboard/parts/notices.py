"""The warnings of a result, each with the way to what it means."""

from __future__ import annotations

from dashboard.parts.text import plain
from engine.searches.result import Notice

ANCHORS = {
    "rounding": "rounding",
    "collapse": "collapse",
    "tie": "ties",
    "labels": "images-and-labels",
    "data": "images-and-labels",
}
"""Where the page How it works explains the notices, by their codes."""


def explained(notice: Notice) -> str:
    """A notice in Markdown, with a link to its explanation, which stands on a page beside this one."""
    anchor = ANCHORS.get(notice.code, "traps-and-what-the-warnings-mean")  # a file of another version may have others
    return f"{plain(notice.message)} [What this means](how_it_works#{anchor})"
