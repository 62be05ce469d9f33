"""The best result that is known for a question, and the one that a session looked at last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from dashboard.server import session
from dashboard.server.examples import shipped
from dashboard.server.jobs import DONE
from engine import SearchConfig, SearchResult

SHIPPED, COMPUTED, CACHED, PREVIEW, KEPT = "shipped", "computed", "cached", "preview", "kept"
"""The origins of a result."""


class ShownResult(NamedTuple):
    """The result on the page, its origin, and True where it answers the question that the controls ask."""

    result: SearchResult
    origin: str
    answers: bool = True


@dataclass
class LastResult:
    """The result that a session looked at last on Explore; other pages mark it."""

    shown: ShownResult | None = None


def best_result(config: SearchConfig) -> ShownResult | None:
    """Return the best result that is known for `config`: the search itself, or else its preview."""
    answer = session.known_answer(session.search_task(config))
    if isinstance(answer, SearchResult):
        own = session.job()
        fresh = own is not None and own.state == DONE and own.result is answer and own.progress is not None
        return ShownResult(answer, COMPUTED if fresh else CACHED)
    if config in shipped():
        return ShownResult(shipped()[config], SHIPPED)
    preview = session.known_answer(session.preview_task(config))
    return ShownResult(preview, PREVIEW) if isinstance(preview, SearchResult) else None
