"""Evidence: what flow, costs and other proxies are worth on a table of accuracies that the user brings."""

import streamlit as st

from dashboard.evidence.computation import known_evidence
from dashboard.evidence.controls import evidence_controls
from dashboard.evidence.recipes import recipes_view
from dashboard.evidence.request import too_few
from dashboard.evidence.state import EvidenceState
from dashboard.evidence.view import (
    empty_view,
    evidence_exports,
    numbers_view,
    paste_view,
    published_view,
)
from dashboard.parts import accuracy_table, space_picker
from dashboard.parts.text import plain
from dashboard.server.state import state
from engine.spaces import SPACES

evidence_state = state(EvidenceState)
with st.sidebar:
    table_column = accuracy_table.choose_column()
    space_picker.upload_space("table_space")
    request = evidence_controls(table_column)

if trouble := accuracy_table.table_complaint():
    st.error(plain(trouble), icon=":material/error:")
elif table_column is not None and (reason := too_few(table_column)):
    st.error(plain(reason), icon=":material/error:")

current_evidence = None if request is None else known_evidence(request)
if request is not None and current_evidence is not None:
    evidence_state.shown = request.table_column, current_evidence

if evidence_state.shown is not None and accuracy_table.table_is_chosen():
    column, evidence = evidence_state.shown
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"#### Evidence: {plain(evidence.description)}")
        exports = st.container(width="content")
    if current_evidence is None:
        st.info("The last evidence, until there is that of what the controls ask:", icon=":material/history:")
    numbers_view(evidence)
    cells = recipes_view(column)
    published_view([evidence.space])
    paste_view(evidence, cells)
    with exports:
        evidence_exports(evidence, cells)
else:
    st.markdown("#### Evidence")
    if trouble or not accuracy_table.table_is_chosen():
        empty_view()
    published_view(list(SPACES))
