"""The toy as a figure: its flow graph, its paths, and a slider for every weight and α."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.learn.flow import FlowEdge, FlowNode, Strand, flow_component, flow_graph
from dashboard.learn.state import LearnState
from dashboard.server.state import state, widget_value
from engine.operations.registry import get_operation
from engine.supernets.toy import TOY_ALPHAS, TOY_EDGES, TOY_WEIGHTS, Toy, ToyPath, ToyScore

_COMPONENT = flow_component("toy")
_KEY = "toy"
_COLOURS = {"skip": get_operation("skip_connect").colour, "conv": get_operation("nor_conv_3x3").colour}
_HEIGHT, _UNIT = 150, 84
"""Pixels of the picture, and of all the flow."""
_PROMPT = "Each term of R is a path: point at one to see where it runs. Lines are as wide as flow shares."


@st.fragment
def toy_view() -> None:
    """Draw the toy; a slider that moves runs this fragment alone, which computes its sixteen numbers anew."""
    learn = state(LearnState)
    _COMPONENT(key=_KEY, data=toy_data(learn.toy) | {"serial": learn.answers}, on_moved_change=_adopt)


def _adopt() -> None:
    learn = state(LearnState)
    learn.answers += 1
    learn.toy = moved_toy(widget_value(_KEY).moved) or learn.toy


def moved_toy(values: object) -> Toy | None:
    """Return the toy of the values that a browser sent, two weights and four α; None where they are none."""
    if not isinstance(values, list) or len(values) != 6 or not all(isinstance(value, int | float) for value in values):
        return None
    try:
        a, b, *alphas = map(float, values)
        return Toy(a, b, (alphas[0], alphas[1], alphas[2], alphas[3]))
    except (ValueError, OverflowError):
        return None


def toy_data(toy: Toy) -> dict[str, Any]:
    """Return the toy as plain data: its graph, its rows with the places of their values, and its paths."""
    scores = toy.scores()
    return {
        "graph": _graph(toy, scores),
        "values": [toy.a, toy.b, *toy.alphas],
        "weights": TOY_WEIGHTS,
        "alphas": TOY_ALPHAS,
        "rows": [_row(index, score) for index, score in enumerate(scores)],
        "paths": [_path(toy, path) for path in toy.paths()],
        "flow": f"{toy.flow:.4g}",
        "prompt": _PROMPT,
    }


def _graph(toy: Toy, scores: list[ToyScore]) -> dict[str, Any]:
    nodes = [
        FlowNode(index / 2, _HEIGHT / 2 - 10, label)
        for index, label in enumerate(("1", f"{toy.nodes[1]:.4g}", f"R = {toy.flow:.4g}"))
    ]
    edges = [
        FlowEdge(
            edge, index, index + 1, 0, f"connection {edge}", [_strand(score) for score in scores if score.edge == edge]
        )
        for index, edge in enumerate(TOY_EDGES)
    ]
    shares = ", ".join(f"{score.operation} on {score.edge} {score.share:.0%}" for score in scores)
    return flow_graph(nodes, edges, _HEIGHT, _UNIT, f"The toy as a graph of three nodes. Flow shares: {shares}.")


def _strand(score: ToyScore) -> Strand:
    name = f"{score.operation} on {score.edge}"
    return Strand(name, _COLOURS[score.operation], score.share, f"{name}: flow share {score.share:.3f}")


def _row(index: int, score: ToyScore) -> dict[str, Any]:
    edge, convolution = divmod(index, 2)
    return {
        "id": f"{score.operation} on {score.edge}",
        "name": f"{score.operation} on {score.edge}",
        "letter": score.edge.lower(),
        "colour": _COLOURS[score.operation],
        "weight": edge if convolution else None,
        "alpha": 2 + index,
        "result": f"S {score.saliency:.3g}, F {score.share:.3f}",
    }


def _path(toy: Toy, path: ToyPath) -> dict[str, Any]:
    part = path.value / toy.flow if toy.flow else 0.0
    strands = [f"{name} on {edge}" for name, edge in zip(path[:2], TOY_EDGES, strict=True)]
    label = f"{strands[0]}, then {strands[1]}: {path.value:.4g}, {part:.0%} of R"
    return {"value": f"{path.value:.3g}", "label": label, "strands": strands}
