"""The numbers of an architecture with their ranks as bars, as HTML."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from dashboard.atlas.quantities import Quantity, QuantityRank, quantity_rank

RANK_WORDS = "Rank 1 = cheapest or best. “166–171” = six share it."
_GROUND = "height:8px;border-radius:4px;background:color-mix(in srgb,currentColor 12%,transparent)"
_BAR = "height:8px;border-radius:4px;background:#4C8DFF"
_CELL = "padding:3px 8px 3px 0;border:0"
_HEADS = ("Number", "Value", "Rank", "")


def rank_table(quantities: Mapping[str, Quantity], row: int) -> str:
    """Write a table: every number of the architecture in a row, and a bar that is full where its rank is the first."""
    rows = "".join(_line(quantity, row) for quantity in quantities.values())
    style = "width:100%;border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums"
    heads = "".join(f'<th scope="col" style="{_CELL};text-align:left;font-weight:600">{name}</th>' for name in _HEADS)
    hidden = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)"
    caption = f'<caption style="{hidden}">Numbers and ranks of the architecture</caption>'
    return f'<table style="{style}">{caption}<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _line(quantity: Quantity, row: int) -> str:
    rank = quantity_rank(quantity, row)
    value = "none" if rank is None else f"{quantity.values[row]:.5g}".replace("-inf", "−∞")
    words = _rank_text(rank)
    name = f'<th scope="row" style="{_CELL};text-align:left;font-weight:400">{escape(quantity.label)}</th>'
    bar = "" if rank is None else f'<div style="{_GROUND}"><div style="{_BAR};width:{_share(rank):.1f}%"></div></div>'
    texts = "".join(f'<td style="{_CELL};white-space:nowrap">{escape(text)}</td>' for text in (value, words))
    return f'<tr>{name}{texts}<td style="{_CELL};width:34%;min-width:60px">{bar}</td></tr>'


def _rank_text(rank: QuantityRank | None) -> str:
    """Return a rank among how many, a range where it is shared; nothing for none."""
    if rank is None:
        return ""
    shared = f"–{rank.place + rank.equal:,}" if rank.equal else ""
    return f"{rank.place:,}{shared} of {rank.of:,}"


def _share(rank: QuantityRank) -> float:
    """Return the per cent of the others that are not before this one."""
    return 100 * (1 - (rank.place - 1) / max(rank.of - 1, 1))
