"""The flow graph as plain data for the browser: nodes, and edges as bundles of strands, one an operation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import streamlit as st

from dashboard.server.installation import PACKAGE

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

_FOLDER = PACKAGE / "learn"


class FlowNode(NamedTuple):
    """A node: its place across, from 0 to 1, its place down in pixels, and its label."""

    x: float
    y: float
    label: str


class Strand(NamedTuple):
    """An operation on an edge: its id and colour, its flow share, its meaning in words, and if it is still live."""

    id: str
    colour: str
    share: float
    label: str
    live: bool = True


class FlowEdge(NamedTuple):
    """An edge with its strands from top to bottom; `bend` is how far it hangs down between its nodes, in pixels."""

    name: str
    source: int
    target: int
    bend: float
    label: str
    strands: Sequence[Strand]


def flow_graph(
    nodes: Sequence[FlowNode], edges: Sequence[FlowEdge], height: float, unit: float, alt: str
) -> dict[str, Any]:
    """Return the graph as plain data; a flow share of 1 is `unit` pixels wide.

    Edges that meet at a node lie there in the order given, from top to bottom.
    """
    return {
        "nodes": [node._asdict() for node in nodes],
        "edges": [edge._asdict() | {"strands": [strand._asdict() for strand in edge.strands]} for edge in edges],
        "height": height,
        "unit": unit,
        "alt": alt,
    }


def flow_component(name: str) -> ComponentRenderer:
    """Return the component of the figure `name`, whose style and script follow those of the flow graph."""
    texts = {path: (_FOLDER / path).read_text("utf-8") for path in ("flow.css", f"{name}.css", "flow.js", f"{name}.js")}
    return st.components.v2.component(
        f"freenas_{name}",
        html=f'<div class="figure"><div class="{name}"></div></div>\n',
        css=texts["flow.css"] + texts[f"{name}.css"],
        js=texts["flow.js"] + texts[f"{name}.js"],
    )
