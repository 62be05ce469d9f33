"""The state of a session: one dataclass for each thing that remembers something, made at its first use."""

from __future__ import annotations

from typing import TypeVar

import streamlit as st

State = TypeVar("State")


def state(kind: type[State]) -> State:
    """Return this session's one object of `kind`, a dataclass whose fields all have defaults."""
    key = kind.__qualname__
    if key not in st.session_state:
        st.session_state[key] = kind()
    kept: State = st.session_state[key]
    return kept
