"""The two pictures of a result as plain data for the browser: fields of the heatmap, edges of the cell, steps.

A field is a text and a level of the palette; an edge is an operation, a width and the way it is drawn. Numbers are
written and coloured here, so that the script in the browser only places them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np

from dashboard.parts.cell import replayed_arrows, selected_arrows
from dashboard.parts.view import View, connection_noun, tie_shares
from engine import SearchResult
from engine.exports.colours import ink_on, positive_limits, scale_position, viridis
from engine.exports.drawing import Arrow, cell_title
from engine.exports.svg import supernet_svg
from engine.operations.registry import get_operation
from engine.spaces import Edge, SearchSpace

LEVELS = 64
"""The number of colours of the palette."""
NOTHING = -1
"""The level of a field that carries nothing."""
KEPT, PALE, DROPPED = "kept", "pale", "dropped"
"""The ways an edge is drawn: chosen, undecided or left out by its node."""


class Look(NamedTuple):
    """A result with the number that its heatmap shows, and the scale of its colours."""

    result: SearchResult
    importance: str = "edge"
    log: bool = True

    def view(self, kind: str, step: int | None = None) -> View:
        """Return the view of a cell type, at a step of the pruning."""
        return View(self.result, kind, self.importance, self.log, step)


@cache
def palette() -> list[tuple[str, str]]:
    """Return the colours of the fields, each with its ink."""
    colours = [viridis(level / (LEVELS - 1)) for level in range(LEVELS)]
    return [(colour, ink_on(colour)) for colour in colours]


@lru_cache(maxsize=64)
def picture(look: Look) -> dict[str, Any]:
    """Return everything of a result that does not change while it is looked at."""
    space = look.result.space
    return {
        "id": str(id(look.result)),
        "noun": connection_noun(space),
        "steps": len(look.result.steps),
        "palette": palette(),
        "operations": [_operation(name) for name in space.operations],
        "cells": [_cell(look, kind) for kind in space.cell_types],
    }


def _operation(name: str) -> dict[str, Any]:
    operation = get_operation(name)
    return {
        "name": name,
        "title": operation.title,
        "short": operation.short,
        "colour": operation.colour,
        "ink": ink_on(operation.colour),
        "zero": operation.zero,
    }


def _cell(look: Look, kind: str) -> dict[str, Any]:
    view, space = look.view(kind), look.result.space
    limits = positive_limits(view.values().ravel())
    kept = {gene[:2] for gene in look.result.genotype.cells[kind]}
    return {
        "kind": kind,
        "title": cell_title(kind),
        "edges": [space.edge_name(edge) for edge in space.edges],
        "ids": [f"edge-{kind}-{edge.source}-{edge.target}" for edge in space.edges],
        "svg": supernet_svg(space, kind),
        **_fields(view, limits),
        "live": view.live.astype(int).ravel().tolist(),
        "chosen": [space.operations.index(name) for name in look.result.chosen(kind).values()],
        "kept": [int(edge in kept) for edge in map(tuple, space.edges)],
        "words": field_words(view),
        "arrows": _edges(space, selected_arrows(view, everything=True), DROPPED),
    }


def _fields(view: View, limits: tuple[float, float]) -> dict[str, Any]:
    values = view.values().ravel().tolist()
    levels = [round(scale_position(x, *limits, view.log) * (LEVELS - 1)) if x > 0 else NOTHING for x in values]
    return {"texts": [number_text(view.importance, value) for value in values], "levels": levels}


def number_text(importance: str, value: float) -> str:
    """Return a number as a field of the heatmap holds it, in four signs or so."""
    if value <= 0:
        return "·"
    if importance == "score":
        return f"{value:.3g}"
    digits = 0 if importance == "edge" else 2
    if value < 0.5 * 10**-digits:
        return "<1" if importance == "edge" else "<.01"
    return f"{value:.{digits}f}" if value >= 1 else f"{value:.{digits}f}".lstrip("0") or "1"


def _edges(space: SearchSpace, arrows: Sequence[Arrow], faint: str) -> list[list[Any]]:
    """Return how every edge of a space is drawn: its operation, its width of 0 to 1, the way, and a note."""
    drawn: list[list[Any]] = [[0, 0.0, DROPPED, ""] for _ in space.edges]
    for arrow in arrows:
        edge = space.edges.index(Edge(*arrow.gene[:2]))
        way = faint if arrow.faint else KEPT
        drawn[edge] = [space.operations.index(arrow.gene.operation), round(arrow.width, 3), way, arrow.note]
    return drawn


@lru_cache(maxsize=8)
def replay_frames(look: Look) -> dict[str, Any]:
    """Return the pruning of a result: its passes, and for each step the pass, what it drops, edges and a sentence."""
    result = look.result
    kinds = result.space.cell_types
    steps = range(len(result.steps) + 1)
    at_pass = [look.view(kinds[0], step).at_pass for step in steps]
    first_steps = [at_pass.index(number) for number in range(max(at_pass) + 1)]
    views = [[look.view(kind, step) for kind in kinds] for step in first_steps]
    limits = positive_limits(np.concatenate([view.values().ravel() for row in views for view in row]).tolist())
    names = result.space.operations
    return {
        "passes": [[_fields(view, limits) for view in row] for row in views],
        "at": at_pass,
        "drops": [[kinds.index(step.cell), step.edge, names.index(step.operation)] for step in result.steps],
        "arrows": [
            [_edges(result.space, replayed_arrows(look.view(kind, step)), PALE) for kind in kinds] for step in steps
        ],
        "sentences": [step_sentence(result, step) for step in steps],
    }


def step_sentence(result: SearchResult, step: int) -> str:
    """Return a sentence on what the pruning has dropped at a step, 0 before the first one."""
    steps = result.steps
    if step == 0:
        return f"step 0 of {len(steps)}: every operation is live"
    dropped = steps[step - 1]
    edge = result.space.edge_name(result.space.edges[dropped.edge])
    cell = "" if len(result.space.cell_types) == 1 else f", {cell_title(dropped.cell).lower()}"
    return f"step {step} of {len(steps)}: {get_operation(dropped.operation).title} on {edge}{cell} dropped"


_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


def field_words(view: View) -> list[str]:
    """Return a sentence on every field: what it carries, its rank on its edge, and what was kept there."""
    space, live, chosen = view.result.space, view.live, view.result.chosen(view.kind)
    percent = View(view.result, view.kind, "edge", step=view.step).values()
    shares, noun = view.shares(), connection_noun(space)
    sentences = []
    for row, edge in enumerate(space.edges):
        kept = space.operations.index(chosen[row])
        tied = tie_shares(shares[row])
        for column, name in enumerate(space.operations):
            start = f"{space.edge_name(edge)} · {get_operation(name).title}"
            if not live[row, column]:
                sentences.append(f"{start}: not allowed on this {noun}.")
                continue
            rank, count = int((tied > tied[column]).sum()), int(live[row].sum())
            place = f"{_ORDINALS[rank]} of {count}" if count > 1 else "the only one"
            sentence = (
                f"{start} carries {percent[row, column]:.3g} % of this {noun}'s signal, {place} "
                f"(flow share {shares[row, column]:.3g})."
            )
            if column == kept:
                sentences.append(f"{sentence} Kept.")
            else:
                instead = f"{get_operation(chosen[row]).title} ({percent[row, kept]:.3g} %)"
                sentences.append(f"{sentence} Kept instead: {instead}.")
    return sentences


def finding(result: SearchResult) -> str:
    """Return what a search found, in a few words: how often each operation stands in the cells."""
    space = result.space
    words: dict[str, list[str]] = {}
    for kind in space.cell_types:
        words.setdefault(_counts(result, kind), []).append(cell_title(kind).removesuffix(" cell"))
    if len(space.cell_types) == 1 or len(words) == 1:
        return next(iter(words))
    return "; ".join(f"{kinds[0]}: {counts}" for counts, kinds in words.items())


def _counts(result: SearchResult, kind: str) -> str:
    names = [gene.operation for gene in result.genotype.cells[kind]]
    counts = sorted(((names.count(name), name) for name in set(names)), key=lambda pair: (-pair[0], pair[1]))
    noun = f"{connection_noun(result.space)}{'s' if len(names) > 1 else ''}"
    first, *others = [f"{get_operation(name).title} on {count}" for count, name in counts]
    if not others:
        return f"{get_operation(names[0]).title} on all {len(names)} {noun}"
    return ", ".join([f"{first} of {len(names)} {noun}", *others])
