"""The dashboard's entry point: page configuration and navigation. Run it with `streamlit run app.py`."""

from pathlib import Path

import streamlit as st

from dashboard.parts.progress import watch_all
from dashboard.start import enter, warm_up

ASSETS = Path(__file__).parent / "assets"

st.set_page_config(page_title="FreeNAS", page_icon=str(ASSETS / "icon.svg"), layout="wide", initial_sidebar_state=330)
st.logo(str(ASSETS / "logo.svg"), icon_image=str(ASSETS / "icon.svg"), size="large")

enter()
warm_up()

page = st.navigation(
    [
        st.Page("dashboard/pages/explore.py", title="Explore", icon=":material/grid_view:", default=True),
        st.Page("dashboard/pages/atlas.py", title="Atlas", icon=":material/scatter_plot:"),
        st.Page("dashboard/pages/compare.py", title="Compare", icon=":material/compare:"),
        st.Page("dashboard/pages/evidence.py", title="Evidence", icon=":material/fact_check:"),
        st.Page("dashboard/pages/runs.py", title="Runs", icon=":material/history:"),
        st.Page("dashboard/pages/viewer.py", title="Genotype viewer", icon=":material/account_tree:"),
        st.Page("dashboard/pages/how_it_works.py", title="How it works", icon=":material/school:"),
    ],
    position="top",
)
progress = st.container()
page.run()
with progress:  # on every page, since a job that no page looks at is ended
    watch_all()
