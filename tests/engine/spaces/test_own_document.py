from __future__ import annotations

import copy
import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Genotype
from engine.operations.registry import OPERATIONS
from engine.spaces import OwnSpace, Size, load_space
from tests.engine.documents import DARTS, NAS_BENCH_201, SMALL, Document, documents
from tests.engine.schemas import SCHEMAS, VALIDATORS

VALIDATOR = VALIDATORS["search-space"]


def own(document: Document) -> OwnSpace:
    return load_space(json.dumps(document))


def test_what_is_left_out_has_a_default():
    described = own(NAS_BENCH_201)
    assert described.title == described.name
    assert described.evaluation_size == described.search_size
    assert described.summary == "cell: 3 inner nodes, 6 edges"
    small = own(SMALL)
    assert small.edges == ((0, 1), (0, 2), (1, 2))
    assert small.genotype_choices["half", (1, 2)] == ("skip_connect",)
    assert small.genotype_choices["wide", (1, 2)] == tuple(SMALL["operations"])
    assert [(cell.kind, cell.stride) for cell in small.plan(Size(4, 2)).cells] == [
        ("wide", 1),
        ("wide", 1),
        ("half", 2),
    ]
    assert small.cells_range == (1, 99)


def changed(change: Callable[[Document], object], document: Document = NAS_BENCH_201) -> Document:
    made = copy.deepcopy(document)
    change(made)
    return made


def at(path: str, value: object, document: Document = NAS_BENCH_201) -> Document:
    """The document with another value at a path such as `network.stages.0.cell`."""

    def change(made: Document) -> None:
        *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        for parent in parents:
            made = made[parent]
        made[last] = value

    return changed(change, document)


EDGES = "cells.cell.edges"


CODE = '"""\nimport os\nos.system("touch pwned")\n"""'


BROKEN = {
    "no object": ([], "the document: input should be a valid dictionary"),
    "another schema": (
        at("schema", "freenas/genotype@1"),
        "schema: input should be 'freenas/search-space@1', 'freenas/ge",
    ),
    "no cells": (changed(lambda made: made.pop("cells")), "cells: field required"),
    "something more": (at("code", "print()"), "code: extra inputs are not permitted"),
    "more in a stage": (at("network.stages.1.import", "os"), "network.stages[1].import: extra inputs"),
    "registered name": (at("name", "darts"), "name: 'darts' is the name of a registered search space"),
    "name of a path": (at("name", "../../etc"), "name: string should match pattern"),
    "long name": (at("name", "x" * 41), "name: string should have at most 40 characters"),
    "number for a name": (at("name", 5), "name: input should be a valid string, 5 given"),
    "code in the title": (at("title", CODE), 'title: \'"""\\nimport os'),
    "markup in the title": (at("title", "<script>"), "title: '<script>' holds a character other than"),
    "link in the summary": (at("summary", "[here](javascript:x)"), "summary: '[here]"),
    "control character": (at("source", "a\x1b[2J"), "source: 'a\\x1b[2J' holds"),
    "reversed text": (at("source", "a\u202eb"), "source: 'a\\u202eb' holds"),
    "unnamed input": (at("inputs", [""]), "inputs[0]: string should have at least 1 character"),
    "three inputs": (at("inputs", ["a", "b", "c"]), "inputs: list should have at most 2 items"),
    "equal inputs": (at("inputs", ["a", "a"], DARTS), "inputs[1]: 'a' stands twice"),
    "input like a node": (at("inputs", ["2"]), "inputs[2]: '2' stands twice"),
    "one node": (at("nodes", 1), "nodes: input should be greater than or equal to 2, 1 given"),
    "many nodes": (at("nodes", 13), "nodes: input should be less than or equal to 12, 13 given"),
    "float nodes": (at("nodes", 4.0), "nodes: input should be a valid integer, 4.0 given"),
    "boolean nodes": (at("nodes", True), "nodes: input should be a valid integer, True given"),
    "only inputs": (at("nodes", 2, DARTS), "nodes: 2 given, with 2 input nodes among them"),
    "unknown operation": (
        at("operations.1", "conv_7x7"),
        "operations[1]: unknown operation 'conv_7x7'; allowed: none, ",
    ),
    "operation twice": (at("operations.1", "none"), "operations[1]: 'none' stands twice"),
    "none and noise": (at("operations.1", "noise"), "operations: 'none' and 'noise' cannot be told apart"),
    "unknown operation of an edge": (
        at(f"{EDGES}.3.operations", ["none", "conv"]),
        "cells.cell.edges[3].operations[1]: unknown operation 'conv'; allowed: none, ",
    ),
    "operation of an edge only": (
        at(f"{EDGES}.3.operations", ["none", "sep_conv_3x3"]),
        "cells.cell.edges[3].operations[1]: 'sep_conv_3x3' is none of the operations of this space",
    ),
    "operation of an edge twice": (
        at(f"{EDGES}.3.operations", ["none", "none"]),
        "cells.cell.edges[3].operations[1]: 'none' stands twice",
    ),
    "no operation on an edge": (at(f"{EDGES}.3.operations", []), "cells.cell.edges[3].operations: list should have at"),
    "none alone on an edge": (at(f"{EDGES}.3.operations", ["none"]), "edges[3].operations: nothing but 'none'"),
    "operation nowhere": (
        changed(lambda made: [edge.update(operations=["skip_connect"]) for edge in made["cells"]["cell"]["edges"]]),
        "operations: 'none' stands on no edge",
    ),
    "edge backwards": (
        at(f"{EDGES}.0", {"from": 2, "to": 1}),
        "cells.cell.edges[0]: 2→1 given; an edge leads to a later",
    ),
    "edge to itself": (at(f"{EDGES}.0", {"from": 1, "to": 1}), "cells.cell.edges[0]: 1→1 given"),
    "edge to an input": (at("cells.normal.edges.0", {"from": 0, "to": 1}, DARTS), "cells.normal.edges[0]: 0→1 given"),
    "edge beyond": (at(f"{EDGES}.0", {"from": 0, "to": 4}), "cells.cell.edges[0]: 0→4 given; an edge leads to"),
    "edge far beyond": (
        at(f"{EDGES}.0", {"from": 0, "to": 99}),
        "cells.cell.edges[0].to: input should be less than 12",
    ),
    "edge of text": (
        at(f"{EDGES}.0", {"from": "0", "to": 1}),
        "cells.cell.edges[0].from: input should be a valid integer",
    ),
    "edge without an end": (at(f"{EDGES}.0", {"from": 0}), "cells.cell.edges[0].to: field required"),
    "edge twice": (
        at(f"{EDGES}.1", {"from": 0, "to": 1}),
        "cells.cell.edges[1]: '0→1' stands twice",
    ),
    "many edges": (at(EDGES, [{"from": 0, "to": 1}] * 67), "cells.cell.edges: list should have at most 66 items"),
    "no edges": (at(EDGES, []), "cells.cell.edges: list should have at least 1 item"),
    "other edges": (
        changed(lambda made: made["cells"]["reduce"]["edges"].pop(), DARTS),
        "cells.reduce.edges: 4→5 stands in",
    ),
    "unreached node": (
        changed(lambda made: made["cells"]["cell"]["edges"].pop(0)),
        "cells.cell.edges: 0 incoming edges of node 1 found, at least 1 expected",
    ),
    "dangling node": (
        changed(lambda made: [made["cells"]["cell"]["edges"].pop(place) for place in (4, 2)]),
        "cells.cell.edges: no edge leaves node 1, which is no output",
    ),
    "few edges": (at("kept_edges", 2), "cells.cell.edges: 1 incoming edges of node 1 found, at least 2 expected"),
    "no kept edges": (at("kept_edges", 0), "kept_edges: input should be greater than or equal to 1, 0 given"),
    "output of an input": (at("output", [0]), "output[0]: 0 given; each of some nodes from 1 to 3 once expected"),
    "output twice": (at("output", [2, 2], DARTS), "output[1]: 2 given; each of some"),
    "name of a cell": (at("cells", {"Normal cell": {"edges": []}}), "cells.Normal cell: string should match pattern"),
    "code as a cell": (at("cells", {"x';import os;'": {"edges": []}}), "cells.x';import os;': string should match"),
    "five cells": (
        at("cells", dict.fromkeys("abcde", NAS_BENCH_201["cells"]["cell"])),
        "cells: dictionary should have at",
    ),
    "unused cell": (
        changed(lambda made: made["cells"].update(more=made["cells"]["cell"])),
        "cells.more: no stage has cells of this type",
    ),
    "unknown cell": (
        at("network.stages.1.cell", "reduce"),
        "network.stages[1].cell: unknown cell type 'reduce'; allowed: cell",
    ),
    "no stages": (at("network.stages", []), "network.stages: list should have at least 1 item"),
    "no repeated stage": (
        changed(lambda made: [stage.update(cells=2) for stage in made["network"]["stages"]]),
        "network.stages: leave out 'cells' of one stage at least",
    ),
    "a hundred cells and more": (
        changed(lambda made: made["network"]["stages"].append({"cell": "cell", "cells": 100})),
        "network.stages: leave out 'cells' of one stage at least, and have at most 100 cells in all",
    ),
    "many cells": (at("network.search.cells", 34), "network.search.cells: 34 given; at most 33 make no more than 100"),
    "many edges in all": (
        at(
            "network.search.cells",
            30,
            at("nodes", 12, at(EDGES, [{"from": a, "to": b} for b in range(12) for a in range(b)])),
        ),
        "network.search.cells: 30 given; at most 10 make no more than 30 in all",
    ),
    "no cells at all": (
        at("network.search.cells", 0),
        "network.search.cells: input should be greater than or equal to 1",
    ),
    "odd channels": (at("network.search.channels", 15), "network.search.channels: input should be a multiple of 2, 15"),
    "many channels": (
        at("network.search.channels", 66),
        "network.search.channels: input should be less than or equal to 64",
    ),
    "small and smaller": (
        changed(lambda made: made["network"]["stages"].append({"cell": "cell", "width": 1, "stride": 2})),
        "network.stages: size divided by 8, width times 4; at most 4 and 4",
    ),
    "wide and wider": (
        changed(lambda made: made["network"]["stages"].append({"cell": "normal", "width": 4}), DARTS),
        "network.stages: size divided by 4, width times 16; at most 4 and 4",
    ),
    "unknown entry": (at("network.entry", "attention"), "network.entry: input should be 'plain', 'residual' or 'prep"),
    "residual at stride 1": (
        at("network.stages.1.stride", 1),
        "network.stages[1].width: 2 given; entry 'residual' changes",
    ),
    "plain and wider": (
        at("network.entry", "plain"),
        "network.stages[1].width: 2 given; entry 'plain' changes the width no",
    ),
    "plain with two sizes": (
        at(
            "network.stages.1",
            {"cell": "reduce", "stride": 2},
            at("network.entry", "plain", at("output", [5], at("network.stem_width", 1, DARTS))),
        ),
        "network.stages[1].stride: 2 given; entry 'plain' takes 1 with two input nodes",
    ),
    "plain and concatenated": (at("network.entry", "plain", DARTS), "output: 4 nodes given; entry 'plain' takes one"),
    "residual with a wide stem": (at("network.stem_width", 2), "network.stem_width: 2 given; entry 'residual' takes 1"),
    "residual with two inputs": (
        at("network.entry", "residual", at("output", [5], at("network.stem_width", 1, DARTS))),
        "inputs: 2 given; entry 'residual' takes one",
    ),
    "NaN": (at("nodes", float("nan")), "nodes: input should be a valid integer, nan given"),
    "a huge number": (at("nodes", 10**400), "nodes: input should be less than or equal to 12"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_first_error_is_said_with_its_place(name: str):
    document, expected = BROKEN[name]
    for read in (
        lambda: load_space(json.dumps(document)),
        lambda: Genotype.from_dict({"schema": "freenas/genotype@1", "space": document}),
    ):
        with pytest.raises(ValueError) as caught:  # noqa: PT011
            read()
        message = str(caught.value)
        assert expected in message or not isinstance(document, dict)
        assert message.isprintable()
        assert len(message) <= 300


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 100_000, "null", '"darts"', "x" * 5_000_000, '{"schema": ' + "9" * 5000 + "}"]
)
def test_a_text_that_is_no_document_is_refused_in_a_sentence(text: str):
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        load_space(text)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) <= 300


@settings(max_examples=60)
@given(document=documents(), data=st.data())
def test_the_schema_refuses_what_is_not_in_it(document: Document, data: st.DataObject):
    """Whatever stands anywhere in place of what is there: the schema and the reader both refuse it."""
    paths = list(_paths(own(document).reference))
    path = data.draw(st.sampled_from(paths))
    wrong = data.draw(st.sampled_from([{"not": "this"}, [[]], -1, 1.5, "a\nb"]))
    broken = copy.deepcopy(own(document).reference)
    inside = broken
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = wrong
    assert not VALIDATOR.is_valid(broken), (path, wrong)
    with pytest.raises(ValueError):  # noqa: PT011
        own(broken)


def _paths(document: object, path: tuple[object, ...] = ()):
    if path:
        yield path
    items = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in items:
        yield from _paths(value, (*path, key))


def test_the_schema_names_the_registered_operations():
    assert SCHEMAS["search-space"]["properties"]["operations"]["items"]["enum"] == list(OPERATIONS)
