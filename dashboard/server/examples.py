"""Results that ship with the project, so that a first look needs no search."""

from __future__ import annotations

import streamlit as st

from dashboard.server.installation import ASSETS
from engine import SearchConfig, SearchResult
from engine.spaces import SearchSpace

FIRST_QUESTION = {"max_params": 900_000}
"""What the controls ask at first beside their defaults: a limit, whose answer tells more than that without one."""


@st.cache_resource(show_spinner=False)
def shipped() -> dict[SearchConfig, SearchResult]:
    """Return every shipped result by its question."""
    results = (SearchResult.from_json(path.read_text("utf-8")) for path in sorted((ASSETS / "examples").glob("*.json")))
    return {result.config: result for result in results}


def example_of(space: str | SearchSpace) -> SearchResult:
    """Return the shipped result of a space's default question, or that of NAS-Bench-201 where there is none."""
    results = shipped()
    return results.get(SearchConfig.model_validate({"space": space})) or results[SearchConfig.model_validate({})]
