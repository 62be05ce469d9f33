"""Pruning: from scores to one operation an edge, one-shot or iteratively, every step kept.

Scores are arrays `(cell types, edges, operations)`; a mask of the same shape marks the live operations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.common.ties import SHARE_ROUNDING
from engine.proxies.base import Evaluate, Scores
from engine.spaces.masks import Mask

Shares = NDArray[np.float64]
Weigh = Callable[[Shares, Mask], Shares]
"""A map from the shares of live operations to their order of removal, smallest first; infinity keeps an operation."""

EQUAL = SHARE_ROUNDING.relative
"""Scores closer than this, relatively, are equal: of equals, the first in the order of the tables is pruned first."""


@dataclass(frozen=True)
class Removal:
    """An operation that was pruned: its place in the scores, and the pass whose scores condemned it."""

    type_index: int
    edge: int
    operation: int
    at_pass: int


@dataclass
class Pruning:
    """The course of pruning: the scores of every pass, the removals in order, the operations left (one an edge)."""

    passes: list[Scores] = field(default_factory=list)
    removals: list[Removal] = field(default_factory=list)
    live: Mask = field(default_factory=lambda: np.ones((0, 0, 0), dtype=bool))


def by_share(shares: Shares, live: Mask) -> Shares:
    """Return the plain order, by which the smallest share goes first."""
    return shares


def one_shot(evaluate: Evaluate, live: Mask) -> Pruning:
    """Score once; every edge keeps its best operation."""
    (scores,) = evaluate([live])
    pruning = Pruning([scores], live=live.copy())
    for place in _weakest_first(scores.shares, pruning.live, by_share):
        pruning.live[place] = False
        pruning.removals.append(Removal(*place, at_pass=0))
    return pruning


def iterative(
    evaluate: Evaluate,
    live: Mask,
    per_round: int = 1,
    lookahead: int = 1,
    on_pass: Callable[[], None] = lambda: None,
    cells: Sequence[int] | None = None,
    weigh: Weigh = by_share,
) -> Pruning:
    """Score, prune the `per_round` weakest operations over all edges, score again, until one is left on every edge.

    Operations with a score of exactly 0 carry no flow, so they go together without another pass. The last pass scores
    what is left. With `lookahead` > 1 that many passes run side by side: the next masks are guessed from the scores at
    hand, and a guess is used only where it turns out to be the mask that pruning arrives at, so the result is the same.
    `cells`, the number of cells of each type, sharpens the guesses. `weigh` orders the operations, by share unless
    another order is given.
    """
    pruning = Pruning(live=live.copy())
    scored: dict[bytes, Scores] = {}
    current: Scores | None = None
    while True:
        key = pruning.live.tobytes()
        if key not in scored:
            guesses = _guesses(current, scored, pruning.live, per_round, lookahead, cells, weigh)
            scored |= zip((guess.tobytes() for guess in guesses), evaluate(guesses), strict=True)
        current = scored[key]
        pruning.passes.append(current)
        on_pass()
        removed = list(_round(current.shares, pruning.live, per_round, weigh))
        if not removed:
            return pruning
        at_pass = len(pruning.passes) - 1
        pruning.removals += [Removal(*place, at_pass=at_pass) for place in removed]
        for place in removed:
            pruning.live[place] = False


def rounds(live: Mask, zero: int, per_round: int = 1) -> int:
    """Count the passes of iterative pruning where `zero` operations have a score of exactly 0."""
    removals = int(live.sum() - live.any(axis=2).sum()) - zero
    return 1 + max(-(-removals // per_round), min(zero, 1))


def _weakest_first(shares: Shares, live: Mask, weigh: Weigh) -> Iterator[tuple[int, int, int]]:
    """Yield the live operations, weakest first, never the last one of an edge; equals in the order of the tables."""
    live = live.copy()
    left = live.sum(axis=2)
    while (left > 1).any():
        candidates = np.where(live & (left > 1)[..., None], weigh(shares, live), np.inf)
        lowest = candidates.min()
        place = np.unravel_index(int(np.argmax(candidates <= lowest * (1 + EQUAL))), shares.shape)
        type_index, edge, operation = (int(index) for index in place)
        live[type_index, edge, operation] = False
        left[type_index, edge] -= 1
        yield type_index, edge, operation


def _round(shares: Shares, live: Mask, per_round: int, weigh: Weigh) -> Iterator[tuple[int, int, int]]:
    """Yield the operations that one round prunes: all that score 0, then the `per_round` weakest."""
    counted = 0
    for place in _weakest_first(shares, live, weigh):
        counted += shares[place] > 0
        if counted > per_round:
            return
        yield place


def _guesses(
    current: Scores | None,
    scored: Mapping[bytes, Scores],
    live: Mask,
    per_round: int,
    lookahead: int,
    cells: Sequence[int] | None,
    weigh: Weigh,
) -> list[Mask]:
    """Return `live`, and the masks that are likely to follow it by the current scores and are not scored yet.

    Of the flow that does not pass through a removed operation, the others on its edge hold a larger share than before:
    with a share of p in n cells gone, `1 / (1 - p / n)` times as much.
    """
    guesses = [live.copy()]
    if current is None:
        return guesses
    shares = current.shares.copy()
    following = live.copy()
    while len(guesses) < lookahead and (following.sum(axis=2) > 1).any():
        for place, _ in zip(_weakest_first(shares, following, weigh), range(per_round), strict=False):
            following[place] = False
            if cells is not None:
                type_index, edge, _ = place
                shares[type_index, edge] /= max(0.1, 1 - shares[place] / cells[type_index])
        if (scores := scored.get(following.tobytes())) is None:
            guesses.append(following.copy())
        else:
            shares = scores.shares.copy()
    return guesses
