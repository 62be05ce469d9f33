"""A page that draws the table of the header alone, and says what pages of NAS-Bench-201 and of DARTS have of it."""

import streamlit as st

from dashboard.parts.accuracy_table import chosen_column
from dashboard.parts.table_switcher import table_switcher

table_switcher()
columns = (chosen_column("nas-bench-201"), chosen_column("darts"))
st.text(" | ".join("nothing" if column is None else column.column.description for column in columns))
