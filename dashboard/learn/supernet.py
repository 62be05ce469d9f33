"""The supernet of NAS-Bench-201 as a flow graph, and as one that the reader prunes."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import streamlit as st

from dashboard.learn.flow import FlowEdge, FlowNode, Strand, flow_component, flow_graph
from dashboard.learn.pruning import CANDIDATES, KIND, SPACE, Candidate, ReaderPruning
from dashboard.learn.state import LearnState
from dashboard.parts.text import plain
from dashboard.parts.tick import tick
from dashboard.server import limits, session
from dashboard.server.examples import example_of
from dashboard.server.state import state
from engine import SearchResult
from engine.operations.registry import get_operation
from engine.searches.result import ScoreTable
from engine.searches.search import SearchTask
from engine.spaces import Edge

SUPERNET_FIGURE = flow_component("supernet")
CELLS = SPACE.plan(SPACE.search_size).repeats(KIND)
"""The cells of the supernet, which is what the flow shares over the edges into the last node sum to."""
_NODES = tuple(FlowNode(node / 3, 150, label) for node, label in enumerate(("0 in", "1", "2", "3 out")))
_BENDS = {Edge(0, 3): -74.0, Edge(0, 2): -32.0, Edge(0, 1): 0.0, Edge(1, 2): 0.0, Edge(2, 3): 0.0, Edge(1, 3): 46.0}
"""The edges from top to bottom, as they lie at every node, and how far they hang down."""
_HEIGHT, _FLOW = 275, 92
"""Pixels of the picture, and of all the flow."""
_MOMENT, _POLL = 0.12, 0.15
"""Seconds that a click waits for its answer, and between two looks for one that takes longer."""


def scored(task: SearchTask, figure: str) -> tuple[SearchResult, bool]:
    """Return the answer to a task, or the last one of its figure, at first the one that ships; True for the answer."""
    results = state(LearnState).results
    if not limits.refusal(task) and (answer := _awaited(task)) is not None:
        results[figure] = answer
        return answer, True
    return results.get(figure, example_of(SPACE)), False


def _awaited(task: SearchTask) -> SearchResult | None:
    """Return the answer to a task, which is put to a worker unless it is known, or None after a moment."""
    until, role = time.monotonic() + _MOMENT, session.PREVIEWING
    if session.known_answer(task) is None and not _is_asked(task):
        session.start(task, role)
    while (answer := session.known_answer(task)) is None and time.monotonic() < until and _is_asked(task):
        time.sleep(_MOMENT / 20)
    job = session.job(role)
    if job is not None and job.task == task and not job.active:
        session.mark_seen(role, job)
    return answer if isinstance(answer, SearchResult) else None


def _is_asked(task: SearchTask) -> bool:
    job = session.job(session.PREVIEWING)
    return job is not None and job.task == task and (job.active or bool(job.error))


def wait_for(task: SearchTask) -> None:
    """Have the fragment drawn again in a moment, or say why there is no answer."""
    if failure := session.failure(session.PREVIEWING, task):
        st.error(plain(f"The supernet was not scored: {failure}"), icon=":material/error:")
        if st.button("Try again", icon=":material/refresh:", key="learn again"):
            session.start(task, session.PREVIEWING)
            st.rerun(scope="fragment")
    else:
        tick(_POLL, lambda: None)


def supernet_data(shares: ScoreTable, pruning: ReaderPruning) -> dict[str, Any]:
    """Return the supernet as plain data: its graph, and its operations with what they carry in all."""
    live = pruning.live
    shares = np.where(live, shares, 0.0)
    edges = [_edge(edge, bend, shares, live) for edge, bend in _BENDS.items()]
    totals = shares.sum(axis=0) / max(shares.sum(), 1e-300)
    operations = []
    for name, total in zip(SPACE.operations, totals, strict=True):
        operation = get_operation(name)
        parts = {"title": operation.title, "short": operation.short, "colour": operation.colour}
        operations.append(parts | {"total": f"{total:.0%}"})
    carried = ", ".join(f"{parts['title']} {parts['total']}" for parts in operations)
    alt = f"The supernet of {SPACE.title}, {len(SPACE.edges)} connections. Parts of all flow: {carried}."
    return {"graph": flow_graph(_NODES, edges, _HEIGHT, _FLOW / CELLS, alt), "operations": operations}


def _edge(edge: Edge, bend: float, shares: ScoreTable, live: np.ndarray[Any, Any]) -> FlowEdge:
    index, name = SPACE.edges.index(edge), SPACE.edge_name(edge)
    strands = [
        Strand(
            place.id,
            get_operation(SPACE.operations[place.operation]).colour,
            float(shares[place]),
            share_words(place, shares),
            bool(live[place]),
        )
        for place in CANDIDATES.values()
        if place.edge == index
    ]
    return FlowEdge(name, edge.source, edge.target, bend, f"{name}  {shares[index].sum():.2f}", strands)


def share_words(place: Candidate, shares: ScoreTable) -> str:
    """Describe an operation by its flow share, and by its part of what is on its edge."""
    own, total = float(shares[place]), float(shares[place.edge].sum())
    part = own / total if total else 0.0
    return f"{place.title}: flow share {own:.3f}, {part:.0%} of this connection's signal"


def field_data(result: SearchResult, pruning: ReaderPruning, verb: str, chosen: SearchResult | None) -> dict[str, Any]:
    """Return the buttons of a pruning, which `drop` or `keep`, as plain data.

    The operations of the result `chosen` are marked, if there is one.
    """
    shares, live = result.shares[KIND], pruning.live
    alone = live.sum(axis=1) == 1
    fields = {}
    for place in CANDIDATES.values():
        words = share_words(place, shares)
        if not live[place]:
            fields[place.id] = {"state": "gone", "text": "–", "label": f"{place.title}: dropped"}
        elif alone[place.edge]:
            fields[place.id] = {"state": "left", "text": _short(shares[place]), "label": f"{words}; the last one"}
        else:
            fields[place.id] = {"state": "live", "text": _short(shares[place]), "label": f"{verb.capitalize()} {words}"}
    rows = [
        {"name": SPACE.edge_name(edge), "fields": [id for id, place in CANDIDATES.items() if place.edge == index]}
        for index, edge in enumerate(SPACE.edges)
    ]
    steps = result.steps
    return {
        "caption": "Flow share of every operation on every connection, as a button",
        "verb": verb,
        "rows": rows,
        "fields": fields,
        "weakest": Candidate(steps[0].edge, SPACE.operations.index(steps[0].operation)).id if steps else None,
        "chosen": _chosen_ids(chosen) if chosen is not None else [],
    }


def _short(share: float) -> str:
    return f"{share:.2g}"


def _chosen_ids(result: SearchResult) -> list[str]:
    return [Candidate(edge, SPACE.operations.index(name)).id for edge, name in result.chosen(KIND).items()]
