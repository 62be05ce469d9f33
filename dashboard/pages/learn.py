"""The page Learn: FreeFlow by hand, on a supernet and pruned by the reader; where it fails, neighbours, warnings."""

import streamlit as st

from dashboard.learn.failures import failure_view
from dashboard.learn.supernet_view import supernet_view
from dashboard.learn.toy import toy_view
from dashboard.learn.view import neighbour_view, recipe_view, score_view, source_view, trap_view
from dashboard.learn.words import CONTENTS, INTRODUCTION, TOY
from dashboard.parts.accuracy_table import chosen_column

column = chosen_column(None)
st.title("Learn", anchor=False)
st.markdown(INTRODUCTION)
st.markdown(CONTENTS)
left, right = st.columns(2, gap="large")
with left:
    st.header("By hand", anchor="by-hand")
    st.markdown(TOY)
    toy_view()
with right:
    score_view()
supernet_view(column)
failure_view(column)
neighbour_view()
recipe_view()
trap_view()
source_view()
