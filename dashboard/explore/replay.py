"""The replay of the pruning, step by step."""

from __future__ import annotations

import streamlit as st

from dashboard.explore.state import ExploreState
from dashboard.server.state import set_widgets, state, widget_value
from engine import SearchResult
from engine.exports.drawing import cell_title
from engine.searches.result import Step

TICK = 0.4
"""Seconds between two pictures of a replay that plays."""
_FRAMES = 60
"""The most pictures of a replay that plays."""


def rewind() -> None:
    """Go back to the first step, and stop playing."""
    _go_to(0)
    state(ExploreState).playing = False


def replay(result: SearchResult) -> int:
    """Draw the controls of the replay and return its step; one that plays goes on by itself."""
    explore, last = state(ExploreState), len(result.steps)
    if explore.playing:
        _go_to(min(last, _step() + max(1, last // _FRAMES)))
    playing = explore.playing and _step() < last
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Pause" if playing else "Play",
            icon=":material/pause:" if playing else ":material/play_arrow:",
            key="play",
        ):
            if not playing and _step() >= last:
                _go_to(0)
            explore.playing = not playing
            st.rerun()
        step = int(st.slider("Pruning step", 0, last, key="step", label_visibility="collapsed"))
    if explore.playing and step >= last:
        explore.playing = False
        st.rerun()
    st.caption(step_sentence(result, step))
    return step


def _step() -> int:
    return int(widget_value("step", 0))


def _go_to(step: int) -> None:
    set_widgets({"step": step})


def step_sentence(result: SearchResult, step: int) -> str:
    """Return a sentence in Markdown on what the pruning has dropped at a step, 0 before the first one."""
    if step == 0:
        return f"Step 0 of {len(result.steps)}: every operation is live."
    dropped: Step = result.steps[step - 1]
    edge = result.space.edge_name(result.space.edges[dropped.edge])
    cell = "" if len(result.space.cell_types) == 1 else f" of the {cell_title(dropped.cell).lower()}"
    return (
        f"Step {step} of {len(result.steps)}: dropped **{dropped.operation}** on {edge}{cell} "
        f"(share {dropped.share:.3g} in pass {dropped.at_pass + 1})."
    )
