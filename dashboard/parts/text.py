"""Text of pages: that which came from a user made safe, and raised digits."""

from __future__ import annotations

import re

_JOINER = "\u2060"
"""The word joiner: invisible, and no part of an address."""
_ADDRESS = re.compile(r"(?i)(https?|ftp)(?=:)|(www)(?=\.)|(?<=[-.\w+])(?=@[-\w]+\.[-\w])")
"""The places where an address is broken."""


_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def raised(number: int) -> str:
    """Return a whole number of at least 0 in raised digits, for a power or the mark of a footnote."""
    return str(number).translate(_RAISED)


def plain(text: str) -> str:
    """Return `text` with every sign that Markdown may read escaped: no link, image, formula or colour takes effect.

    Bare addresses become links whatever is escaped in them, so those are broken by an invisible sign; an @ makes one
    where a name with a dot in it follows. Signs that are invisible themselves, or turn the direction of what follows,
    are spelled out.
    """
    text = "".join(sign if sign.isprintable() or sign == "\n" else ascii(sign)[1:-1] for sign in text)
    text = _ADDRESS.sub(lambda match: match.group() + _JOINER, text)
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)
