"""Owners of runs: the names under which sessions keep them, and who may change them.

Where a login is set up, only who searched or imported a run changes it, and those of `FREENAS_ADMINS`, a list of e-mail
addresses or subjects with commas between. Where there is none, everybody may change every run.
"""

from __future__ import annotations

import os

import streamlit as st

from dashboard.server.browser import browser
from engine.runs import Run
from engine.runs.run import owner_name


def session_owner() -> str:
    """Return the name under which this session keeps runs: that of its login, else of its browser."""
    return owner_name(browser())


def changing_owner() -> str | None:
    """Return the owner whose runs this session may change, None where it may change every run."""
    return None if st.user.get("is_logged_in") is None or _is_admin() else session_owner()


def may_change(run: Run) -> bool:
    """Return True where this session may change a run."""
    return changing_owner() in (None, run.owner)


def _is_admin() -> bool:
    """Return True for a login on the list; an address that its provider has not verified is nobody's."""
    names = {str(st.user.get("sub") or "")}
    if str(st.user.get("email_verified")).lower() != "false":
        names.add(str(st.user.get("email") or ""))
    listed = {name.strip().casefold() for name in os.environ.get("FREENAS_ADMINS", "").split(",")}
    return bool(st.user.get("is_logged_in")) and not listed.isdisjoint(name.casefold() for name in names if name)
