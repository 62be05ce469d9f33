"""The state of a session: a dataclass for each thing that remembers something, and the values of widgets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import streamlit as st

State = TypeVar("State")


def state(kind: type[State]) -> State:
    """Return this session's one object of `kind`, a dataclass whose fields all have defaults."""
    key = kind.__qualname__
    if key not in st.session_state:
        st.session_state[key] = kind()
    kept: State = st.session_state[key]
    return kept


def widget_value(key: str, default: Any = None) -> Any:
    """Return the value of the widget with this `key`, or `default` where it has not been drawn yet."""
    return st.session_state.get(key, default)


def set_widgets(values: Mapping[str, Any]) -> None:
    """Set widgets by their keys; allowed in a callback, or before they are drawn."""
    st.session_state.update(values)


def forget_widget(key: str) -> None:
    """Let the widget with this `key` begin with its default again."""
    st.session_state.pop(key, None)
