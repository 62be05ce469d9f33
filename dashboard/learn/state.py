"""The state of the page Learn."""

from __future__ import annotations

from dataclasses import dataclass, field

from dashboard.learn.pruning import ReaderPruning
from engine import SearchResult
from engine.supernets.toy import Toy


@dataclass
class LearnState:
    """The toy, the reader's pruning, and the last result of each figure that is drawn from one.

    `answers` counts what the figures asked for and were answered. `complaint` is of the last click, if it was refused.
    """

    toy: Toy = field(default_factory=Toy)
    pruning: ReaderPruning = field(default_factory=ReaderPruning)
    results: dict[str, SearchResult] = field(default_factory=dict)
    answers: int = 0
    complaint: str = ""
