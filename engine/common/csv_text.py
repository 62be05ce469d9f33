"""Tables as CSV that a spreadsheet reads and does not compute."""

from __future__ import annotations

import csv
import io
import math
import unicodedata
from collections.abc import Iterable

_FORMULA = ("=", "+", "-", "@", "\u2212")
"""Signs that a spreadsheet takes for the beginning of a formula, in any of their widths."""
_BREAKS = ("\t", "\r", "\n")
_UNSEEN = ("Cc", "Cf", "Zs", "Zl", "Zp")


def csv_text(rows: Iterable[Iterable[object]], digits: int | None = None) -> str:
    """Write rows as CSV: floats to so many `digits`, None and NaN as nothing, texts as `spreadsheet_text` has them."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([_cell(value, digits) for value in row] for row in rows)
    return out.getvalue()


def spreadsheet_text(text: str) -> str:
    """Return a text for a cell of a spreadsheet, behind an apostrophe where it would be computed or split.

    Spaces and signs that show nothing are passed over by some readers, so what counts is what comes after them.
    """
    seen = "".join(sign for sign in text if unicodedata.category(sign) not in _UNSEEN)
    computed = unicodedata.normalize("NFKC", seen[:1]).startswith(_FORMULA)
    return f"'{text}" if computed or text.startswith(_BREAKS) else text


def _cell(value: object, digits: int | None) -> object:
    match value:
        case str():
            return spreadsheet_text(value)
        case float() if math.isnan(value):
            return ""
        case float() if digits is not None:
            return f"{value:.{digits}g}"
        case _:
            return value
