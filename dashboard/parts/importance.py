"""The numbers that a heatmap shows, and the words for them."""

from __future__ import annotations

from typing import NamedTuple

from engine.spaces import SearchSpace


class Importance(NamedTuple):
    """A number that a heatmap can show for every operation on every edge: its title and its unit."""

    title: str
    unit: str


def importances(space: SearchSpace, score_unit: str = "flow") -> dict[str, Importance]:
    """Return the numbers that a heatmap can show in a space, for a proxy whose scores are flow or in another unit."""
    flow = score_unit == "flow"
    return {
        "edge": Importance(f"% of {connection_noun(space)}", f"per cent of the signal on the {connection_noun(space)}"),
        "share": Importance(
            "Flow share" if flow else "Share of all scores",
            "how often a unit of flow passes here on its way through the network" if flow else "a part of their sum",
        ),
        "score": Importance("Raw score", "α · ∂R/∂α, R the sum of the logits" if flow else "as the proxy gives it"),
    }


def connection_noun(space: SearchSpace) -> str:
    """Return the word for an edge in sentences for people."""
    return "connection" if space.edge_noun == "edge" else space.edge_noun
