"""The registry of search spaces."""

from __future__ import annotations

from engine.errors import unknown
from engine.spaces import darts, nas_bench_201
from engine.spaces.base import CellPlan, Edge, Gene, Plan, SearchSpace, Size

SPACES: dict[str, SearchSpace] = {space.name: space for space in (nas_bench_201.SPACE, darts.SPACE)}


def spaces() -> dict[str, SearchSpace]:
    """Every search space by name."""
    return dict(SPACES)


def space(name: str) -> SearchSpace:
    """The search space called `name`; `ValueError` names the value and what is allowed."""
    if not isinstance(name, str) or name not in SPACES:
        raise unknown("search space", name, SPACES)
    return SPACES[name]


__all__ = ["SPACES", "CellPlan", "Edge", "Gene", "Plan", "SearchSpace", "Size", "space", "spaces"]
