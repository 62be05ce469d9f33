"""Heatmaps of operations on edges: a table with the numbers in its fields, for Graphviz and as HTML."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from textwrap import wrap
from typing import NamedTuple

from engine.exports.colours import BLACK, VIRIDIS, colour_of, ink_on
from engine.operations.registry import get_operation

_FIELD_SIZE = (48, 36)
"""The least width and height of a field, in points."""
_INK, _MUTED, _EMPTY = "#1B1F24", "#59636E", "#F1F3F5"
_BORDER = 3  # points
_TITLE, _SMALL, _LETTER = 14, 9, 0.62  # sizes of text, and the width of a letter as a part of its size


class HeatmapField(NamedTuple):
    """A field of a heatmap: its text, the number that colours it, if any, a word below, and a border.

    A `border` is `solid`, `dashed`, or nothing.
    """

    text: str
    value: float | None = None
    note: str = ""
    border: str = ""

    def colours(self, limits: tuple[float, float], log: bool) -> tuple[str, str]:
        """Return the colours of the ground and of the text, by the scale between the `limits`."""
        if self.value is None:
            return _EMPTY, _MUTED
        ground = colour_of(self.value, *limits, log)
        return ground, ink_on(ground)


@dataclass(frozen=True)
class Heatmap:
    """Numbers of operations on edges: a row of `fields` for every one of `edges`, one of them for every operation.

    Colours span the `limits`, by the logarithm or in proportion from 0. `notes` are lines below the title, the unit
    among them, and `legend` explains borders and signs.
    """

    title: str
    notes: tuple[str, ...]
    edges: tuple[str, ...]
    operations: tuple[str, ...]
    fields: tuple[tuple[HeatmapField, ...], ...]
    limits: tuple[float, float]
    log: bool = True
    legend: tuple[str, ...] = ()

    @property
    def scale_labels(self) -> tuple[str, str, str]:
        """Return the numbers at the beginning, the middle and the end of the scale of colours."""
        low, high = self.limits
        first, middle = (low, math.sqrt(low) * math.sqrt(high)) if self.log else (0.0, high / 2)
        return field_number(first), field_number(middle), field_number(high)


def field_number(value: float) -> str:
    """Write a number of at least 0 with three digits or, where that is too long for a field, with two."""
    if 1e3 <= value < 1e6:
        return f"{value:.0f}"
    if value == 0 or 1e-3 <= value < 1e3:
        return f"{value:.{2 if value < 0.01 else 3}g}"
    digits, power = f"{value:.1e}".split("e")
    return f"{digits}e{int(power)}"


def heatmap_look(heatmap: Heatmap) -> str:
    """Write the attributes of a node of Graphviz that is the heatmap as a table."""
    look = f'shape="plain", style="", fontname="Helvetica", fontsize="11", fontcolor="{_INK}"'
    return f"{look}, label=<{_dot_table(heatmap)}>"


def _dot_table(heatmap: Heatmap) -> str:
    """Return the table of the fields between lines of text that are broken at its width."""
    width = (_FIELD_SIZE[0] + 2) * (len(heatmap.operations) + 1)
    title = "".join(f'<B>{escape(line)}</B><BR ALIGN="LEFT"/>' for line in _broken(heatmap.title, width, _TITLE))
    lines = [
        f'<FONT POINT-SIZE="{_TITLE}">{title}</FONT>',
        *(_dot_small(line) for note in heatmap.notes for line in _broken(note, width, _SMALL)),
        _dot_fields(heatmap),
        *(_dot_small(line) for line in _broken("; ".join(heatmap.legend), width, _SMALL)),
    ]
    rows = "".join(f'<TR><TD ALIGN="LEFT">{line}</TD></TR>' for line in lines)
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{rows}</TABLE>'


def _broken(text: str, width: float, size: float) -> list[str]:
    return wrap(text, max(24, int(width / (_LETTER * size))))


def _dot_fields(heatmap: Heatmap) -> str:
    operations = [get_operation(name) for name in heatmap.operations]
    rows = [
        "<TD></TD>" + "".join(f"<TD>{escape(operation.short)}</TD>" for operation in operations),
        "<TD></TD>" + "".join(f'<TD HEIGHT="5" BGCOLOR="{operation.colour}"></TD>' for operation in operations),
        *(
            f'<TD ALIGN="RIGHT">{escape(edge)} </TD>{"".join(_dot_field(field, heatmap) for field in fields)}'
            for edge, fields in zip(heatmap.edges, heatmap.fields, strict=True)
        ),
        f'<TD></TD><TD COLSPAN="{len(operations)}">{_dot_scale(heatmap)}</TD>',
    ]
    start = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="2" CELLPADDING="1">'
    return f"{start}{''.join(f'<TR>{row}</TR>' for row in rows)}</TABLE>"


def _dot_small(text: str) -> str:
    return f'<FONT POINT-SIZE="{_SMALL}" COLOR="{_MUTED}">{escape(text)}</FONT>'


def _dot_field(field: HeatmapField, heatmap: Heatmap) -> str:
    ground, ink = field.colours(heatmap.limits, heatmap.log)
    width, height = _FIELD_SIZE
    border = f' BORDER="{_BORDER}" COLOR="{BLACK}" STYLE="{field.border}"' if field.border else ""
    text = f"<B>{escape(field.text)}</B>" if field.border == "solid" else escape(field.text)
    note = f'<BR/><FONT POINT-SIZE="8">{escape(field.note)}</FONT>' if field.note else ""
    words = f'<FONT FACE="Helvetica" COLOR="{ink}">{text}{note}</FONT>' if text else ""
    return f'<TD WIDTH="{width}" HEIGHT="{height}" BGCOLOR="{ground}"{border}>{words}</TD>'


def _dot_scale(heatmap: Heatmap) -> str:
    bar = "".join(f'<TD WIDTH="24" HEIGHT="9" BGCOLOR="{left}:{right}"></TD>' for left, right in pairwise(VIRIDIS))
    labels = "".join(
        f'<TD COLSPAN="{(len(VIRIDIS) - 1) // 3}" ALIGN="{place}">{_dot_small(label)}</TD>'
        for label, place in zip(heatmap.scale_labels, ("LEFT", "CENTER", "RIGHT"), strict=True)
    )
    start = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">'
    return f"{start}<TR>{bar}</TR><TR>{labels}</TR></TABLE>"


def heatmap_html(heatmap: Heatmap) -> str:
    """Write a heatmap as an HTML table that needs neither a style sheet nor a script."""
    heads = "".join(_html_head(name) for name in heatmap.operations)
    rows = "".join(
        f'<tr><th scope="row" style="padding:0 8px;text-align:right;font-weight:400">{escape(edge)}</th>'
        f"{''.join(_html_field(field, heatmap) for field in fields)}</tr>"
        for edge, fields in zip(heatmap.edges, heatmap.fields, strict=True)
    )
    caption = "<br>".join([f"<b>{escape(heatmap.title)}</b>", *map(_html_small, heatmap.notes)])
    return (
        f'<table style="border-collapse:separate;border-spacing:2px;background:#fff;color:{_INK};'
        f'font:12px Helvetica,Arial,sans-serif"><caption style="text-align:left;color:{_INK}">{caption}</caption>'
        f"<thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody>"
        f"<tfoot><tr><td></td>{_html_scale(heatmap)}</tr></tfoot></table>"
    )


def _html_small(text: str) -> str:
    return f'<span style="font-size:11px;color:{_MUTED}">{escape(text)}</span>'


def _html_head(name: str) -> str:
    operation = get_operation(name)
    style = f"padding:0 4px 3px;text-align:center;font-weight:400;border-bottom:5px solid {operation.colour}"
    return f'<th scope="col" style="{style}">{escape(operation.short)}</th>'


def _html_field(field: HeatmapField, heatmap: Heatmap) -> str:
    ground, ink = field.colours(heatmap.limits, heatmap.log)
    border = f"{_BORDER}px {field.border} {BLACK}" if field.border else f"{_BORDER}px solid {ground}"
    weight = "700" if field.border == "solid" else "400"
    style = f"min-width:48px;height:34px;padding:0;text-align:center;white-space:nowrap;background:{ground};color:{ink}"
    note = f'<br><span style="font-size:10px">{escape(field.note)}</span>' if field.note else ""
    return f'<td style="{style};border:{border};font-weight:{weight}">{escape(field.text)}{note}</td>'


def _html_scale(heatmap: Heatmap) -> str:
    bar = f'<div style="height:9px;background:linear-gradient(to right,{",".join(VIRIDIS)})"></div>'
    labels = "".join(f"<span>{escape(label)}</span>" for label in heatmap.scale_labels)
    style = f"display:flex;justify-content:space-between;font-size:11px;color:{_MUTED}"
    legend = _html_small("; ".join(heatmap.legend))
    wide = f'<td colspan="{len(heatmap.operations)}" style="text-align:left">'
    return f'{wide}{bar}<div style="{style}">{labels}</div>{legend}</td>'
