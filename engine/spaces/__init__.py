"""The registry of search spaces, and the reader of own ones."""

from __future__ import annotations

from engine.common.errors import unknown_name
from engine.common.jsontext import load_json
from engine.spaces import darts, mobilenet, nas_bench_1shot1, nas_bench_201, nas_bench_macro, robust_darts
from engine.spaces.base import SearchSpace
from engine.spaces.own import OwnSpace, read_space
from engine.spaces.plan import CellPlan, Edge, Gene, Plan, Size

SPACES: dict[str, SearchSpace] = {
    space.name: space
    for space in (
        *(nas_bench_201.SPACE, darts.SPACE, *robust_darts.FAMILY),
        *(nas_bench_macro.SPACE, mobilenet.SPACE, *nas_bench_1shot1.FAMILY),
    )
}


def get_space(value: object) -> SearchSpace:
    """Return a search space: a registered one by its name, an own one by its document as plain data, or as it is.

    `ValueError` names the value and what is allowed, or the place of the first error in a document.
    """
    if isinstance(value, SearchSpace):
        return value
    if isinstance(value, dict):
        return _own(value)
    if not isinstance(value, str) or value not in SPACES:
        raise unknown_name("search space", value, SPACES)
    return SPACES[value]


def load_space(text: str) -> OwnSpace:
    """Read an own search space from JSON text (`assets/search-space.schema.json`).

    `ValueError` says in one sentence what is wrong and where.
    """
    return _own(load_json(text))


def _own(document: object) -> OwnSpace:
    space = read_space(document)
    if space.name in SPACES:
        raise ValueError(f"name: '{space.name}' is the name of a registered search space; take another")
    return space


__all__ = [
    "SPACES",
    "CellPlan",
    "Edge",
    "Gene",
    "OwnSpace",
    "Plan",
    "SearchSpace",
    "Size",
    "get_space",
    "load_space",
]
