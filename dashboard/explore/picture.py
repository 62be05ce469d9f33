"""The two pictures of a result as plain data for the browser: fields of the heatmap, edges of the cell, steps.

A field is a text and a level of the palette; an edge is an operation, a width and the way it is drawn. Numbers are
written and coloured here, so that the script in the browser only places them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

from dashboard.parts.importance import connection_noun
from engine import SearchResult
from engine.common.ties import tie
from engine.exports.colours import ink_on, positive_limits, scale_position, viridis
from engine.exports.drawing import Arrow, cell_title
from engine.exports.svg import supernet_svg
from engine.operations.registry import get_operation
from engine.proxies import Proxy, get_proxy
from engine.searches.frame import STORED_ROUNDING, Frame, FrameScale, common_scale
from engine.spaces import Edge, SearchSpace

_LEVELS = 64
"""The number of colours of the palette."""
NOTHING = -1
"""The level of a field that carries nothing."""
_MOST_REPLAYED = 100_000
"""Fields and edges in all frames of a replay: a second or two, and some megabytes."""
KEPT, PALE, DROPPED = "kept", "pale", "dropped"
"""The ways an edge is drawn: chosen, undecided or left out by its node."""


class PictureLook(NamedTuple):
    """A result with the number that its heatmap shows, and the scale of its colours."""

    result: SearchResult
    importance: str = "edge"
    log: bool = True

    @property
    def scale(self) -> FrameScale:
        """Return the scale of the whole supernet, which spans the numbers of a cell type each."""
        return FrameScale(self.importance, self.log)


@cache
def palette(dark: bool) -> list[tuple[str, str]]:
    """Return the colours of the fields on a light or a `dark` ground, each with its ink."""
    colours = [viridis(level / (_LEVELS - 1), dark) for level in range(_LEVELS)]
    return [(colour, ink_on(colour)) for colour in colours]


@lru_cache(maxsize=64)
def picture(look: PictureLook) -> dict[str, Any]:
    """Return everything of a result that does not change while it is looked at."""
    space = look.result.space
    return {
        "id": str(id(look.result)),
        "noun": connection_noun(space),
        "thicker": f"thicker = more {_signal_noun(get_proxy(look.result.config.proxy))} at the last step",
        "steps": len(look.result.steps) if is_replayable(look.result) else 0,
        "about": _replay_words(look.result),
        "palettes": {"light": palette(dark=False), "dark": palette(dark=True)},
        "operations": [_operation(name) for name in space.operations],
        "cells": [_cell(look, kind) for kind in space.cell_types],
    }


def is_replayable(result: SearchResult) -> bool:
    """Return True where the frames of all steps are not too much for a page."""
    space = result.space
    drawn = len(result.passes) * len(space.operations) + len(result.steps)
    return drawn * len(space.edges) * len(space.cell_types) <= _MOST_REPLAYED


def _replay_words(result: SearchResult) -> str:
    if not result.steps:
        return "this recipe prunes in one step"
    if is_replayable(result):
        return "how the supernet was pruned, step by step"
    return f"{len(result.steps):,} steps are too many here; the replay under Export shows some"


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


def _cell(look: PictureLook, kind: str) -> dict[str, Any]:
    result, space = look.result, look.result.space
    frame, last = result.frame(kind), result.frame(kind, len(result.steps))
    return {
        "title": cell_title(kind),
        "edges": [space.edge_name(edge) for edge in space.edges],
        "ids": [f"edge-{kind}-{edge.source}-{edge.target}" for edge in space.edges],
        "svg": supernet_svg(space, kind),
        **_fields(frame, look.scale),
        "live": frame.live.astype(int).ravel().tolist(),
        "chosen": [space.operations.index(name) for name in result.chosen(kind).values()],
        "kept": [int(edge in frame.kept) for edge in range(len(space.edges))],
        "words": _field_words(frame),
        "alt": f"Chosen: {_chosen_words(frame)}.",
        "arrows": _edges(space, last.arrows(), DROPPED),
    }


def _chosen_words(frame: Frame) -> str:
    names = {frame.space.edge_name(frame.space.edges[edge]): name for edge, name in frame.decided.items()}
    return ", ".join(f"{edge} {get_operation(name).title}" for edge, name in names.items())


def _fields(frame: Frame, scale: FrameScale) -> dict[str, Any]:
    values = frame.numbers(scale.importance, scale.exponent).values.ravel().tolist()
    limits = scale.limits or positive_limits(values)
    levels = [round(scale_position(x, *limits, scale.log) * (_LEVELS - 1)) if x > 0 else NOTHING for x in values]
    return {"texts": [number_text(scale.importance, value) for value in values], "levels": levels}


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
def replay_frames(look: PictureLook) -> dict[str, Any]:
    """Return the pruning of a result: its passes, and for each step the pass, what it drops, edges and a sentence."""
    result, kinds = look.result, look.result.space.cell_types
    frames = [[result.frame(kind, step) for kind in kinds] for step in range(len(result.steps) + 1)]
    passes = [*(step.at_pass for step in result.steps), len(result.passes) - 1]
    first = [frames[passes.index(number)] for number in sorted(set(passes))]
    scale = common_scale([frame for row in first for frame in row], look.importance, look.log)
    names = result.space.operations
    return {
        "passes": [[_fields(frame, scale) for frame in row] for row in first],
        "at": [sorted(set(passes)).index(number) for number in passes],
        "drops": [[kinds.index(step.cell), step.edge, names.index(step.operation)] for step in result.steps],
        "arrows": [[_edges(result.space, frame.arrows(), PALE) for frame in row] for row in frames],
        "sentences": [_step_sentence(result, step) for step in range(len(frames))],
    }


def _step_sentence(result: SearchResult, step: int) -> str:
    """Return a sentence on what the pruning has dropped at a step, 0 before the first one."""
    steps = result.steps
    if step == 0:
        return f"step 0 of {len(steps)}: every operation is live"
    dropped = steps[step - 1]
    edge = result.space.edge_name(result.space.edges[dropped.edge])
    cell = "" if len(result.space.cell_types) == 1 else f", {cell_title(dropped.cell).lower()}"
    return f"step {step} of {len(steps)}: {get_operation(dropped.operation).title} on {edge}{cell} dropped"


_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def _ordinal(rank: int) -> str:
    return _ORDINALS[rank] if rank < len(_ORDINALS) else f"number {rank + 1}"


def _signal_noun(proxy: Proxy) -> str:
    """Return the word for what an operation carries, by its proxy."""
    return "signal" if proxy.unit == "flow" else proxy.unit


def _field_words(frame: Frame) -> list[str]:
    """Return a sentence on every field: what it carries, its rank on its edge, and what was kept there."""
    space, noun = frame.space, connection_noun(frame.space)
    percent, signal = frame.numbers("edge").values, _signal_noun(frame.proxy)
    sentences = []
    for row, edge in enumerate(space.edges):
        chosen = frame.decided[row]
        kept, tied = space.operations.index(chosen), tie(frame.shares[row], STORED_ROUNDING)
        instead = f"Kept instead: {get_operation(chosen).title} ({percent[row, kept]:.3g} %)."
        for column, name in enumerate(space.operations):
            start = f"{space.edge_name(edge)} · {get_operation(name).title}"
            if not frame.live[row, column]:
                sentences.append(f"{start}: not allowed on this {noun}.")
                continue
            rank, count = int((tied > tied[column]).sum()), int(frame.live[row].sum())
            place = f"{_ordinal(rank)} of {count}" if count > 1 else "the only one"
            sentences.append(
                f"{start} carries {percent[row, column]:.3g} % of this {noun}'s {signal}, {place} "
                f"({frame.proxy.unit} share {frame.shares[row, column]:.3g}). {'Kept.' if column == kept else instead}"
            )
    return sentences
