"""Viewer: any notation in, the picture, the worth, the cost and the files out."""

import streamlit as st

from dashboard.server.state import state
from dashboard.viewer.controls import genotype_controls, keep_genotype
from dashboard.viewer.state import ViewerState
from dashboard.viewer.view import genotype_view

is_read = keep_genotype(genotype_controls())
if (genotype := state(ViewerState).genotype) is not None:
    genotype_view(genotype, is_read)
else:
    st.title("Viewer", anchor=False)
    st.caption("Paste a genotype above, or take one from *File or sample*.")
