"""The page Learn: FreeFlow in formulas and by hand, the recipes, the traps, the sources."""

import streamlit as st

from dashboard.learn.view import recipe_view, score_view, toy_view, trap_view
from dashboard.learn.words import INTRODUCTION, SOURCES

st.markdown("#### Learn")
st.markdown(INTRODUCTION)
left, right = st.columns(2, gap="large")
with left:
    score_view()
with right:
    toy_view()
recipe_view()
trap_view()
st.markdown("##### Sources")
st.markdown(SOURCES)
