"""The state of the page Explore."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from dashboard.parts.view import NO_SELECTION, Selection
from engine import SearchConfig, SearchResult
from engine.runs import Run


class OpenedRun(NamedTuple):
    """A run that a link opened, with its result."""

    run: Run
    result: SearchResult


@dataclass
class ExploreState:
    """The selection, the replay that plays, and the run that the link in the address bar opened.

    `run_id` is that of the last link that was followed, and `run` or `link_complaint` its outcome. `run_question` is
    the question of the controls when they were drawn with it first, None if it was not valid, once `question_noted`.
    """

    selection: Selection = NO_SELECTION
    playing: bool = False
    run_id: str = ""
    run: OpenedRun | None = None
    link_complaint: str = ""
    run_question: SearchConfig | None = None
    question_noted: bool = False
