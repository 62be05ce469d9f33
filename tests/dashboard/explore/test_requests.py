"""The events of the instrument: what a browser may ask for, and what it may not."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.explore.picture import PictureLook
from dashboard.explore.requests import _constraint
from tests.waiting import PATIENCE


def test_an_operation_on_an_edge_is_named_by_its_indices(darts):
    assert _constraint(PictureLook(darts), [1, 3, 4]) == "reduce:1-3:sep_conv_3x3"


@pytest.mark.parametrize(
    "place", [None, [], [0, 0], [0, 0, 99], [-1, 0, 0], ["0", 0, 0], [0, 0, 0.0], {"kind": 0}, "000", [[0], 0, 0]]
)
def test_what_is_no_place_is_none(darts, place):
    assert _constraint(PictureLook(darts), place) is None


def _page(event, value):
    import streamlit as st

    from dashboard.explore.controls import Question
    from dashboard.explore.picture import PictureLook
    from dashboard.explore.requests import explore_events
    from dashboard.explore.state import ExploreState
    from dashboard.server.examples import example_of
    from dashboard.server.state import state

    result = example_of("nas-bench-201")
    explore_events(PictureLook(result), Question(result.config))[event](value)
    explore = state(ExploreState)
    st.json(
        {
            "changed": explore.page_changed,
            "file": explore.file.get("name"),
            "replayed": explore.replayed is result,
            "pinned": st.session_state.get("pinned"),
            "banned": st.session_state.get("banned"),
        }
    )


def after(event, value):
    at = AppTest.from_function(_page, args=(event, value), default_timeout=PATIENCE).run()
    assert not at.exception
    return json.loads(at.json[0].value)


def test_a_pin_and_a_ban_change_the_question():
    assert after("pin", [0, 5, 1])["pinned"] == ["2-3:skip_connect"]
    banned = after("ban", [0, 0, 0])
    assert (banned["banned"], banned["changed"]) == (["0-1:none"], True)
    assert after("pin", [0, 5, 77])["changed"] is False


def test_frames_are_sent_when_a_replay_begins():
    assert after("replay", "any")["replayed"]


@pytest.mark.parametrize("form", ["svg", "png"])
def test_a_picture_is_saved(form):
    asked = {"picture": "heatmap", "form": form, "kind": 0}
    assert after("save", asked)["file"] == f"freenas_nas_bench_201_synaptic_seed0.heatmap.{form}"


@pytest.mark.parametrize(
    "asked",
    [
        *({}, "cell", None),
        {"picture": "x", "form": "svg", "kind": 0},
        {"picture": "cell", "form": "exe", "kind": 0},
        {"picture": "cell", "form": "svg", "kind": 9},
        {"picture": ["cell"], "form": "svg", "kind": 0},
        {"picture": "cell", "form": {}, "kind": []},
    ],
)
def test_nothing_else_is(asked):
    assert after("save", asked)["file"] is None
