"""Every registered space keeps the contract, own ones too; broken ones do not."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from functools import cached_property
from typing import Any

import pytest

from engine.spaces import SPACES, Edge, Gene, Plan, SearchSpace, Size, load_space
from engine.spaces.plan import Range
from engine.testing import check_space
from engine.testing import space as suite
from tests.engine.documents import DARTS, NAS_BENCH_201

BENCH = SPACES["nas-bench-201"]
Bench: Any = type(BENCH)


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_every_space(space: SearchSpace):
    check_space(space)


@pytest.mark.slow
@pytest.mark.parametrize("document", [NAS_BENCH_201, DARTS], ids=lambda document: document["name"])
def test_an_own_space_by_its_document(document: dict[str, Any]):
    check_space(load_space(json.dumps(document)))


def test_a_space_that_is_not_registered():
    small = replace(BENCH, name="two", operations=("none", "nor_conv_1x1"))
    check_space(small)
    assert "two" not in SPACES


def own(kind: type[SearchSpace], **parts: object) -> SearchSpace:
    """NAS-Bench-201 as another class."""
    same = {field.name: getattr(BENCH, field.name) for field in fields(BENCH)}
    return kind(**{**same, "name": "own", **parts})


class Backwards(Bench):
    """Reads the operations of the last node in the wrong order."""

    def parse(self, text: str) -> Mapping[str, Sequence[Gene]]:
        cells = super().parse(text)
        *first, one, two, three = cells["cell"]
        turned = (gene._replace(operation=other.operation) for gene, other in ((one, three), (two, two), (three, one)))
        return {"cell": [*first, *turned]}


class Mute(Bench):
    """Writes all genotypes alike."""

    def notation(self, cells: Mapping[str, Sequence[Gene]]) -> str:
        return ""


class Unreadable(Bench):
    def parse(self, text: str) -> Mapping[str, Sequence[Gene]]:
        raise ValueError("this cannot be read")


class Once(type(SPACES["darts"])):
    """Reads every input of a node once."""

    def parse(self, text: str) -> Mapping[str, Sequence[Gene]]:
        return {kind: list({gene[:2]: gene for gene in genes}.values()) for kind, genes in super().parse(text).items()}


class Uncounted(Bench):
    def architectures(self) -> int:
        return 15_624


class Narrow(Bench):
    """Its head takes the channels of the first stage."""

    def plan(self, size: Size) -> Plan:
        return replace(super().plan(size), head_channels=size.channels)


class Unstrided(Bench):
    """Its second stage begins without the reduction that its plan tells of."""

    def plan(self, size: Size) -> Plan:
        plan = super().plan(size)
        cells = list(plan.cells)
        cells[size.cells] = replace(cells[size.cells], inputs=((size.channels, ()),))
        return replace(plan, cells=tuple(cells))


class Nameless(Bench):
    def edge_name(self, edge: Edge) -> str:
        return "edge"


class Silent(Bench):
    """Gives no reason for having no closed form."""

    @cached_property
    def no_closed_form(self) -> str | None:  # type: ignore[override]
        return ""


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (own(Bench, edges=BENCH.edges[::-1]), "the edges of own are not listed by the node they lead to"),
        (own(Bench, edges=(*BENCH.edges, BENCH.edges[-1])), "an edge of own stands twice"),
        (own(Bench, edges=BENCH.edges[:3]), "an input of own has edges, or a node has none"),
        (own(Bench, edges=()), "own has no edges"),
        (own(Bench, nodes=3), "does not lead from a node to a later one"),
        (own(Bench, operations=("none", "conv_9x9")), "operations that are not registered: conv_9x9"),
        (own(Bench, operations=("none", "none")), "the operations of own are none, or not distinct"),
        (own(Bench, title=" "), "own: its title ' ' is no printable text"),
        (own(Nameless), "the names of the edges of own are not distinct"),
        (own(Bench, kept_edges=4), "own keeps 4 of the 1 edges into a node"),
        (own(Narrow), "its head takes 4 channels, and 16 come in"),
        (own(Unstrided), "an input of cell 2 has 4 channels"),
        (own(Uncounted), "own says it holds 15624 architectures, not 15625"),
        (own(Unreadable), "own reads its own notation: ValueError: this cannot be read"),
        (own(Backwards), "a genotype of own is another after its notation"),
        (own(Mute), "own reads its own notation"),
        (own(Silent), "own: its reason for having no closed form '' is no printable text"),
        (own(Uncounted, name="darts"), "15625"),
        (own(Bench, name="darts"), "the name 'darts' is that of another registered object"),
        (own(Bench, cells_range=Range(0, 100)), "the plan of own at 4 channels and 0 cells"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_broken_space_is_named(broken: SearchSpace, words: str):
    before = dict(SPACES)
    with pytest.raises(AssertionError, match=words):
        check_space(broken)
    assert before == SPACES


def test_a_space_that_forgets_parallel_edges_is_found():
    darts = SPACES["darts"]
    once = Once(**{field.name: getattr(darts, field.name) for field in fields(darts)} | {"name": "once"})
    with pytest.raises(AssertionError, match=r"once reads its own notation: .* 1 incoming edges found, 2 expected"):
        check_space(once)


def test_a_cost_that_is_not_that_of_the_network_is_found(monkeypatch: pytest.MonkeyPatch):
    count = suite.network_cost

    def wrong(*arguments):
        cost = count(*arguments)
        return replace(cost, params=cost.params + 10)

    monkeypatch.setattr(suite, "network_cost", wrong)
    with pytest.raises(AssertionError, match=r"a network of nas-bench-201 costs .* parameters and .* MACs"):
        check_space(BENCH)


def test_flow_that_is_lost_is_found(monkeypatch: pytest.MonkeyPatch):
    flow = suite._flow

    def leaking(*arguments):
        scores = flow(*arguments)
        return replace(scores, shares=0.99 * scores.shares)

    monkeypatch.setattr(suite, "_flow", leaking)
    with pytest.raises(
        AssertionError, match=r"the flow shares out of the inputs of 3 cells of nas-bench-201 sum to 2\.97"
    ):
        check_space(BENCH)
