"""The dashboard's entry point: its script behind a gate. Run it with `streamlit run app.py`."""

from starlette.middleware import Middleware
from streamlit.starlette import App

from dashboard.server.gate import Gate
from dashboard.server.installation import SCRIPT

app = App(SCRIPT, middleware=[Middleware(Gate)])
