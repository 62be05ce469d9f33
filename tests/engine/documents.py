"""Documents of search spaces of one's own: the two published ones, smaller ones, and any at all."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from engine.operations.registry import OPERATIONS

Document = dict[str, Any]


def cell(edges: list[tuple[int, int]], *operations: list[str] | None) -> Document:
    """A cell type; the operations of the edges, where they have their own."""
    listed = [*operations, *[None] * (len(edges) - len(operations))]
    return {
        "edges": [
            {"from": source, "to": target} | ({} if names is None else {"operations": names})
            for (source, target), names in zip(edges, listed, strict=True)
        ]
    }


NAS_BENCH_201: Document = {
    "schema": "freenas/search-space@1",
    "name": "as-nas-bench-201",
    "inputs": ["0"],
    "nodes": 4,
    "operations": ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"],
    "cells": {"cell": cell([(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)])},
    "network": {
        "entry": "residual",
        "stages": [{"cell": "cell"}, *[{"cell": "cell", "width": 2, "stride": 2}] * 2],
        "search": {"channels": 16, "cells": 5},
    },
}
DARTS_EDGES = [(source, target) for target in range(2, 6) for source in range(target)]
DARTS: Document = {
    "schema": "freenas/search-space@1",
    "name": "as-darts",
    "title": "As DARTS",
    "inputs": ["cₖ₋₂", "cₖ₋₁"],
    "nodes": 6,
    "operations": [
        *["none", "max_pool_3x3", "avg_pool_3x3", "skip_connect"],
        *["sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5"],
    ],
    "cells": {"normal": cell(DARTS_EDGES), "reduce": cell(DARTS_EDGES)},
    "output": [2, 3, 4, 5],
    "kept_edges": 2,
    "normalised_pooling": True,
    "network": {
        "entry": "preprocessed",
        "stem_width": 3,
        "stages": [
            {"cell": "normal"},
            {"cell": "reduce", "cells": 1, "width": 2, "stride": 2},
            {"cell": "normal"},
            {"cell": "reduce", "cells": 1, "width": 2, "stride": 2},
            {"cell": "normal"},
        ],
        "search": {"channels": 16, "cells": 2},
        "evaluation": {"channels": 36, "cells": 6},
    },
}
SMALL: Document = {
    "schema": "freenas/search-space@1",
    "name": "small",
    "title": "A small one",
    "summary": "two edges and a shortcut",
    "source": "made for tests",
    "inputs": ["in"],
    "nodes": 3,
    "operations": ["skip_connect", "nor_conv_3x3", "max_pool_3x3", "noise"],
    "cells": {
        "wide": cell([(0, 1), (0, 2), (1, 2)], ["nor_conv_3x3"], ["skip_connect", "max_pool_3x3"]),
        "half": cell([(1, 2), (0, 1), (0, 2)], ["skip_connect"], ["noise"]),
    },
    "network": {
        "entry": "plain",
        "stages": [{"cell": "wide"}, {"cell": "half", "cells": 1, "stride": 2}],
        "search": {"channels": 8, "cells": 2},
        "evaluation": {"channels": 24, "cells": 9},
    },
}


@st.composite
def documents(draw: st.DrawFn, noise: bool = True) -> Document:
    """Any document that is good, of a small space."""
    entry = draw(st.sampled_from(["plain", "residual", "preprocessed"]))
    inputs = 1 if entry == "residual" else draw(st.integers(1, 2))
    nodes = inputs + draw(st.integers(1, 3))
    operations = draw(_operations(noise))
    output = {nodes - 1} | (draw(st.sets(st.integers(inputs, nodes - 1))) if entry == "preprocessed" else set())
    edges = draw(_edges(inputs, nodes, output))
    into = [sum(target == node for _, target in edges) for node in range(inputs, nodes)]
    kinds = ["normal", "other"][: draw(st.integers(1, 2))]
    kept = draw(st.none() | st.integers(1, min(into)))
    document = {
        "schema": "freenas/search-space@1",
        "name": "drawn",
        "inputs": ["a", "b"][:inputs],
        "nodes": nodes,
        "operations": operations,
        "cells": {kind: draw(_cell(edges, operations)) for kind in kinds},
        **({"output": sorted(output)} if output != {nodes - 1} or draw(st.booleans()) else {}),
        **({} if kept is None else {"kept_edges": kept}),
        "network": draw(_network(entry, inputs, kinds)),
    }
    document["operations"] = [name for name in operations if _stands(name, document)]
    return document


@st.composite
def _operations(draw: st.DrawFn, noise: bool) -> list[str]:
    names = [name for name in OPERATIONS if noise or name != "noise"]
    chosen = draw(st.lists(st.sampled_from(names), min_size=1, max_size=4, unique=True))
    if "noise" in chosen:
        chosen = [name for name in chosen if name != "none"]
    return chosen if chosen != ["none"] else ["none", "nor_conv_1x1"]


@st.composite
def _edges(draw: st.DrawFn, inputs: int, nodes: int, output: set[int]) -> list[tuple[int, int]]:
    """Some of all edges, those among them without which a node dangles."""
    every = [(source, target) for target in range(inputs, nodes) for source in range(target)]
    edges = set(draw(st.lists(st.sampled_from(every))))
    for node in range(nodes):
        if node >= inputs and all(target != node for _, target in edges):
            edges.add((draw(st.integers(0, node - 1)), node))
        if node not in output and all(source != node for source, _ in edges):
            edges.add((node, draw(st.integers(max(node + 1, inputs), nodes - 1))))
    return draw(st.permutations(sorted(edges)))


@st.composite
def _cell(draw: st.DrawFn, edges: list[tuple[int, int]], operations: list[str]) -> Document:
    some = st.lists(st.sampled_from(operations), min_size=1, unique=True).filter(lambda names: names != ["none"])
    return cell(draw(st.permutations(edges)), *draw(st.lists(st.none() | some, max_size=len(edges))))


@st.composite
def _network(draw: st.DrawFn, entry: str, inputs: int, kinds: list[str]) -> Document:
    stages = []
    for index in range(draw(st.integers(len(kinds), 3))):
        stride = draw(st.integers(1, 2)) if index and (entry != "plain" or inputs == 1) else 1
        wider = entry == "preprocessed" or (entry == "residual" and stride == 2)
        cells = {} if not index else draw(st.just({}) | st.fixed_dictionaries({"cells": st.integers(1, 2)}))
        stages.append({"cell": kinds[index % len(kinds)], "stride": stride, **cells})
        stages[-1]["width"] = draw(st.integers(1, 2)) if wider and index else 1
    stem = draw(st.integers(1, 2)) if entry == "preprocessed" else 1
    return {"entry": entry, "stem_width": stem, "stages": stages, "search": {"channels": 4, "cells": 1}}


def _stands(name: str, document: Document) -> bool:
    edges = [edge for found in document["cells"].values() for edge in found["edges"]]
    return any(name in edge.get("operations", document["operations"]) for edge in edges)
