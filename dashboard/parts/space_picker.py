"""The choice of a search space, as pages share it: those of the engine, and those that this session brought."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.parts.text import plain
from dashboard.parts.uploads import MAX_BYTES, read_upload
from dashboard.server import limits
from engine import SPACES, load_space
from engine.common.errors import quoted, unknown_name
from engine.spaces import OwnSpace, SearchSpace, get_space

Adopt = Callable[[SearchSpace], None]
"""What is told of a space that was just chosen."""
_OWN = "own spaces"
_YOURS = " (yours)"
_COMPLAINT = "space_complaint"


def own() -> dict[str, OwnSpace]:
    """The spaces that this session brought, by what they are called."""
    found: dict[str, OwnSpace] = st.session_state.get(_OWN, {})
    return found


def offered() -> dict[str, SearchSpace]:
    """All spaces there are to choose from, by what they are called."""
    return SPACES | own()


def name_of(space: str | SearchSpace) -> str:
    """What a space is called where it is chosen."""
    described = get_space(space)
    return described.name + _YOURS * isinstance(described, OwnSpace)


def take_up(space: str | SearchSpace) -> str:
    """Have a space among those of this session, if it is one of one's own; what it is called where it is chosen."""
    described, name = get_space(space), name_of(space)
    if isinstance(described, OwnSpace):
        st.session_state[_OWN] = own() | {name: described}
    return name


def known(name: str, values: list[str]) -> str:
    """A rule for the space that a link names; one's own are known to their session alone."""
    if len(values) > 1:
        return f"{name} stands {len(values)} times"
    there = offered()
    for value in values:
        if value not in there and value.endswith(_YOURS):
            return f"a link cannot hold a space of one's own, such as {quoted(value)}; upload it here again"
        if value not in there:
            return str(unknown_name("search space", value, there))
    return ""


def choose(key: str = "space", adopt: Adopt | None = None) -> SearchSpace:
    """Draw the choice of a space, and the upload of one's own; `adopt` hears of one that was just chosen."""

    def chosen() -> None:
        if adopt is not None:
            adopt(offered()[st.session_state[key]])

    name = st.selectbox(
        "Search space",
        list(offered()),
        key=key,
        bind="query-params",
        on_change=chosen,
        help="\n".join(f"- **{each.title}**: {each.summary} ({each.source})" for each in SPACES.values()),
    )
    upload(key, adopt)
    return offered().get(name) or get_space("nas-bench-201")


def upload(key: str, adopt: Adopt | None = None) -> None:
    """Draw the upload of a space of one's own, which the control with this `key` then has chosen."""
    with st.expander("Your own space", icon=":material/upload_file:"):
        st.caption("Nodes, edges, operations and stages as a JSON document; the README shows one.")
        most = limits.upload_megabytes(MAX_BYTES // 10**6)
        st.file_uploader(
            f"A space (JSON, at most {most} MB)",
            type="json",
            key="space_upload",
            on_change=_adopt_upload,
            args=[key, adopt],
            max_upload_size=most,
            disabled=limits.read_only(),
        )
        if complaint := st.session_state.get(_COMPLAINT):
            st.error(plain(complaint), icon=":material/error:")


def _adopt_upload(key: str, adopt: Adopt | None) -> None:
    """Take an uploaded space up among those to choose from, and choose it; or keep a sentence on why not."""
    st.session_state[_COMPLAINT] = ""
    if (uploaded := st.session_state.space_upload) is None:
        return
    try:
        described = load_space(read_upload(uploaded))
    except ValueError as error:
        st.session_state[_COMPLAINT] = f"{uploaded.name} is no search space: {error}"
        return
    st.session_state[key] = take_up(described)
    if adopt is not None:
        adopt(described)
