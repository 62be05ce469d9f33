"""A supernet of NAS-Bench-201 that the reader prunes: what was dropped, and the questions that the engine answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from engine import SearchConfig, SearchResult
from engine.common.errors import explain
from engine.operations.registry import get_operation
from engine.searches.constraints import EdgeOperation
from engine.searches.search import SearchTask
from engine.spaces import get_space
from engine.spaces.masks import Mask

SPACE = get_space("nas-bench-201")
(KIND,) = SPACE.cell_types


class Candidate(NamedTuple):
    """An operation on an edge, by their indices in the space."""

    edge: int
    operation: int

    @property
    def id(self) -> str:
        """Return a text for the browser, such as `3-1`."""
        return f"{self.edge}-{self.operation}"

    @property
    def title(self) -> str:
        """Return its name for people, such as `0→3 · conv 3×3`."""
        title = get_operation(SPACE.operations[self.operation]).title
        return f"{SPACE.edge_name(SPACE.edges[self.edge])} · {title}"

    @property
    def constraint(self) -> str:
        """Return its name in a question."""
        return EdgeOperation(KIND, SPACE.edges[self.edge], SPACE.operations[self.operation]).text(SPACE)


CANDIDATES = {place.id: place for place in (Candidate(*place) for place in np.argwhere(SPACE.candidates[0]).tolist())}
"""Every operation on every edge, by its id."""


@dataclass(frozen=True)
class ReaderPruning:
    """The steps of a reader who prunes the supernet of a seed; each step dropped one operation or several."""

    seed: int = 0
    steps: tuple[tuple[Candidate, ...], ...] = ()

    @property
    def dropped(self) -> frozenset[Candidate]:
        """Return the operations that were dropped."""
        return frozenset(place for step in self.steps for place in step)

    @property
    def live(self) -> Mask:
        """Return the mask of the operations that are left, `(edges, operations)`."""
        live: Mask = SPACE.candidates[0].copy()
        for place in self.dropped:
            live[place] = False
        return live

    @property
    def finished(self) -> bool:
        """Return True where one operation an edge is left."""
        return bool((self.live.sum(axis=1) == 1).all())

    @property
    def task(self) -> SearchTask:
        """Return the search, in the closed form, that begins with what is left.

        Its first pass scores the supernet as it is, its steps are what FreeNAS would drop next. `ValueError` where
        nothing flows any more.
        """
        banned = tuple(place.constraint for place in sorted(self.dropped))
        question = {"space": SPACE.name, "seed": self.seed, "field": "interior", "banned": banned}
        return SearchTask(config=SearchConfig.model_validate(question))

    def drop(self, place: Candidate) -> ReaderPruning:
        """Return the pruning after one operation more was dropped; `ValueError` for one that must stay."""
        live = self.live
        if not live[place]:
            return self
        if live[place.edge].sum() == 1:
            raise ValueError(f"{place.title} is the last operation on its connection; one must be left")
        return self._after((place,))

    def keep(self, place: Candidate) -> ReaderPruning:
        """Return the pruning after all others on the edge of an operation were dropped; `ValueError` as in `drop`."""
        if place in self.dropped:
            raise ValueError(f"{place.title} was dropped; take that back first")
        others = tuple(other for other in CANDIDATES.values() if other.edge == place.edge and other != place)
        return self._after(tuple(other for other in others if other not in self.dropped))

    def follow(self, result: SearchResult, most: int | None = None) -> ReaderPruning:
        """Return the pruning after the first `most` steps of a result, or all of them, were taken."""
        names = SPACE.operations
        return self._after(tuple(Candidate(step.edge, names.index(step.operation)) for step in result.steps[:most]))

    def undo(self) -> ReaderPruning:
        """Return the pruning before its last step."""
        return replace(self, steps=self.steps[:-1])

    def _after(self, step: tuple[Candidate, ...]) -> ReaderPruning:
        if not step:
            return self
        pruned = replace(self, steps=(*self.steps, step))
        try:
            _ = pruned.task
        except ValueError as error:
            raise ValueError(f"{_place_names(step)} cannot go: {explain(error)}") from error
        return pruned


def _place_names(places: tuple[Candidate, ...]) -> str:
    """Name some operations in a sentence."""
    return ", ".join(place.title for place in places)


def agreement(one: SearchResult, other: SearchResult) -> int:
    """Count the edges that have the same operation in two results."""
    chosen = one.chosen(KIND), other.chosen(KIND)
    return sum(chosen[0][edge] == chosen[1][edge] for edge in range(len(SPACE.edges)))
