"""Texts that people bring as bytes: their encoding, by the mark that they begin with."""

from __future__ import annotations

import codecs

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""The bytes at the beginning of a file that name its encoding, as PowerShell and spreadsheets write them."""


def marked_encoding(start: bytes) -> str | None:
    """Return the encoding that the first four bytes of a file name, None where they name none."""
    return next((encoding for mark, encoding in _MARKS if start.startswith(mark)), None)


def decoded(data: bytes, name: str) -> str:
    """Return bytes as text, by their mark or in UTF-8; `ValueError` says of the file called `name` that it is none."""
    encoding = marked_encoding(data[:4])
    if encoding is None and max(data[::2].count(0), data[1::2].count(0)) > max(4, len(data) // 4):
        raise ValueError(f"{name} looks like UTF-16 text without the mark that names it; save it as UTF-8")
    try:
        return data.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        kind = encoding.upper() if encoding in ("utf-16", "utf-32") else "UTF-8"
        raise ValueError(f"{name} is not {kind} text: byte {error.start + 1} cannot be read") from None
