"""Every session has one object of a kind of state, under a key of its own."""

import dataclasses
import importlib
from collections import Counter

from streamlit.testing.v1 import AppTest

from tests import house
from tests.waiting import PATIENCE


def _states():
    """The dataclasses that `state` is called with, anywhere in the dashboard."""
    modules = [importlib.import_module(name) for name in house.trees() if name.startswith("dashboard.server.")]
    modules += [importlib.import_module(name) for name in house.trees() if name.endswith(".state")]
    found = {value for module in modules for value in vars(module).values() if dataclasses.is_dataclass(value)}
    return [kind for kind in found if kind.__name__.endswith(("State", "Jobs", "Owner")) and isinstance(kind, type)]


def test_states_begin_without_arguments_and_have_keys_of_their_own():
    names = [kind.__qualname__ for kind in _states()]
    assert {"SessionJobs", "SessionOwner", "ExploreState"} <= set(names)
    assert max(Counter(names).values()) == 1
    for kind in _states():
        assert kind() == kind() or kind.__name__ == "SessionOwner"


def _page():
    from dataclasses import dataclass, field

    import streamlit as st

    from dashboard.server.state import forget_widget, set_widgets, state, widget_value

    @dataclass
    class Visits:
        pages: list[int] = field(default_factory=list)

    state(Visits).pages.append(len(state(Visits).pages))
    st.caption(str(state(Visits).pages))
    st.caption(str(widget_value("number", "not drawn")))
    if len(state(Visits).pages) == 2:
        set_widgets({"number": 7})
    if len(state(Visits).pages) == 3:
        forget_widget("number")
        forget_widget("there is none")
    st.number_input("number", 0, 9, 4, key="number")


def test_state_lasts_from_run_to_run_and_widgets_are_set_by_their_keys():
    at = AppTest.from_function(_page, default_timeout=PATIENCE).run()
    runs = [([each.value for each in at.caption], at.number_input(key="number").value)]
    for _ in range(2):
        at.run()
        runs.append(([each.value for each in at.caption], at.number_input(key="number").value))
    assert not at.exception
    assert runs == [(["[0]", "not drawn"], 4), (["[0, 1]", "4"], 7), (["[0, 1, 2]", "7"], 4)]
    other = AppTest.from_function(_page, default_timeout=PATIENCE).run()
    assert other.caption[0].value == "[0]"
