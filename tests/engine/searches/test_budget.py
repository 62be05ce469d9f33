"""Budgets: the exact best cell where cells can be listed, bounds that hold and are used well where they cannot."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Genotype, SearchConfig, SearchResult, SearchStopped, flow, parse_genotype, search
from engine.genotypes.population import ABSENT, Population
from engine.networks.cost import EdgeCosts, network_cost
from engine.proxies import Scores
from engine.searches.budget import Budget, best_by_exchange, best_listed, bounded_costs, budget_sentence, cost_texts
from engine.searches.pruning import Pruning, iterative
from engine.searches.result import BudgetReport
from engine.spaces import Edge, Gene, get_space
from tests.conftest import tiny
from tests.engine.searches.test_constraints import constraints, draw_constraints, text

NB201, DARTS = get_space("nas-bench-201"), get_space("darts")
ROUNDING = 1e-4
"""log R in single precision is known to this."""

Row = tuple[int, ...]
Choices = list[tuple[Row, ...]]
"""Architectures, each a row of operations (-1: no edge) for every cell type."""


# NAS-Bench-201: against all cells, their costs and flows written down once more.

CELLS = np.array(list(itertools.product(range(5), repeat=6)))
NOTHING = network_cost(Population.whole("nas-bench-201").genotype(0))  # the cell of `none` only
TAPS = np.array([0, 0, 1, 9, 0])


def counted() -> dict[str, np.ndarray]:
    """Parameters and MACs of all cells: five cells in each of three stages, of 16, 32 and 64 channels."""
    params, macs = np.full(len(CELLS), float(NOTHING.params)), np.full(len(CELLS), float(NOTHING.macs))
    for channels, side in ((16, 32), (32, 16), (64, 8)):
        kernels = 5 * channels**2 * TAPS[CELLS]
        params += (kernels + 5 * 2 * channels * (kernels > 0)).sum(axis=1)
        macs += (kernels * side**2).sum(axis=1)
    return {"params": params, "macs": macs}


COUNTED = counted()


@cache
def flows(seed: int) -> np.ndarray:
    """log R of all cells in the smallest supernet."""
    return flow("nas-bench-201", Population.whole("nas-bench-201"), seed, channels=4, cells=1)


def allowed_cells(live: np.ndarray) -> np.ndarray:
    return np.array([live[0, edge, CELLS[:, edge]] for edge in range(6)]).all(axis=0)


def row_of(genotype: Genotype) -> int:
    """The place of a NAS-Bench-201 cell among all."""
    digits = [NB201.operations.index(gene.operation) for gene in genotype.cells["cell"]]
    return int(np.ravel_multi_index(digits, (5,) * 6))


def bounded(config: SearchConfig) -> np.ndarray:
    """Which of all cells keep the bounds of a configuration."""
    return np.all([COUNTED[name] <= limit for name, limit in config.limits.items()], axis=0)


def test_the_costs_of_all_cells_written_down_once_more_are_those_of_their_networks():
    for row in range(0, len(CELLS), 97):
        cost = network_cost(Population.whole("nas-bench-201").genotype(row))
        assert (cost.params, cost.macs) == (COUNTED["params"][row], COUNTED["macs"][row])


@pytest.mark.slow
@given(
    seed=st.integers(0, 2),
    limits=constraints,
    params=st.none() | st.integers(73_000, 1_600_000),
    macs=st.none() | st.integers(7_000_000, 230_000_000),
)
@settings(max_examples=25)
def test_the_cell_is_the_best_of_all_that_keep_the_bounds(seed: int, limits: int, params: int | None, macs: int | None):
    pinned, banned, live = draw_constraints(NB201, limits)
    parts = {"pinned": pinned, "banned": banned, "max_params": params or (None if macs else 500_000), "max_macs": macs}
    config = tiny("nas-bench-201", field="interior", per_round=64, seed=seed, **parts)
    allowed = allowed_cells(live)
    within = allowed & bounded(config)
    log_flow = flows(seed)
    if not within.any():
        with pytest.raises(ValueError, match="cannot be kept: the cheapest genotype that is allowed has"):
            search(config)
        return
    if np.isneginf(log_flow[within].max()):
        with pytest.raises(ValueError, match="leaves only cells that pass nothing from input to output"):
            search(config)
        return
    result = search(config)
    found = result.budget
    assert (found.within, found.listed) == (within.sum(), allowed.sum())
    for genotype, rows, costs, reported in (
        (result.genotype, within, found.costs, found.log_flow),
        (found.free, allowed, found.free_costs, found.free_log_flow),
    ):
        row = row_of(genotype)
        assert rows[row]
        assert log_flow[row] == pytest.approx(log_flow[rows].max(), abs=ROUNDING)
        assert reported == pytest.approx(log_flow[row], abs=ROUNDING)
        assert costs == {name: COUNTED[name][row] for name in config.limits}
    assert result.cost["params"] == COUNTED["params"][row_of(result.genotype)]
    check_steps(result, live)


def test_a_larger_budget_never_leads_to_less_flow_and_the_largest_to_the_free_cell():
    previous = -np.inf
    for limit in [*np.quantile(COUNTED["params"], np.linspace(0, 1, 8)).astype(int).tolist(), 10**12]:
        found = search(tiny("nas-bench-201", field="interior", per_round=64, max_params=limit)).budget
        assert found.log_flow >= previous - ROUNDING
        previous = found.log_flow
    assert found.log_flow == found.free_log_flow
    assert found.within == found.listed == 15_625


def test_the_last_bits_of_flow_choose_no_cell():
    """Skips and poolings flow alike away from the border: of the 64 cells of them the first is found."""
    live = np.isin(NB201.operations, ["skip_connect", "avg_pool_3x3"])[None, None] & NB201.candidates
    budget = Budget(NB201, {"params": 1e9}, bounded_costs(tiny("nas-bench-201", max_params=10**9), "cpu"), frozenset())
    rows = np.flatnonzero(allowed_cells(live))
    for seed in range(20):
        noise = 1 + 1e-7 * np.random.default_rng(seed).uniform(-1, 1, len(rows))
        target = best_listed(budget, live, lambda cells, noise=noise: flows(0)[rows] * noise)
        assert row_of(target.genotype) == rows[0]
        assert target.report.log_flow == target.report.free_log_flow
        assert "0.00 less than without" in budget_sentence(target.report, budget.limits)


def test_exchanges_between_genotypes_that_flow_alike_end_where_they_begin():
    population = Population.sample("darts", 2, seed=3)
    start, free = population.take(slice(0, 1)), population.take(slice(1, 2))
    costs = bounded_costs(tiny("darts", max_params=10**9), "cpu")
    budget, rng = Budget(DARTS, {"params": 1e9}, costs, frozenset()), np.random.default_rng(0)
    target = best_by_exchange(budget, start, free, DARTS.candidates, lambda cells: 100 + 1e-5 * rng.random(len(cells)))
    assert target.genotype == start.genotype(0)


def test_a_bound_at_the_cost_of_a_cell_is_kept_by_it_and_one_below_is_not():
    params = int(sorted(set(COUNTED["params"].tolist()))[3])
    at, below = (
        search(tiny("nas-bench-201", field="interior", per_round=64, max_params=limit))
        for limit in (params, params - 1)
    )
    assert at.budget.costs["params"] <= params > below.budget.costs["params"]
    assert at.budget.within == (COUNTED["params"] <= params).sum() > below.budget.within


@pytest.mark.parametrize("field", ["full", "interior"])
def test_pruning_shows_how_the_supernet_comes_down_to_the_target(field: str):
    """Also where the target has `none` on an edge, which has no share and would go first."""
    bans = ["0-1:skip_connect", "0-1:avg_pool_3x3"]
    result = search(tiny("nas-bench-201", field=field, max_params=75_000, banned=bans))
    assert next(iter(result.genotype.cells["cell"])) == (0, 1, "none")
    check_steps(result, result.config.live)


def test_pins_may_be_what_a_budget_cannot_have():
    """Two 3x3 convolutions in five cells of each stage."""
    least = NOTHING.params + 10 * sum(9 * channels**2 + 2 * channels for channels in (16, 32, 64))
    sentence = f"the budget of 300,000 parameters cannot be kept: the cheapest genotype that is allowed has {least:,} "
    with pytest.raises(ValueError, match=f"^{sentence}parameters$"):
        search(tiny("nas-bench-201", max_params=300_000, pinned=["0-1:nor_conv_3x3", "0-2:nor_conv_3x3"]))


def check_steps(result: SearchResult, live: np.ndarray) -> None:
    """Every step removes a live operation, what is left has the genotype in it, and the document can be read."""
    live = live.copy()
    for step in result.steps:
        place = (
            result.space.cell_types.index(step.cell),
            step.edge,
            result.space.operations.index(step.operation),
        )
        assert live[place]
        live[place] = False
    assert (live.sum(axis=2) == 1).all()
    for kind, (name, genes) in enumerate(result.genotype.genes):
        for gene in genes:
            edge = result.space.edges.index(gene[:2])
            assert live[kind, edge, result.space.operations.index(gene.operation)]
            assert result.chosen(name)[edge] == gene.operation
    again = SearchResult.from_json(result.to_json())
    assert (again.budget, again.steps, again.genotype) == (result.budget, result.steps, result.genotype)


# A space so small that all its genotypes can be listed: two cell types of two nodes, none and two more operations.

TINY = replace(
    DARTS,
    nodes=4,
    edges=tuple(Edge(source, target) for target in (2, 3) for source in range(target)),
    operations=("none", "skip_connect", "sep_conv_3x3", "dil_conv_3x3"),
)
SHAPE = (2, 5, 4)


def tiny_rows() -> Iterator[Row]:
    for kept in itertools.combinations((2, 3, 4), 2):
        for names in itertools.product((1, 2, 3), repeat=4):
            row = dict(zip((0, 1, *kept), names, strict=True))
            yield tuple(row.get(edge, ABSENT) for edge in range(5))


EVERY = Population(TINY, np.swapaxes(list(itertools.product(tiny_rows(), repeat=2)), 0, 1).astype(np.int8))


class Case:
    """A question on the tiny space: live operations, pins, costs of which all genotypes are listed, and bounds."""

    def __init__(self, seed: int, bounds: int) -> None:
        rng = np.random.default_rng(seed)
        self.live = rng.random(SHAPE) < 0.8
        self.live[..., 1] |= ~self.live[..., 1:].any(axis=2)
        edges = [(int(kind), int(edge)) for kind, edge in np.argwhere(rng.random((2, 5)) < 0.15)]
        self.pinned = frozenset((kind, edge) for kind, edge in edges if edge != 4)
        costs = {}
        for name in ("params", "macs", "latency")[:bounds]:
            parts = rng.integers(0, 100, SHAPE).astype(float)
            parts[..., 0] = 0
            costs[name] = EdgeCosts(float(rng.integers(0, 50)), parts)
        taken = [np.take_along_axis(self.live[kind][None], self._column(kind), axis=2)[..., 0] for kind in range(2)]
        there = EVERY.operations != ABSENT
        right = np.all([(taken[kind] | ~there[kind]).all(axis=1) for kind in range(2)], axis=0)
        right &= np.all([there[kind, :, edge] for kind, edge in self.pinned], axis=0) if self.pinned else True
        self.allowed = EVERY.take(np.flatnonzero(right))
        self.costs = {name: self._sums(each) for name, each in costs.items()}
        limits = {
            name: max(1.0, float(np.quantile(sums, rng.choice([0, 0.02, 0.1, 0.4]))))
            for name, sums in self.costs.items()
        }
        self.budget = Budget(TINY, limits, costs, self.pinned)
        self.within = np.all([self.costs[name] <= limit for name, limit in limits.items()], axis=0)

    def _column(self, kind: int) -> np.ndarray:
        return np.maximum(EVERY.operations[kind], 0)[..., None].astype(np.int64)

    def _sums(self, costs: EdgeCosts) -> np.ndarray:
        """The cost of every allowed genotype, gene by gene."""
        total = np.full(len(self.allowed), costs.base)
        for kind, edge, operation in np.ndindex(*SHAPE):
            total += costs.parts[kind, edge, operation] * (self.allowed.operations[kind, :, edge] == operation)
        return total

    def find(self, one: Population) -> int:
        """The row of a genotype among the allowed; it must be one of them."""
        (row,) = self.allowed.rows_of(one)
        assert row >= 0
        return int(row)


seeds = st.integers(0, 2**32 - 1)


def shifting(seed: int) -> Callable[[Sequence[np.ndarray]], list[Scores]]:
    """A proxy whose scores are different ones for every mask; `none` scores nothing."""

    def score(mask: np.ndarray) -> Scores:
        digest = hashlib.sha256(mask.tobytes() + seed.to_bytes(4)).digest()
        shares = np.where(mask, np.random.default_rng(int.from_bytes(digest[:8])).random(mask.shape), 0.0)
        shares[..., 0] = 0
        return Scores(shares, 0.0)

    return lambda masks: [score(mask) for mask in masks]


@given(seeds, st.integers(1, 3))
def test_costs_and_bounds_are_those_of_every_genotype(seed: int, bounds: int):
    case = Case(seed, bounds)
    for name, costs in case.budget.costs_of(case.allowed).items():
        np.testing.assert_allclose(costs, case.costs[name])
    assert (case.budget.holds(case.allowed) == case.within).all()


@given(seeds)
def test_the_cheapest_genotype_is_the_cheapest_of_all(seed: int):
    case = Case(seed, bounds=1)
    row = case.find(case.budget.cheapest(case.live))
    assert case.costs["params"][row] == case.costs["params"].min()


@given(seeds, st.integers(1, 3))
def test_a_budget_cannot_be_kept_only_if_no_genotype_keeps_it(seed: int, bounds: int):
    case = Case(seed, bounds)
    if case.within.any():
        assert case.within[case.find(case.budget.affordable(case.live))]
    else:
        with pytest.raises(
            ValueError, match=r"^the budget of .* cannot be kept: the cheapest genotype that is allowed"
        ):
            case.budget.affordable(case.live)


def test_bounds_that_only_a_dearer_genotype_keeps_together_are_kept():
    """Skips are the cheapest in the sum of both bounds, and over the second."""
    params, macs = np.zeros(SHAPE), np.zeros(SHAPE)
    params[..., 2], macs[..., 1] = 1.0, 0.5
    costs = {"params": EdgeCosts(1.0, params), "macs": EdgeCosts(1.0, macs)}
    live = np.ones(SHAPE, dtype=bool)
    live[..., 3] = False
    for limit, feasible in ((9.0, True), (5.0, True), (4.0, False)):
        budget = Budget(TINY, {"params": limit, "macs": 3.0}, costs, frozenset())
        if feasible:
            assert budget.holds(budget.affordable(live))[0]
        else:
            with pytest.raises(ValueError, match="cannot be kept"):
                budget.affordable(live)


@given(seeds, st.integers(1, 3))
def test_operations_without_which_the_budget_cannot_be_kept_stay(seed: int, bounds: int):
    """With several bounds, some of those without which the cheapest genotype does not keep them stay as well."""
    case = Case(seed, bounds)
    if not case.budget.holds(case.budget.cheapest(case.live))[0]:
        return
    order = case.budget.weigh(np.random.default_rng(seed).random(SHAPE), case.live)
    kept = case.allowed.take(np.flatnonzero(case.within)).operations
    for kind, edge, operation in np.argwhere(case.live).tolist():
        if operation and case.live[kind, edge, 1:].sum() > 1:  # the last one of an edge is never removed
            needed = (kept[kind, :, edge] == operation).all()
            stays = np.isinf(order[kind, edge, operation])
            assert stays == needed if bounds == 1 else stays >= needed


@given(seeds)
def test_the_order_is_that_of_shares_by_cost_until_the_strongest_genotype_keeps_the_budget(seed: int):
    case = Case(seed, bounds=1)
    shares = np.where(case.live, np.random.default_rng(seed).random(SHAPE), 0.0)
    order = case.budget.weigh(shares, case.live)
    plain = np.isfinite(order) & case.live
    strength = np.zeros(len(case.allowed))
    best = np.where(case.live, shares, -1).argmax(axis=2)
    of_best = np.ones(len(case.allowed), dtype=bool)
    for kind, edge in np.ndindex(SHAPE[:2]):
        column = case.allowed.operations[kind, :, edge]
        of_best &= (column == ABSENT) | (column == best[kind, edge])
        strength += np.where(column == ABSENT, 0, shares[kind, edge, best[kind, edge]])
    if not of_best.any():  # `none` is the best on an edge
        return
    if case.within[np.where(of_best, strength, -1).argmax()]:
        assert (order[plain] == shares[plain]).all()
    else:
        (costs,), (limit,) = case.budget.costs.values(), case.budget.limits.values()
        dear = plain & (costs.parts > 0)
        np.testing.assert_allclose(order[dear], shares[dear] * limit / costs.parts[dear])
        free = plain & (costs.parts == 0) & (shares > 0)
        assert (order[free] > order[dear].max(initial=0)).all()


@pytest.mark.slow
@given(seeds, st.integers(1, 3), st.integers(1, 5))
def test_what_pruning_leaves_keeps_the_budget(seed: int, bounds: int, per_round: int):
    case = Case(seed, bounds)
    if not case.within.any():
        return
    pruned = iterative(shifting(seed), case.live, per_round, weigh=case.budget.weigh)
    assert (pruned.live.sum(axis=2) == 1).all()
    assert (pruned.live <= case.live).all()
    found = case.budget.fit(pruned.live.argmax(axis=2), pruned.passes[-1].shares)
    if case.budget.holds(case.budget.cheapest(case.live))[0]:  # always with a single bound
        assert case.within[case.find(found)]
        assert strength(found, pruned) == pytest.approx(max(strengths(case, pruned)))


def strength(one: Population, pruned: Pruning) -> float:
    """The sum of the shares of its genes in the last pass."""
    there = np.argwhere(one.operations[:, 0] != ABSENT).tolist()
    return sum(pruned.passes[-1].shares[kind, edge, one.operations[kind, 0, edge]] for kind, edge in there)


def strengths(case: Case, pruned: Pruning) -> list[float]:
    """The same of every genotype of the operations left that is within the budget."""
    chosen = pruned.live.argmax(axis=2)
    fits = ((case.allowed.operations == ABSENT) | (case.allowed.operations == chosen[:, None])).all(axis=(0, 2))
    rows = np.flatnonzero(fits & case.within)
    return [strength(case.allowed.take(rows[index : index + 1]), pruned) for index in range(len(rows))]


# Exchanges, on the DARTS space with a flow that is a sum over genes.


def exchanged(genotype: Genotype, live: np.ndarray, pinned: Sequence[str]) -> Iterator[Genotype]:
    """All genotypes of DARTS that differ in one gene."""
    for kind, (name, genes) in enumerate(genotype.genes):
        for gone in genes:
            kept = [gene for gene in genes if gene != gone]
            place = kind, DARTS.edges.index(gone[:2]), DARTS.operations.index(gone.operation)
            for edge, new in itertools.product(range(len(DARTS.edges)), DARTS.genotype_operations):
                source, target = DARTS.edges[edge]
                moved = (source, target) != gone[:2]
                if target != gone.target or any(gene[:2] == (source, target) for gene in kept):
                    continue
                if not live[kind, edge, DARTS.operations.index(new)] or (moved and text(DARTS, place) in pinned):
                    continue
                cells = dict(genotype.genes) | {
                    name: sorted([*kept, Gene(source, target, new)], key=lambda g: g[1::-1])
                }
                yield Genotype.of("darts", cells)


def random_genotypes(
    count: int, live: np.ndarray, pinned: Sequence[str], rng: np.random.Generator, free: float = 0.5
) -> list[Genotype]:
    """Genotypes of DARTS with what is live and pinned; `free` says how often an operation without weights is taken."""
    cheap = np.array([not name.startswith(("sep", "dil")) for name in DARTS.operations])
    usable = live & (np.array(DARTS.operations) != "none")
    found = []
    for _ in range(count):
        cells = {}
        for kind, name in enumerate(DARTS.cell_types):
            cells[name] = []
            for node in range(2, 6):
                into = [edge for edge, (_, target) in enumerate(DARTS.edges) if target == node]
                musts = [edge for edge in into if is_pinned((kind, edge), pinned)]
                others = rng.permutation([edge for edge in into if edge not in musts]).tolist()
                for edge in sorted([*musts, *others][:2]):
                    names = np.flatnonzero(usable[kind, edge] & (cheap == (rng.random() < free)))
                    operation = rng.choice(names if len(names) else np.flatnonzero(usable[kind, edge]))
                    cells[name].append(Gene(*DARTS.edges[edge], DARTS.operations[operation]))
        found.append(Genotype.of("darts", cells))
    return found


def is_pinned(edge: tuple[int, int], pinned: Sequence[str]) -> bool:
    return any(text(DARTS, (*edge, operation)) in pinned for operation in range(len(DARTS.operations)))


@given(seeds, st.integers(1, 3))
@settings(max_examples=15)
def test_exchanges_end_within_the_bounds_where_no_single_one_adds_flow(seed: int, bounds: int):
    """Also from a genotype that is over budget, as long as any keeps it."""
    pinned, _, live = draw_constraints(DARTS, seed, rates=[0.5])
    rng = np.random.default_rng(seed)
    costs = {name: EdgeCosts(1.0, rng.random(live.shape)) for name in ("params", "macs", "latency")[:bounds]}
    start, other = (Population.of("darts", [each]) for each in random_genotypes(2, live, pinned, rng))
    edges = frozenset(edge for edge in np.ndindex(live.shape[:2]) if is_pinned(edge, pinned))
    budget = Budget(DARTS, {name: 1.01 * float(each.of(other)[0]) for name, each in costs.items()}, costs, edges)
    value = EdgeCosts(0.0, rng.random(live.shape)).of
    found = best_by_exchange(budget, start, other, live, value)
    assert budget.holds(found.population)[0]
    if budget.holds(start)[0]:
        assert found.report.log_flow >= value(start)[0]
    neighbours = Population.of("darts", list(exchanged(found.genotype, live, pinned)))
    assert value(neighbours)[budget.holds(neighbours)].max() <= found.report.log_flow + 1e-5
    assert found.report.log_flow == pytest.approx(value(found.population)[0], abs=1e-5)
    assert found.report.free == other.genotype(0)
    assert found.report.free_log_flow == pytest.approx(value(other)[0], abs=1e-5)


# The DARTS space, searched.

CHEAPEST = Genotype.of(
    "darts",
    {
        "normal": [Gene(source, target, "skip_connect") for target in range(2, 6) for source in (0, 1)],
        "reduce": [Gene(source, target, "max_pool_3x3") for target in range(2, 6) for source in (0, 1)],
    },
)
LEAST = network_cost(CHEAPEST)
SOME = {
    "pinned": ("normal:0-3:sep_conv_3x3", "reduce:1-5:dil_conv_5x5"),
    "banned": tuple(f"{kind}:{edge}:sep_conv_5x5" for kind in ("normal", "reduce") for edge in ("2-3", "3-4", "4-5")),
}
QUESTIONS: dict[str, dict[str, object]] = {
    "parameters": {"max_params": 2_200_000},
    "both, pins and bans": {"max_params": 2_600_000, "max_macs": 400_000_000, "seed": 1, **SOME},
    "hardly any": {"max_macs": LEAST.macs + 12_000_000, "seed": 2},
}
every_question = pytest.mark.parametrize("name", QUESTIONS)


def asked(name: str) -> SearchConfig:
    return tiny("darts", field="interior", per_round=16, **QUESTIONS[name])


@cache
def answer(name: str) -> SearchResult:
    return search(asked(name))


def flow_of(config: SearchConfig, genotypes: Sequence[Genotype]) -> np.ndarray:
    return flow("darts", genotypes, config.seed, channels=config.channels, cells=config.cells)


def keeps(config: SearchConfig, genotype: Genotype) -> bool:
    cost = network_cost(genotype)
    return all(getattr(cost, name) <= limit for name, limit in config.limits.items())


@every_question
def test_a_genotype_keeps_bounds_pins_and_bans_and_says_what_it_costs(name: str):
    config, result = asked(name), answer(name)
    cost, free = network_cost(result.genotype), network_cost(result.budget.free)
    assert keeps(config, result.genotype)
    assert not keeps(config, result.budget.free)
    assert result.budget.costs == {each: getattr(cost, each) for each in config.limits}
    assert result.budget.free_costs == {each: getattr(free, each) for each in config.limits}
    assert (result.cost["params"], result.cost["macs"]) == (cost.params, cost.macs)
    assert (result.budget.within, result.budget.listed) == (None, None)
    genes = {f"{kind}:{gene[0]}-{gene[1]}:{gene[2]}" for kind, genes in result.genotype.genes for gene in genes}
    assert set(config.pinned) <= genes
    assert not set(config.banned) & genes
    check_steps(result, config.live)
    found = flow_of(config, [result.genotype, result.budget.free])
    assert found == pytest.approx([result.budget.log_flow, result.budget.free_log_flow], abs=ROUNDING)


@every_question
def test_the_free_genotype_is_that_of_the_same_search_without_a_budget(name: str):
    unbounded = SearchConfig(**asked(name).to_dict() | {"max_params": None, "max_macs": None})
    assert unbounded.limits == {}
    assert answer(name).budget.free == search(unbounded).genotype


@pytest.mark.slow
@every_question
def test_no_exchange_and_no_random_genotype_within_the_bounds_has_more_flow(name: str):
    config, found = asked(name), answer(name)
    neighbours = [each for each in exchanged(found.genotype, config.live, config.pinned) if keeps(config, each)]
    assert flow_of(config, neighbours).max() <= found.budget.log_flow + ROUNDING
    rng = np.random.default_rng(0)
    drawn = random_genotypes(600, config.live, config.pinned, rng, free=0.85)
    drawn = [each for each in drawn if keeps(config, each)]
    assert len(drawn) > 30
    assert flow_of(config, drawn).max() < found.budget.log_flow


@pytest.mark.slow
def test_the_genotype_is_among_the_best_where_few_are_allowed():
    """Two operations on some edges of the normal cell, one elsewhere: all genotypes can be listed."""
    both = {(0, 2), (1, 3), (2, 4), (3, 5)}
    live = np.zeros((2, 14, 8), dtype=bool)
    live[..., 3] = True
    for edge in both:
        live[0, DARTS.edges.index(edge), 4] = True
    pinned = [f"reduce:{source}-{target}:skip_connect" for target in range(2, 6) for source in (0, 1)]
    banned = [text(DARTS, place) for place in np.ndindex(live.shape) if not live[place]]
    config = tiny("darts", field="interior", per_round=16, max_params=2_000_000, pinned=pinned, banned=banned)
    nodes = []
    for node in range(2, 6):
        pairs = itertools.combinations(range(node), 2)
        choices = [
            [Gene(s, node, o) for o in ("skip_connect", "sep_conv_3x3")[: 1 + ((s, node) in both)]] for s in range(node)
        ]
        nodes.append([genes for pair in pairs for genes in itertools.product(*(choices[source] for source in pair))])
    reduce = [Gene(source, target, "skip_connect") for target in range(2, 6) for source in (0, 1)]
    listed = [
        Genotype.of("darts", {"normal": list(itertools.chain(*genes)), "reduce": reduce})
        for genes in itertools.product(*nodes)
    ]
    within = [genotype for genotype in listed if keeps(config, genotype)]
    log_flow = flow_of(config, within)
    assert len(listed) > len(within) > 100
    found = search(config)
    assert found.genotype in within
    assert (log_flow > found.budget.log_flow + ROUNDING).mean() < 0.01


@pytest.mark.slow
def test_the_least_that_a_network_costs_can_be_kept_and_less_cannot():
    for name in ("params", "macs"):
        least = getattr(LEAST, name)
        config = tiny("darts", field="interior", per_round=64, **{f"max_{name}": least})
        assert search(config).budget.costs == {name: least}
        unit = {"params": "parameters", "macs": "MACs"}[name]
        sentence = (
            f"the budget of {least - 1:,} {unit} cannot be kept: "
            f"the cheapest genotype that is allowed has {least:,} {unit}"
        )
        with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
            search(tiny("darts", **{f"max_{name}": least - 1}))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["nas-bench-201", "darts"])
def test_a_search_with_a_budget_stops_where_it_is_told_to(name: str):
    config = tiny(name, field="interior", per_round=64, max_params=2_000_000)
    asks = 0

    def counting(stop_at: float) -> Callable[[], bool]:
        def should_stop() -> bool:
            nonlocal asks
            asks += 1
            return asks >= stop_at

        return should_stop

    search(config, should_stop=counting(np.inf))
    for stop_at in np.linspace(1, asks, 6).astype(int).tolist():
        asks = 0
        with pytest.raises(SearchStopped):
            search(config, should_stop=counting(stop_at))
        assert asks == stop_at


# Words and plain parts.


def test_the_target_goes_last():
    population = Population.of("nas-bench-201", [Population.whole("nas-bench-201").genotype(7777)])
    costs = {"params": EdgeCosts(0.0, np.zeros((1, 6, 5)))}
    target = best_listed(
        Budget(NB201, {"params": 1.0}, costs, frozenset()),
        np.ones((1, 6, 5), dtype=bool),
        lambda cells: (cells.keys() == population.keys()[0]).astype(float),
    )
    shares = np.random.default_rng(0).random((1, 6, 5))
    order = target.protect(shares, np.ones((1, 6, 5), dtype=bool))
    kept = np.isinf(order)
    assert kept[0].argmax(axis=1).tolist() == CELLS[7777].tolist()
    assert (kept.sum(axis=2) == 1).all()
    assert (order[~kept] == shares[~kept]).all()


def test_what_is_bounded_is_counted_at_the_evaluation_size():
    for described, genotype in ((NB201, Population.whole("nas-bench-201").genotype(15_000)), (DARTS, CHEAPEST)):
        config = tiny(described.name, max_params=1, max_macs=1)
        costs, cost = bounded_costs(config, "cpu"), network_cost(genotype)
        population = Population.of(described.name, [genotype])
        assert {name: each.of(population)[0] for name, each in costs.items()} == {
            "params": cost.params,
            "macs": cost.macs,
        }
        assert set(bounded_costs(tiny(described.name, max_macs=1), "cpu")) == {"macs"}


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("params", [886_426.0, 1.0], "886,426 1 parameters"),
        ("macs", [220_119_040], "220,119,040 MACs"),
        ("latency", [3.4149, 0.01234, 12.0], "3.41 0.0123 12 ms"),
        ("latency", [1234.5, 999.9, 2_000_000], "1,230 1,000 2,000,000 ms"),
    ],
)
def test_amounts_are_read_by_people(name: str, values: list[float], said: str):
    assert " ".join(cost_texts(name, *values)) == said


FREE = CHEAPEST


@pytest.mark.parametrize(
    ("limits", "report", "sentence"),
    [
        (
            {"params": 900_000},
            BudgetReport({"params": 886_426.0}, 21.5, FREE, {"params": 1_531_546.0}, 24.25, 1234, 15_625),
            "Budget: 886,426 of at most 900,000 parameters (1,531,546 without a budget); the best of 1,234 among "
            "15,625 cells; log-flow 21.50, 2.75 less than without.",
        ),
        (
            {"macs": 3e8, "latency": 7.5},
            BudgetReport(
                {"macs": 2.5e8, "latency": 7.251}, 30.0, FREE, {"macs": 2.9e8, "latency": 7.3}, 29.5, None, None
            ),
            "Budget: 250,000,000 of at most 300,000,000 MACs (290,000,000 without a budget); 7.25 of at most 7.5 ms "
            "(7.3 without a budget); by exchange; log-flow 30.00, 0.50 more than without.",
        ),
    ],
)
def test_the_sentence_says_what_was_asked_and_what_it_cost(limits: Mapping, report: BudgetReport, sentence: str):
    assert budget_sentence(report, limits) == sentence


def test_a_budget_of_layers_is_kept_among_networks():
    report = BudgetReport({"macs": 1.0}, 1.0, parse_genotype("01220211"), {"macs": 2.0}, 1.5, 12, 6561)
    assert "; the best of 12 among 6,561 networks; " in budget_sentence(report, {"macs": 1.5})
