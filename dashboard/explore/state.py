"""The state of the page Explore."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from engine import SearchConfig, SearchResult
from engine.runs import Run
from engine.searches.search import SearchTask


class OpenedRun(NamedTuple):
    """A run that a link opened, with its result."""

    run: Run
    result: SearchResult


@dataclass
class ExploreState:
    """The first visit, the replay, the file on its way, the preview, and the run that the link opened.

    `address_taken` is True once the controls have been set as the address of this visit says.
    `space` is that of the controls, as a configuration has it, None before they are drawn and where a link set them.
    `page_changed` is True where the pictures changed the question, which is drawn outside of them.
    `replayed` is the result whose frames the browser has asked for. `awaited` is the last preview that the page waited
    for, due at `preview_due` seconds of `time.monotonic`.

    `run_id` is that of the last link that was followed, and `run` or `link_complaint` its outcome. `run_question` is
    the question of the controls when they were drawn with it first, None if it was not valid, once `question_noted`.
    """

    visited: bool = False
    address_taken: bool = False
    space: Any = None
    page_changed: bool = False
    replayed: SearchResult | None = None
    file: dict[str, Any] = field(default_factory=dict)
    awaited: SearchTask | None = None
    preview_due: float = 0.0
    run_id: str = ""
    run: OpenedRun | None = None
    link_complaint: str = ""
    run_question: SearchConfig | None = None
    question_noted: bool = False
