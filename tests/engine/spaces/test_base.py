"""The contract of every registered space, and the facts of the two published ones."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterator

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from engine import SPACES, Genotype, SearchResult, parse_genotype, search
from engine.operations.registry import OPERATIONS
from engine.spaces import SearchSpace, get_space
from tests.conftest import tiny
from tests.engine.schemas import SCHEMAS, VALIDATORS
from tests.engine.strategies import FIELDS

every_space = pytest.mark.parametrize("described", SPACES.values(), ids=SPACES)


@every_space
def test_nodes_and_edges(described: SearchSpace):
    assert list(described.edges) == sorted(described.edges, key=lambda edge: (edge.target, edge.source))
    assert len(set(described.edges)) == len(described.edges)
    assert all(0 <= edge.source < edge.target < described.nodes for edge in described.edges)
    assert {edge.target for edge in described.edges} == set(range(described.inputs, described.nodes))
    left = {edge.source for edge in described.edges} | set(described.outputs)
    assert left == set(range(described.nodes)), "a node that nothing leaves and that is no output"


@every_space
def test_names(described: SearchSpace):
    assert all(name in OPERATIONS for name in described.operations)
    assert len(set(described.operations)) == len(described.operations)
    assert len({described.node_name(node) for node in range(described.nodes)}) == described.nodes
    assert len({described.edge_name(edge) for edge in described.edges}) == len(described.edges)
    assert set(described.genotype_operations) <= set(described.operations)
    assert all([described.title, described.summary, described.source])
    assert str(described) == described.name == described.reference


@every_space
def test_a_space_is_a_frozen_value(described: SearchSpace):
    hash(described)
    with pytest.raises(dataclasses.FrozenInstanceError):
        described.nodes = 3  # type: ignore[misc]


@every_space
def test_candidates(described: SearchSpace):
    """Every edge has an operation that genotypes may have, every operation an edge, and the tables say the same."""
    candidates, allowed = described.candidates, described.genotype_candidates
    assert candidates.shape == (len(described.cell_types), len(described.edges), len(described.operations))
    assert candidates.any(axis=(0, 1)).all()
    assert allowed.any(axis=2).all()
    for kind, edge, index in np.ndindex(candidates.shape):
        name = described.operations[index]
        listed = described.genotype_choices[described.cell_types[kind], described.edges[edge]]
        assert allowed[kind, edge, index] == (name in listed)
        assert allowed[kind, edge, index] == (candidates[kind, edge, index] and name in described.genotype_operations)
        evaluable = described.candidate_names[described.cell_types[kind], described.edges[edge]]
        assert candidates[kind, edge, index] == (name in evaluable)
    with pytest.raises(ValueError, match="read-only"):
        candidates[0, 0, 0] = False


@pytest.mark.parametrize(("name", "field"), FIELDS)
def test_a_tiny_search_runs_end_to_end(name: str, field: str):
    described = get_space(name)
    result = search(tiny(described.name, field=field, per_round=16))
    text = result.to_json()
    VALIDATORS["search-result"].validate(json.loads(text))
    VALIDATORS["genotype"].validate(json.loads(result.genotype.to_json()))
    assert SearchResult.from_json(text).to_json() == text
    assert result.genotype.space is described
    assert Genotype.from_json(text) == parse_genotype(text) == result.genotype
    assert parse_genotype(result.genotype.notation, described) == result.genotype
    assert all(np.isfinite(table).all() and (table >= 0).all() for table in result.shares.values())


@every_space
def test_a_space_without_a_closed_form_says_why(described: SearchSpace):
    if described.no_closed_form is None:
        return
    assert described.no_closed_form.startswith(f"{described.title} has no closed form: ")
    with pytest.raises(ValueError, match=described.no_closed_form):
        tiny(described.name, field="interior")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["nas-bench-201", "darts", "mobilenet"])
def test_the_schemas_refuse_what_is_not_in_them(name: str, tiny_results: dict[str, SearchResult]):
    whole = json.loads(tiny_results[name].to_json())
    for schema, document in (("search-result", whole), ("genotype", whole["genotype"])):
        validator = VALIDATORS[schema]
        assert validator.is_valid(document)
        assert not validator.is_valid({**document, "surprise": 1})
        for key in document:
            assert not validator.is_valid({other: document[other] for other in document if other != key}), key
        for path in _paths(document):
            assert not validator.is_valid(_replaced(document, path, {"not": "this"})), path


def _paths(document: object, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    """The path of everything in `document`, of only the first thing in a list."""
    if path:
        yield path
    items = (
        document.items() if isinstance(document, dict) else list(enumerate(document))[:1] if _is_list(document) else ()
    )
    for key, value in items:
        yield from _paths(value, (*path, key))


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _replaced(document: object, path: tuple[object, ...], value: object) -> object:
    if not path:
        return value
    copied = dict(document) if isinstance(document, dict) else list(document)
    copied[path[0]] = _replaced(copied[path[0]], path[1:], value)
    return copied


@pytest.mark.parametrize(("name", "cell"), [(name, cell) for name in SPACES for cell in get_space(name).cell_types])
def test_the_schema_names_the_operations_of_a_published_space(name: str, cell: str):
    (rule,) = (rule for rule in SCHEMAS["genotype"]["allOf"] if rule["if"]["properties"]["space"]["const"] == name)
    cells = rule["then"]["properties"]["cells"]
    assert set(cells["properties"]) == set(cells["required"]) == set(get_space(name).cell_types)
    edges = cells["properties"][cell]["properties"]["edges"]
    there = get_space(name).candidates[get_space(name).cell_types.index(cell)].any(axis=0)
    assert edges["items"]["properties"]["operation"]["enum"] == np.array(get_space(name).operations)[there].tolist()


@pytest.mark.parametrize("name", SCHEMAS)
def test_schemas_are_schemas(name: str):
    Draft202012Validator.check_schema(SCHEMAS[name])


@every_space
def test_edges_stand_several_times_where_nodes_choose_their_inputs(described: SearchSpace):
    assert described.multiplicity == (2 if "darts" in described.name else 1)
    plan = described.plan(described.search_size)
    for cell in plan.cells:
        once = described.local_edges(cell)
        assert described.local_edges(cell, described.multiplicity) == {
            index + times * len(described.edges): edge
            for times in range(described.multiplicity)
            for index, edge in once.items()
        }


def test_how_many_architectures():
    assert get_space("nas-bench-201").architectures() == 15_625
    per_cell = math.prod(math.comb(n, 2) * 7**2 for n in (2, 3, 4, 5))
    assert get_space("darts").architectures() == per_cell**2 == 1_037_664_180**2
