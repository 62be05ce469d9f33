"""The state of the page Explore."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from dashboard.parts.view import NO_SELECTION, Selection
from engine import SearchConfig, SearchResult
from engine.runs import Run
from engine.searches.search import SearchTask


class OpenedRun(NamedTuple):
    """A run that a link opened, with its result."""

    run: Run
    result: SearchResult


@dataclass
class ExploreState:
    """The selection, the replay that plays, the preview, and the run that the link in the address bar opened.

    `awaited` is the last preview that the page waited for, due at `preview_due` seconds of `time.monotonic`.

    `run_id` is that of the last link that was followed, and `run` or `link_complaint` its outcome. `run_question` is
    the question of the controls when they were drawn with it first, None if it was not valid, once `question_noted`.
    """

    selection: Selection = NO_SELECTION
    playing: bool = False
    awaited: SearchTask | None = None
    preview_due: float = 0.0
    run_id: str = ""
    run: OpenedRun | None = None
    link_complaint: str = ""
    run_question: SearchConfig | None = None
    question_noted: bool = False
