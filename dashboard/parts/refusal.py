"""The refusal of a task by this server, as a sentence on the page."""

from __future__ import annotations

import streamlit as st

from dashboard.parts.text import plain
from dashboard.server import limits
from engine.common.tasks import Task


def show_refusal(task: Task) -> bool:
    """Return True where this server does not do `task`, with the reason shown on the page."""
    if reason := limits.refusal(task):
        st.info(plain(reason), icon=":material/block:")
    return bool(reason)
