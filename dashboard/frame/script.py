"""The script of the dashboard: page configuration and navigation, for every session and page."""

import streamlit as st

from dashboard.frame.start import enter, warm_up
from dashboard.parts.progress import watch_all
from dashboard.server import session
from dashboard.server.installation import ASSETS
from dashboard.server.navigation import PAGES

st.set_page_config(page_title="FreeNAS", page_icon=str(ASSETS / "icon.svg"), layout="wide", initial_sidebar_state=330)
st.logo(str(ASSETS / "logo.svg"), icon_image=str(ASSETS / "icon.svg"), size="large")

enter()
warm_up()

scripts = [st.Page(page.script, title=page.title, icon=page.icon, default=not page.address) for page in PAGES.values()]
page = st.navigation(scripts, position="top")
progress = st.container() if session.active_jobs() else st.empty().container()  # the old one is gone at once
session.adopt_orphans()
page.run()
with progress:  # on every page, since a job that no page looks at is ended
    watch_all()
