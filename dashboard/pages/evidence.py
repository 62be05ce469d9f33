"""Evidence: what flow, costs and other proxies are worth on a table of accuracies, the user's or our own figures."""

import streamlit as st

from dashboard.evidence.computation import known_evidence, pending_titles
from dashboard.evidence.controls import evidence_controls
from dashboard.evidence.published import published_view
from dashboard.evidence.recipes import recipes_view, searched_place
from dashboard.evidence.request import too_few
from dashboard.evidence.shipped import shipped_view
from dashboard.evidence.state import EvidenceState
from dashboard.evidence.view import (
    empty_view,
    evidence_exports,
    leaderboard_view,
    paste_view,
)
from dashboard.parts.accuracy_table import chosen_column, reading_table
from dashboard.parts.text import plain
from dashboard.server.state import state
from engine.spaces import SPACES

memory, table_column = state(EvidenceState), chosen_column()
with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    st.title("Evidence")
    exports = st.container(width="content")
request = evidence_controls(table_column)
if table_column is not None and (reason := too_few(table_column)):
    st.error(plain(reason), icon=":material/error:")

current = None if request is None else known_evidence(request)
if request is not None and current is not None:
    memory.shown = request.table_column, current
elif table_column is None and not reading_table():
    memory.shown = None

if memory.shown is not None:
    column, evidence = memory.shown
    if current is None:
        st.info("The last evidence, until there is that of what the controls ask:", icon=":material/history:")
    st.markdown(f"**{plain(evidence.description)}** · {plain(evidence.table)}")
    if place := searched_place(column):
        st.markdown(plain(place))
    leaderboard_view(evidence, [] if request is None or current is None else pending_titles(request))
    cells = recipes_view(column)
    published_view([evidence.space])
    paste_view(evidence, cells)
    with exports:
        evidence_exports(evidence, cells)
elif table_column is None:
    if name := reading_table():
        st.caption(plain(f"Reading {name}."))
    empty_view()
    shipped_view()
    published_view(list(SPACES))
elif request is not None:
    st.caption(
        "Nothing is weighed on this table yet; what is under way stands at the top of the page. Below is what we "
        "measured ourselves."
    )
    shipped_view()
