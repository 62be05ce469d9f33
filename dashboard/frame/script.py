"""The script of the dashboard: page configuration, navigation and header, for every session and page."""

import streamlit as st

from dashboard.frame.header import Header
from dashboard.frame.start import enter, warm_up
from dashboard.server import session
from dashboard.server.installation import ASSETS
from dashboard.server.navigation import PAGES, note_page

st.set_page_config(page_title="FreeNAS", page_icon=str(ASSETS / "icon.svg"), layout="wide")

scripts = [st.Page(page.script, title=page.title, default=not page.address) for page in PAGES.values()]
page = st.navigation(scripts, position="hidden")
enter()
warm_up()
header = Header()
session.adopt_orphans()
note_page(page.url_path)
page.run()
header.show_work()  # on every page, since a job that no page looks at is ended
