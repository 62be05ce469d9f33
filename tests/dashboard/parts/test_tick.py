"""A clock in the browser: the time that it is given, and that every drawing begins it anew."""

import json

from streamlit.testing.v1 import AppTest

from tests.waiting import PATIENCE


def _page():
    from dashboard.parts.tick import tick

    tick(0.25, lambda: None)


def test_a_clock_has_its_time_and_begins_anew_whenever_it_is_drawn():
    at = AppTest.from_function(_page, default_timeout=PATIENCE)
    first, second = (json.loads(at.run().get("bidi_component")[0].proto.json) for _ in range(2))
    assert first["milliseconds"] == second["milliseconds"] == 250
    assert first["drawn"] != second["drawn"]
