"""Genotype viewer: any notation in, the picture, the cost and the files out."""

import streamlit as st

from dashboard.parts.text import plain
from dashboard.server.state import state
from dashboard.viewer.controls import keep_genotype, name_control, source_controls, space_control, text_control
from dashboard.viewer.state import ViewerState
from dashboard.viewer.view import genotype_view
from engine.genotypes.genotype import notations

st.markdown("#### Genotype viewer")
st.caption(
    plain(
        f"Paste a genotype, which begins with {notations()}, a whole search result, a log, a genotypes.py, "
        "or what other programs write."
    )
)
left, right = st.columns([3, 2], vertical_alignment="top")
with left:
    text = text_control()
    name = name_control(text)
with right:
    space = space_control()
    source_controls()

genotype_is_valid = keep_genotype(text, space, name)
if (genotype := state(ViewerState).genotype) is not None:
    if not genotype_is_valid:
        st.caption("The last valid genotype:")
    genotype_view(genotype)
