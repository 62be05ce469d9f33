"""Text that came from a user, made safe to stand in a page."""

from __future__ import annotations

import re


def plain(text: str) -> str:
    """`text` with every sign that Markdown may read escaped: no link, image, formula or colour in it takes effect."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)
