"""The answers that a session has put aside, to stand side by side on the page Compare, and the button that does so.

An answer is a question that was or will be searched, a run that was kept, or an architecture alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import streamlit as st

from dashboard.server.navigation import open_page
from dashboard.server.state import state
from engine import SearchConfig
from engine.genotypes.genotype import Genotype
from engine.runs import Run
from engine.spaces import SearchSpace

MOST_COMPARED = 12
"""The most answers side by side, all of one space."""
ComparedItem = SearchConfig | Run | Genotype


@dataclass
class ComparisonState:
    """The answers that a session has put aside, of any spaces, in the order in which that was done."""

    items: list[ComparedItem] = field(default_factory=list)


def item_space(item: ComparedItem) -> SearchSpace:
    """Return the space of what is compared."""
    match item:
        case SearchConfig():
            return item.search_space
        case Run():
            return item.architecture.space
        case Genotype():
            return item.space


def compared_items(space: SearchSpace | None = None) -> list[ComparedItem]:
    """Return what this session has put aside, in one space or in all."""
    return [item for item in state(ComparisonState).items if space is None or item_space(item) == space]


def _is_compared(item: ComparedItem) -> bool:
    """Return True for what this session has put aside; a run is the same whatever it is called."""
    return any(_same(item, other) for other in state(ComparisonState).items)


def _addition_complaint(items: Sequence[ComparedItem]) -> str:
    """Return the reason why these, which are of one space, cannot be added to what was put aside, or nothing."""
    new = [item for item in items if not _is_compared(item)]
    here = len(compared_items(item_space(new[0]))) if new else 0
    if here + len(new) <= MOST_COMPARED:
        return ""
    return f"At most {MOST_COMPARED} stand side by side: {here} are there, and {len(new)} would come."


def add(items: Iterable[ComparedItem]) -> None:
    """Put these aside, each once; `ValueError` where they would be more than may stand side by side."""
    new = [*dict.fromkeys(items)]
    if complaint := _addition_complaint(new):
        raise ValueError(complaint)
    state(ComparisonState).items += [item for item in new if not _is_compared(item)]


def remove(items: Iterable[ComparedItem]) -> None:
    """Let go of these."""
    gone = list(items)
    memory = state(ComparisonState)
    memory.items = [item for item in memory.items if not any(_same(item, other) for other in gone)]


def _same(item: ComparedItem, other: ComparedItem) -> bool:
    return item.id == other.id if isinstance(item, Run) and isinstance(other, Run) else item == other


def compare_button(items: Sequence[ComparedItem], key: str, label: str = "Compare", disabled: bool = False) -> None:
    """Draw the button that puts these aside; once they are, it opens the page Compare instead."""
    if items and all(map(_is_compared, items)):
        count = len(compared_items(item_space(items[0])))
        if st.button(f"Compare {count}", icon=":material/compare:", key=f"{key} opens", help="Opens the page Compare."):
            open_page("compare")
        return
    complaint = _addition_complaint(items)
    st.button(
        label,
        icon=":material/add:",
        key=key,
        disabled=disabled or not items or bool(complaint),
        help=complaint or "Puts this beside others on the page Compare.",
        on_click=add,
        args=[items],
    )


def comparison_complaint(runs: Sequence[Run]) -> str:
    """Return the reason why these runs cannot stand side by side, or nothing."""
    if not 2 <= len(runs) <= MOST_COMPARED:
        return f"Choose 2 to {MOST_COMPARED} runs in one space."
    if any(run.architecture.space != runs[0].architecture.space for run in runs):
        return f"These runs are in different spaces: {', '.join(dict.fromkeys(run.space for run in runs))}."
    return ""
