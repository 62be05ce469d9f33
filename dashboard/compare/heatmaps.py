"""Small still heatmaps that stand beside others, and the one bar that explains the colours of all."""

from __future__ import annotations

from html import escape

from dashboard.server.installation import PACKAGE
from engine.exports.colours import ink_on, scale_position, viridis
from engine.exports.heatmap import Heatmap, HeatmapField
from engine.operations.registry import get_operation

STYLE = PACKAGE / "compare" / "compare.css"
_STOPS = 10
_CLASSES = {"solid": "chosen", "dashed": "dropped"}


def heatmap_table(heatmap: Heatmap) -> str:
    """Write a heatmap as a table of HTML, in colours for a light and for a dark page."""
    heads = "".join(_head(name) for name in heatmap.operations)
    rows = "".join(
        f'<tr><th scope="row">{escape(edge)}</th>{"".join(_field(field, heatmap) for field in fields)}</tr>'
        for edge, fields in zip(heatmap.edges, heatmap.fields, strict=True)
    )
    return (
        f'<table class="still-heatmap"><caption>{escape(heatmap.title)}</caption>'
        f"<thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _head(name: str) -> str:
    operation = get_operation(name)
    style = f"border-bottom:4px solid {operation.colour}"
    return f'<th scope="col" style="{style}" title="{escape(operation.title)}">{escape(operation.short)}</th>'


def _field(field: HeatmapField, heatmap: Heatmap) -> str:
    """Write a field; one that is chosen or dropped says so to those who do not see its frame."""
    kind = _CLASSES.get(field.border, "")
    words = f' aria-label="{escape(field.text)}, {kind}"' if kind else ""
    note = f"<small>{escape(field.note)}</small>" if field.note else ""
    return f'<td class="{kind}"{words}{_ground(field, heatmap)}>{escape(field.text)}{note}</td>'


def _ground(field: HeatmapField, heatmap: Heatmap) -> str:
    if field.value is None:
        return ""
    position = scale_position(field.value, *heatmap.limits, heatmap.log)
    light, dark = viridis(position), viridis(position, dark=True)
    return f' style="background:light-dark({light},{dark});color:light-dark({ink_on(light)},{ink_on(dark)})"'


def colour_bar(heatmap: Heatmap, unit: str) -> str:
    """Write the bar of the colours of a heatmap, and of all others on its scale, in the same `unit`."""
    positions = [stop / (_STOPS - 1) for stop in range(_STOPS)]
    stops = ",".join(f"light-dark({viridis(position)},{viridis(position, dark=True)})" for position in positions)
    labels = "".join(f"<span>{escape(label)}</span>" for label in heatmap.scale_labels)
    return (
        f'<div class="colour-bar"><div style="background:linear-gradient(to right,{stops})"></div>'
        f"<div>{labels}</div><small>{escape(unit)}</small></div>"
    )
