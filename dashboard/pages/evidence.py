"""Evidence: what flow, costs and other proxies are worth on a table of accuracies that the user brings."""

import streamlit as st

from dashboard.evidence import controls
from dashboard.evidence.found import found_view
from dashboard.evidence.view import empty_view, export_menu, numbers_view, paste_view, published_view
from dashboard.evidence.words import listed
from dashboard.parts import accuracy_table, space_picker
from dashboard.parts.text import plain
from engine.spaces import SPACES

with st.sidebar:
    chosen = accuracy_table.chosen()
    space_picker.upload("table_space")
    question = controls.asked(chosen)

if trouble := accuracy_table.trouble():
    st.error(plain(trouble), icon=":material/error:")
elif chosen is not None and not chosen.settled:
    missing = listed([part for part in ("dataset", "split", "epochs") if getattr(chosen.column, part) is None])
    st.info(
        plain(f"Column {chosen.name}: the file does not say {missing}. Say it on the left, or that it is not known; ")
        + "then the evidence is computed.",
        icon=":material/edit_note:",
    )

answer = controls.answered(question) if question is not None else None
if answer is not None and question is not None:
    st.session_state["evidence shown"] = question.chosen, answer
shown = st.session_state.get("evidence shown") if accuracy_table.asked() else None

if shown is not None:
    of_table, evidence = shown
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"#### Evidence: {plain(evidence.said)}")
        export = st.container(width="content")
    if answer is None:
        st.info("The last evidence, until there is that of what the controls ask:", icon=":material/history:")
    numbers_view(evidence)
    found = found_view(of_table)
    published_view([evidence.space])
    paste_view(evidence, found)
    with export:
        export_menu(evidence, found)
else:
    st.markdown("#### Evidence")
    if trouble or not accuracy_table.asked():
        empty_view()
    published_view(list(SPACES))
