"""The run that is open on Explore: the link that opens it, its question in the controls, its name and notes."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.explore.question_link import ADDRESS_PARTS, link_query
from dashboard.explore.state import ExploreState, OpenedRun
from dashboard.parts import space_picker
from dashboard.server.run_store import RUN_PARAMETER, store
from dashboard.server.state import set_widgets, state
from engine import SearchConfig
from engine.data.images import DATA
from engine.runs import StoreUnavailable


def follow_link() -> None:
    """Open the run that the address bar names, once, and have the controls ask its question."""
    run_id = st.query_params.get(RUN_PARAMETER, "")
    explore = state(ExploreState)
    if run_id == explore.run_id:
        return
    close_run(keep_link=True)
    explore.run_id = run_id
    if not run_id:
        return
    try:
        explore.run = OpenedRun(store().get(run_id), store().result(run_id))
    except (StoreUnavailable, ValueError) as error:
        explore.link_complaint = f"This link opens no run: {error}."
        return
    config = explore.run.result.config
    _set_controls(config)
    if isinstance(config.space, str):
        st.query_params.from_dict({RUN_PARAMETER: run_id, **link_query(config)})


def opened_run(config: SearchConfig | None) -> OpenedRun | None:
    """Return the run that is open, as long as the controls ask what they asked when its link was followed."""
    explore = state(ExploreState)
    if explore.run is not None or explore.link_complaint:
        if not explore.question_noted:
            explore.question_noted, explore.run_question = True, config
        elif explore.run_question != config:
            close_run()
    return explore.run


def link_complaint() -> str:
    """Return the reason why the link opened no run; nothing where it opened one, or named none."""
    return state(ExploreState).link_complaint


def close_run(keep_link: bool = False) -> None:
    """Let go of the run that is open, and of its link."""
    explore = state(ExploreState)
    explore.run_id, explore.run, explore.link_complaint = "", None, ""
    explore.question_noted, explore.run_question = False, None
    if not keep_link and RUN_PARAMETER in st.query_params:
        del st.query_params[RUN_PARAMETER]


def _set_controls(config: SearchConfig) -> None:
    """Have the controls ask a question, as far as they can: own images cannot be chosen there."""
    values: dict[str, Any] = {name: getattr(config, name) for name in ADDRESS_PARTS}
    values |= {"pinned": list(config.pinned), "banned": list(config.banned)}
    values["data"] = config.data if config.data in DATA else DATA[0]
    values["space"] = space_picker.offer_space(config.space)
    set_widgets(values)
    state(ExploreState).space = None
