"""Budgets: upper bounds on what the derived network costs, kept exactly or by pruning the least flow a unit of cost.

Both in closed form. A space that can be listed is enumerated: the cell with the largest flow among those that the
budget and the live operations allow. In any other, pruning removes the operation with the least flow share per unit of
cost while the genotype that is strongest so far is over budget, and the least share after that, but never an operation
without which the budget cannot be kept; then the exchange of one gene that adds most flow is made, until none does.
With several bounds, an operation costs the sum of its parts of each.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.common.ties import SHARE_ROUNDING, tie
from engine.common.work import Work
from engine.genotypes.genotype import Genotype
from engine.genotypes.population import ABSENT, Population, keep_edges, keep_strongest
from engine.networks.cost import EdgeCosts, edge_costs
from engine.networks.latency import latency_table
from engine.searches.config import SearchConfig
from engine.searches.constraints import pinned_edges
from engine.searches.pruning import Shares
from engine.searches.result import BudgetReport
from engine.spaces import SearchSpace
from engine.spaces.masks import Mask
from engine.supernets.flow import FLOW_ROUNDING

_UNITS = {"params": "parameters", "macs": "MACs", "latency": "ms"}
_FREE = 1e-9
"""Weight of an operation without any cost, so that it goes last among those over budget."""


Flow = Callable[[Population], NDArray[np.float64]]
"""log R of architectures, in closed form."""


@dataclass(frozen=True, eq=False)
class Budget:
    """Upper bounds `limits` on some `costs`, by name; `pinned` edges `(cell type, edge)` stand in every genotype."""

    space: SearchSpace
    limits: Mapping[str, float]
    costs: Mapping[str, EdgeCosts]
    pinned: frozenset[tuple[int, int]]

    def costs_of(self, population: Population) -> dict[str, NDArray[np.float64]]:
        """Return the bounded costs of architectures, by name, `(architectures,)` each."""
        return {name: self.costs[name].of(population) for name in self.limits}

    def holds(self, population: Population) -> NDArray[np.bool_]:
        """Return the mask of the architectures that keep every bound, `(architectures,)`."""
        costs = self.costs_of(population)
        return np.asarray(np.all([costs[name] <= limit for name, limit in self.limits.items()], axis=0))

    @cached_property
    def weights(self) -> Shares:
        """Return the costs of operations as parts of the bounds, `(cell types, edges, operations)`."""
        return np.asarray(sum(self.costs[name].parts / limit for name, limit in self.limits.items()))

    @property
    def description(self) -> str:
        """Return the bounds in words."""
        return ", ".join(" ".join(cost_texts(name, limit)) for name, limit in self.limits.items())

    def affordable(self, live: Mask) -> Population:
        """Return a genotype of the live operations that keeps the budget, alone; `ValueError` if there is none.

        It is the cheapest one, unless only another keeps each of several bounds.
        """
        cheapest = self.cheapest(live)
        if self.holds(cheapest)[0]:
            return cheapest
        if len(self.limits) > 1 and (solved := self._solved(live)) is not None:
            return solved
        costs = self.costs_of(cheapest)
        least = ", ".join(" ".join(cost_texts(name, costs[name][0])) for name in self.limits)
        unkept = f"the budget of {self.description} cannot be kept"
        raise ValueError(f"{unkept}: the cheapest genotype that is allowed has {least}")

    def weigh(self, shares: Shares, live: Mask) -> Shares:
        """Return an order of removal: by share per unit of cost while over budget, else by share.

        Operations without which the budget cannot be kept stay. See `engine.searches.pruning`.
        """
        strongest = tie(np.where(live, shares, -1.0), SHARE_ROUNDING).argmax(axis=2)
        best = keep_strongest(self.space, strongest, shares, self.pinned)
        over = not self.holds(best)[0]
        order = shares / np.maximum(self.weights, _FREE) if over else shares
        return np.where(self._indispensable(live), np.inf, order)

    def cheapest(self, live: Mask) -> Population:
        """Return the cheapest genotype of the live operations, alone."""
        weights = np.where(_usable(self.space, live), self.weights, np.inf)
        chosen = weights.argmin(axis=2)
        return keep_edges(self.space, chosen, _at(weights, chosen), self.pinned)

    def fit(self, chosen: NDArray[np.int64], shares: Shares) -> Population:
        """Return the strongest genotype within the budget of one operation an edge, `(cell types, edges)`, alone.

        It differs from the strongest of all in the edges that its nodes keep.
        """
        best = keep_strongest(self.space, chosen, shares, self.pinned)
        if self.holds(best)[0]:
            return best
        ways = [self._edge_choices(kind) for kind in range(len(chosen))]
        picks = np.indices([len(options) for options in ways]).reshape(len(ways), -1)
        rows = zip(ways, chosen, picks, strict=True)
        table = np.stack([np.where(keep, names, ABSENT)[pick] for keep, names, pick in rows]).astype(np.int8)
        strength = _at(shares, chosen)
        total = np.sum([(keep @ row)[pick] for keep, row, pick in zip(ways, strength, picks, strict=True)], axis=0)
        genotypes = Population(self.space, table)
        total = tie(np.where(self.holds(genotypes), total, -np.inf), SHARE_ROUNDING)
        return genotypes.take(np.array([total.argmax()]))

    def _edge_choices(self, kind: int) -> NDArray[np.bool_]:
        """Return every way for the nodes of a cell type to keep their edges, `(ways, edges)`."""
        pinned = {edge for type_index, edge in self.pinned if type_index == kind}
        options = []
        for incoming, count in zip(self.space.incoming(), self.space.kept_counts, strict=True):
            must = pinned & set(incoming)
            kept = itertools.combinations(incoming, count)
            options.append([edges for edges in kept if must <= set(edges)])
        ways = np.zeros((np.prod([len(choices) for choices in options], dtype=int), len(self.space.edges)), dtype=bool)
        for row, way in enumerate(itertools.product(*options)):
            ways[row, list(itertools.chain(*way))] = True
        return ways

    def _indispensable(self, live: Mask) -> Mask:
        """Return the mask of the operations without which the cheapest genotype is over budget."""
        mask, cheapest = np.zeros_like(live), self.cheapest(live)
        room = {name: self.limits[name] - costs[0] for name, costs in self.costs_of(cheapest).items()}
        parts = {name: self.costs[name].parts for name in self.limits}
        if all(parts[name].max() <= left for name, left in room.items()):
            return mask
        usable, kept = _usable(self.space, live), cheapest.operations[:, 0] != ABSENT
        weights = np.where(usable, self.weights, np.inf)
        first, second = np.moveaxis(weights.argsort(axis=2, kind="stable")[..., :2], 2, 0)
        rivals = {edge: incoming for incoming in self.space.incoming() for edge in incoming}
        for kind, edge in np.argwhere(kept & (usable.sum(axis=2) > 1)).tolist():
            old = kind, edge, first[kind, edge]
            others = [] if (kind, edge) in self.pinned else [rival for rival in rivals[edge] if not kept[kind, rival]]
            replacing = [(kind, edge, second[kind, edge]), *((kind, rival, first[kind, rival]) for rival in others)]
            new = min(replacing, key=lambda place: (weights[place], place))
            mask[old] = any(parts[name][new] - parts[name][old] > left for name, left in room.items())
        return mask

    def _solved(self, live: Mask) -> Population | None:
        """Return the cheapest genotype that keeps every bound, alone, by an integer program; None if there is none."""
        from scipy.optimize import LinearConstraint, milp

        (types, edges, _), nodes = live.shape, self.space.nodes
        at = np.nonzero(_usable(self.space, live))
        targets = np.array([edge.target for edge in self.space.edges])
        on_edge = np.equal.outer(np.arange(types * edges), at[0] * edges + at[1])
        into_node = np.equal.outer(np.arange(types * nodes), at[0] * nodes + targets[at[1]])
        must = np.array([place in self.pinned for place in np.ndindex(types, edges)])
        kept = np.tile([0] * self.space.inputs + list(self.space.kept_counts), types)
        bounds = [
            LinearConstraint(self.costs[name].parts[at] / limit, ub=1 - self.costs[name].base / limit)
            for name, limit in self.limits.items()
        ]
        rules = [LinearConstraint(on_edge, must, 1), LinearConstraint(into_node, kept, kept)]
        solved = milp(self.weights[at], integrality=1, bounds=(0, 1), constraints=[*bounds, *rules])
        if solved.x is None:
            return None
        table = np.full((types, 1, edges), ABSENT, dtype=np.int8)
        for kind, edge, operation in np.transpose(at)[solved.x > 0.5].tolist():
            table[kind, 0, edge] = operation
        return Population(self.space, table)


@dataclass(frozen=True, eq=False)
class Target:
    """The genotype that a budget leads to, a `population` of one, and the report of the budget."""

    population: Population
    report: BudgetReport

    @property
    def genotype(self) -> Genotype:
        """Return the genotype."""
        return self.population.genotype(0)

    def protect(self, shares: Shares, live: Mask) -> Shares:
        """Return an order of removal (see `engine.searches.pruning`) that leaves the operations of the genotype."""
        operations = np.arange(len(self.population.space.operations))
        return np.where(self.population.operations[:, 0, :, None] == operations, np.inf, shares)


def best_listed(budget: Budget, live: Mask, flow: Flow) -> Target:
    """Return the cell of the live operations with the largest flow within the budget.

    `ValueError` if nothing flows in any of them.
    """
    whole = Population.whole(budget.space)
    (allowed,), (table,) = live, whole.operations
    cells = whole.take(np.flatnonzero(allowed[np.arange(len(allowed)), table].all(axis=1)))
    log_flow, within = tie(flow(cells), FLOW_ROUNDING), budget.holds(cells)
    best, free = (int(np.where(rows, log_flow, -np.inf).argmax()) for rows in (within, True))
    if not np.isfinite(log_flow[best]):
        all_of = f"the budget of {budget.description} leaves only {budget.space.cell_noun}s"
        raise ValueError(f"{all_of} that pass nothing from input to output")
    return _target(budget, cells.take(np.array([best, free])), log_flow[[best, free]], within)


def best_by_exchange(budget: Budget, start: Population, free: Population, live: Mask, flow: Flow) -> Target:
    """From `start` exchange one gene at a time for the largest flow within the budget, until none is larger.

    Where `start` does not keep every one of several bounds, begin with a genotype that does.
    """
    best = start if budget.holds(start)[0] else budget.affordable(live)
    log_flow = flow(best)
    while True:
        others = _exchanges(best, live, budget.pinned)
        others = others.take(np.flatnonzero(budget.holds(others)))
        log_flows = tie(np.concatenate([log_flow, flow(others)] if len(others) else [log_flow]), FLOW_ROUNDING)
        largest = int(log_flows.argmax())
        if not largest:  # its own, which stands first among those that are tied
            pair = Population(budget.space, np.concatenate([best.operations, free.operations], axis=1))
            return _target(budget, pair, tie(np.concatenate([log_flow, flow(free)]), FLOW_ROUNDING))
        best, log_flow = others.take(np.array([largest - 1])), log_flows[[largest]]


def bounded_costs(config: SearchConfig, device: str, work: Work | None = None) -> dict[str, EdgeCosts]:
    """Return the costs that the configuration bounds, by name, at the evaluation size.

    Latency is measured where it is not known, which can be stopped.
    """
    costs = edge_costs(config.search_space)
    if "latency" in config.limits:
        costs["latency"] = latency_table(config.search_space, device=device, work=work).milliseconds
    return {name: costs[name] for name in config.limits}


def least_costs(config: SearchConfig) -> dict[str, int]:
    """Return the least of each bounded cost that the question allows; none where its bounds can be kept.

    None either where latency is among the bounds, which would have to be measured.
    """
    if not config.limits or "latency" in config.limits:
        return {}
    costs = edge_costs(config.search_space)
    budget = Budget(config.search_space, config.limits, costs, pinned_edges(config.search_space, config.pinned))
    try:
        budget.affordable(config.live)
    except ValueError:
        cheapest = budget.costs_of(budget.cheapest(config.live))
        return {f"max_{name}": int(cost[0]) for name, cost in cheapest.items()}
    return {}


def cost_texts(name: str, *values: float) -> tuple[str, ...]:
    """Return costs as digits, and last their unit."""
    rounded = (float(f"{value:.3g}") for value in values) if name == "latency" else values
    return *(f"{value:,.12g}" for value in rounded), _UNITS[name]


def budget_sentence(report: BudgetReport, limits: Mapping[str, float]) -> str:
    """Say the bounds of a budget, the costs of the genotype, and their price in flow."""
    parts = []
    for name, limit in limits.items():
        cost, bound, free, unit = cost_texts(name, report.costs[name], limit, report.free_costs[name])
        parts.append(f"{cost} of at most {bound} {unit} ({free} without a budget)")
    how = "by exchange"
    if report.within is not None:
        how = f"the best of {report.within:,} among {report.listed:,} {report.free.space.cell_noun}s"
    lost = report.free_log_flow - report.log_flow
    less = f"{abs(lost):.2f} {'less' if lost >= 0 else 'more'} than without"
    return f"Budget: {'; '.join(parts)}; {how}; log-flow {report.log_flow:.2f}, {less}."


def _target(
    budget: Budget, pair: Population, log_flow: NDArray[np.float64], within: NDArray[np.bool_] | None = None
) -> Target:
    """Return the target: `pair` is its genotype and the one without a budget, `log_flow` their log R."""
    bounded, free = ({name: float(costs[row]) for name, costs in budget.costs_of(pair).items()} for row in (0, 1))
    counts = (None, None) if within is None else (int(within.sum()), len(within))
    report = BudgetReport(bounded, float(log_flow[0]), pair.genotype(1), free, float(log_flow[1]), *counts)
    return Target(pair.take(slice(0, 1)), report)


def _exchanges(one: Population, live: Mask, pinned: Collection[tuple[int, int]]) -> Population:
    """Return every genotype that differs in one gene, by its operation or by the edge of its node that it stands on."""
    space, table = one.space, one.operations[:, 0]
    usable = _usable(space, live)
    tables = []
    for kind, incoming in itertools.product(range(len(table)), space.incoming()):
        for edge in (edge for edge in incoming if table[kind, edge] != ABSENT):
            free = [] if (kind, edge) in pinned else [other for other in incoming if table[kind, other] == ABSENT]
            for other in (edge, *free):
                for operation in np.flatnonzero(usable[kind, other]).tolist():
                    changed = table.copy()
                    changed[kind, edge] = ABSENT
                    changed[kind, other] = operation
                    tables.append(changed)
    return Population(space, np.stack(tables, axis=1))


def _usable(space: SearchSpace, live: Mask) -> Mask:
    """Return the mask of the live operations that may stand in a genotype."""
    return np.asarray(live & np.isin(space.operations, space.genotype_operations))


def _at(table: Shares, chosen: NDArray[np.int64]) -> Shares:
    """Return the numbers of the chosen operations, `(cell types, edges)`."""
    return np.asarray(np.take_along_axis(table, chosen[..., None], axis=2)[..., 0])
