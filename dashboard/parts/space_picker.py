"""The choice of a search space, as pages share it: those of the engine, and those that this session brought."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from dashboard.parts.text import plain
from dashboard.parts.uploads import MAX_UPLOAD_BYTES, read_upload
from dashboard.server import limits
from dashboard.server.state import set_widgets, state, widget_value
from engine import SPACES, load_space
from engine.common.errors import quoted, unknown_name
from engine.spaces import OwnSpace, SearchSpace, get_space

_YOURS = " (yours)"


@dataclass
class SpaceState:
    """The spaces that a session brought, by their labels, and the complaint about its last upload."""

    own: dict[str, OwnSpace] = field(default_factory=dict)
    complaint: str = ""


def offered_spaces() -> dict[str, SearchSpace]:
    """Return all spaces that this session can choose from, by their labels."""
    return SPACES | state(SpaceState).own


def space_label(space: str | SearchSpace) -> str:
    """Return the label of a space in the control that chooses it."""
    space = get_space(space)
    return space.name + _YOURS * isinstance(space, OwnSpace)


def space_titles() -> dict[str, str]:
    """Return the titles of the spaces that this session can choose from, by their labels."""
    return {label: label if isinstance(space, OwnSpace) else space.title for label, space in offered_spaces().items()}


def offer_space(space: str | SearchSpace) -> str:
    """Add a space to those that this session can choose from, if it is one of one's own, and return its label."""
    space, label = get_space(space), space_label(space)
    if isinstance(space, OwnSpace):
        state(SpaceState).own |= {label: space}
    return label


def space_rule(name: str, values: list[str]) -> str:
    """Return the complaint about the space that a link names; one's own spaces are known to their session alone."""
    if len(values) > 1:
        return f"{name} stands {len(values)} times"
    spaces = offered_spaces()
    for value in values:
        if value not in spaces and value.endswith(_YOURS):
            return f"a link cannot hold a space of one's own, such as {quoted(value)}; upload it here again"
        if value not in spaces:
            return str(unknown_name("search space", value, spaces))
    return ""


def choose_space(key: str = "space", width: int = 190) -> SearchSpace:
    """Draw the choice of a space."""
    label = st.selectbox(
        "Space",
        list(offered_spaces()),
        key=key,
        bind="query-params",
        persist_state="session",
        format_func=space_titles().__getitem__,
        width=width,
        help="\n".join(f"- **{space.title}**: {space.summary} ({space.source})" for space in SPACES.values()),
    )
    return offered_spaces().get(label) or get_space("nas-bench-201")


def upload_space(key: str = "space") -> None:
    """Draw the upload of a space of one's own, which the control with this `key` then has chosen."""
    most = limits.upload_megabytes(MAX_UPLOAD_BYTES // 10**6)
    st.file_uploader(
        f"A space of your own (JSON, at most {most} MB)",
        type="json",
        key="space_upload",
        on_change=_adopt_upload,
        args=[key],
        max_upload_size=most,
        disabled=limits.read_only(),
        help="Nodes, edges, operations and stages as a JSON document; the documentation of spaces shows one.",
    )
    if complaint := state(SpaceState).complaint:
        st.error(plain(complaint), icon=":material/error:")


def _adopt_upload(key: str) -> None:
    """Add an uploaded space to those to choose from, and choose it; or keep a sentence on the reason why not."""
    state(SpaceState).complaint = ""
    if (uploaded := widget_value("space_upload")) is None:
        return
    try:
        space = load_space(read_upload(uploaded))
    except ValueError as error:
        state(SpaceState).complaint = f"{uploaded.name} is no search space: {error}"
        return
    set_widgets({key: offer_space(space)})
