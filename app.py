"""The dashboard's entry point: its script behind a gate. Run it with `streamlit run app.py`."""

from starlette.middleware import Middleware
from streamlit.starlette import App

from dashboard.frame.life import server_life
from dashboard.server.gate import Gate
from dashboard.server.installation import SCRIPT
from dashboard.server.upload_room import UploadRoom

app = App(SCRIPT, middleware=[Middleware(Gate), Middleware(UploadRoom)], lifespan=server_life)
