"""A clock in the browser: a while after it was drawn it calls back, and the fragment that it stands in is drawn again.

Unlike a fragment that runs every so often, it begins anew with every run of its page, ends where it is not drawn, and
its callback may name another fragment to be drawn instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

_JS = """
export default function ({ data, parentElement, setTriggerValue }) {
  if (parentElement.drawn !== data.drawn) {
    clearTimeout(parentElement.clock);
    parentElement.drawn = data.drawn;
    parentElement.clock = setTimeout(() => setTriggerValue("ticked", true), data.milliseconds);
  }
  return () => {
    clearTimeout(parentElement.clock);
    delete parentElement.drawn;
  };
}
"""

_COMPONENT = st.components.v2.component(
    "freenas_tick", css=".st-key-tick { display: none; }", js=_JS, isolate_styles=False
)


def tick(seconds: float, on_tick: Callable[[], None]) -> None:
    """Call `on_tick` in so many seconds, if the page is still the same by then."""
    data = {"milliseconds": round(1000 * seconds), "drawn": str(time.monotonic_ns())}
    _COMPONENT(key="tick", data=data, on_ticked_change=on_tick)
