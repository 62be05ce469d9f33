"""The instrument of Explore: heatmap, cell and replay of a result as one component, drawn in the browser.

Looking around asks the server for nothing: a selection, a step of the replay, the other cell type. It hears of what
changes the question, of the frames of a replay when one begins, and of files.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import streamlit as st

from dashboard.explore.picture import PictureLook, picture, replay_frames
from dashboard.explore.state import ExploreState
from dashboard.parts.importance import importances
from dashboard.server.installation import PACKAGE
from dashboard.server.state import state, widget_value
from engine import SearchConfig
from engine.proxies import get_proxy
from engine.searches.constraints import parse_edge_operation
from engine.spaces import SearchSpace

_KEY = "instrument"
_FOLDER = PACKAGE / "explore"
_EVENTS = ("asked", "pin", "ban", "replay", "save")
_HEADS, _ROW, _LEAST_ROW = 40, 36, 24
"""Pixels of the names above the heatmap, of a row, and of one where there are many."""
_LEAST, _MOST = 450, 560
"""Pixels of the whole, which only spaces of many edges go beyond."""

_COMPONENT = st.components.v2.component(
    "freenas_instrument",
    html=(_FOLDER / "instrument.html").read_text("utf-8"),
    css=(_FOLDER / "instrument.css").read_text("utf-8"),
    js=(_FOLDER / "instrument.js").read_text("utf-8"),
)


class Overlay(NamedTuple):
    """A notice over pictures that answer another question: a sentence, and the label of the button that searches."""

    sentence: str
    button: str = ""


def instrument(
    look: PictureLook,
    question: SearchConfig | None,
    overlay: Overlay | None,
    events: Mapping[str, Callable[[Any], None]],
) -> None:
    """Draw a result; `events` hear of `asked`, `pin`, `ban` and `save`, each before the page runs again."""
    result, explore = look.result, state(ExploreState)

    def hear(name: str) -> Callable[[], None]:
        def tell() -> None:
            if (value := getattr(widget_value(_KEY), name)) is not None:
                events[name](value)

        return tell

    listeners: dict[str, Any] = {f"on_{name}_change": hear(name) for name in _EVENTS}
    titles = importances(result.space, get_proxy(result.config.proxy).unit)
    _COMPONENT(
        key=_KEY,
        data={
            "picture": picture(look),
            "unit": titles[look.importance].title,
            "height": height(result.space),
            "frames": replay_frames(look) if explore.replayed is result else None,
            "overlay": overlay._asdict() if overlay is not None else None,
            "pinnable": [result.space.operations.index(name) for name in result.space.genotype_operations],
            "pinned": _places(question, "pinned", result.space),
            "banned": _places(question, "banned", result.space),
            "file": explore.file,
        },
        **listeners,
    )
    if explore.page_changed:
        explore.page_changed = False
        st.rerun()


def height(space: SearchSpace) -> int:
    """Return the pixels of both pictures of a space, whatever is in them."""
    rows = len(space.edges)
    return max(_LEAST, min(_HEADS + _ROW * rows, _MOST), _HEADS + _LEAST_ROW * rows)


def _places(question: SearchConfig | None, name: str, space: SearchSpace) -> list[tuple[int, int, int]]:
    """Return the places that the question pins or bans, as indices of cell type, edge and operation."""
    if question is None or question.search_space != space:
        return []
    return [parse_edge_operation(text, space).index_in(space) for text in getattr(question, name)]


def file_data(number: int, name: str, mime: str, content: bytes) -> dict[str, Any]:
    """Return a file as the browser takes it, once for each `number`."""
    return {"number": number, "name": name, "mime": mime, "base64": base64.b64encode(content).decode()}
