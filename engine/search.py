"""A search, from its configuration to its result."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine import diagnostics, pruning
from engine.budget import Budget, Target, best_by_exchange, best_listed, bounded_costs
from engine.config import SearchConfig
from engine.constraints import pinned_edges, silent_operations
from engine.cost import cost_report
from engine.environment import environment, resolve_device
from engine.errors import DeviceMemoryExhausted, NonFiniteScores, SearchStopped
from engine.flow import flow
from engine.genotype import Genotype
from engine.population import Population, keep_strongest, listable
from engine.progress import Progress
from engine.proxies import proxy
from engine.proxies.base import Mask, Scores
from engine.pruning import Pruning
from engine.result import Notice, Pass, SearchResult, Step
from engine.spaces import SearchSpace

if TYPE_CHECKING:
    from engine.supernet import Supernet


SIDE_BY_SIDE = 2**26
"""Features, in numbers, that passes side by side may keep on the CPU, counted at the size of the first cell."""


def search(
    config: SearchConfig,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> SearchResult:
    """Score, prune, and report.

    `should_stop` is asked at every cell of every pass. Raises `SearchStopped` when it says so, `NonFiniteScores` rather
    than give a genotype of scores that are not numbers, `DeviceMemoryExhausted` when the device's memory is too small,
    `ValueError` when the device is not there.
    """
    import torch

    device = resolve_device(config.device)
    if device == "mps" and config.dtype == "float64":
        raise ValueError("device 'mps' has no float64; take dtype 'float32' or device 'cpu'")
    run = _Run(config, device, on_progress, should_stop)
    try:
        return run.result()
    except RuntimeError as error:
        if not isinstance(error, torch.OutOfMemoryError) and "DefaultCPUAllocator" not in str(error):
            raise
        advice = "take fewer channels or cells" + ("" if run.device == "cpu" else ", or device 'cpu'")
        raise DeviceMemoryExhausted(f"{run.device} has too little memory for this supernet; {advice}") from None


@dataclass
class _Run:
    """One search under way."""

    config: SearchConfig
    device: str
    on_progress: Callable[[Progress], None] | None
    should_stop: Callable[[], bool] | None

    def __post_init__(self) -> None:
        self.space: SearchSpace = self.config.described_space
        self.proxy = proxy(self.config.proxy)
        self.started = time.perf_counter()
        self.live: Mask = self.config.live
        self.pinned = pinned_edges(self.space, self.config.pinned)
        self.total = 1
        if self.config.method == "iterative":
            silent = silent_operations(self.space, self.live).sum(axis=2)
            zero = np.minimum(silent, self.live.sum(axis=2) - 1).sum()
            self.total = pruning.rounds(self.live, int(zero), self.config.per_round)
        self.total += self.config.normalisation == "batch"  # the pass that tells scores from rounding

    def result(self) -> SearchResult:
        self._report(0)
        target = self._target() if self.config.limits else None
        supernet = self._supernet(self.device, self.config.dtype)
        built = time.perf_counter()
        pruned = self._prune(supernet, pruning.by_share if target is None else target.protect)
        scored = time.perf_counter()
        genotype = derive(self.space, pruned, self.pinned) if target is None else target.genotype
        result = SearchResult(
            config=self.config,
            genotype=genotype,
            passes=tuple(Pass(self._by_type(scores.shares), scores.log_flow) for scores in pruned.passes),
            steps=tuple(self._step(removal, pruned) for removal in pruned.removals),
            notices=(),
            cost=cost_report(genotype),
            timing={},
            environment=environment(self.device),
            budget=target.report if target is not None else None,
        )
        notices = self._notices(result, pruned.passes[0])
        seconds = {"build": built - self.started, "passes": scored - built, "total": time.perf_counter() - self.started}
        timing = {name: round(value, 4) for name, value in seconds.items()}
        return replace(result, notices=notices, timing=timing).rounded()

    def _flow(self, population: Population) -> NDArray[np.float64]:
        """log R in closed form, at the size of this supernet and with its weights."""
        config = self.config
        size = config.size._asdict()
        return flow(config.space, population, config.seed, **size, device=config.device, should_stop=self.should_stop)

    def _target(self) -> Target:
        """The genotype that the budget leads to; pruning then shows how the supernet comes down to it."""
        budget = Budget(
            self.space, self.config.limits, bounded_costs(self.config, self.device, self.should_stop), self.pinned
        )
        budget.check(self.live)
        if listable(self.space):
            return best_listed(budget, self.live, self._flow)
        unbounded = self.config.model_dump() | dict.fromkeys(("max_params", "max_macs", "max_latency"))
        config = SearchConfig.model_validate(unbounded | {"field": "interior"})
        interior = _Run(config, self.device, None, self.should_stop)
        supernet = interior._supernet(self.device, config.dtype)
        free = derive(self.space, interior._prune(supernet), self.pinned)
        pruned = interior._prune(supernet, budget.weigh)
        start = budget.fit(pruned.live.argmax(axis=2), pruned.passes[-1].shares)
        return best_by_exchange(budget, start, Population.of(self.space, [free]), self.live, self._flow)

    def _supernet(self, device: str, dtype: str) -> Supernet:
        import torch

        from engine.supernet import Supernet

        return Supernet(self.config, device, getattr(torch, dtype), on_cell=self._on_cell)

    def _score(self, supernet: Supernet, masks: Sequence[Mask]) -> list[Scores]:
        """The scores of the proxy; on a GPU in full single precision, which cuDNN does not keep by itself."""
        import torch

        with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            return self.proxy.score(supernet, masks)

    def _prune(self, supernet: Supernet, weigh: pruning.Weigh = pruning.by_share) -> Pruning:
        def evaluate(masks: Sequence[Mask]) -> list[Scores]:
            return self._score(supernet, masks)

        if self.config.method == "one-shot":
            pruned = pruning.one_shot(evaluate, self.live)
            self._report(1)
            return pruned
        kinds = [cell.kind for cell in self.space.plan(self.config.size).cells]
        cells = [kinds.count(kind) for kind in self.space.cell_types]
        lookahead = self._lookahead(len(kinds))
        return pruning.iterative(evaluate, self.live, self.config.per_round, lookahead, self._report, cells, weigh)

    def _lookahead(self, cells: int) -> int:
        """How many passes run side by side: what the caches of a processor, or the memory of a device, are good for."""
        if self.config.field == "interior":
            return 64
        if self.device != "cpu":
            return 32
        features = cells * self.live[0].size * self.config.channels * self.config.image_size**2
        return int(np.clip(SIDE_BY_SIDE // features, 1, 8))

    def _report(self, done: int) -> None:
        if self.on_progress is not None:
            total = max(done, self.total)  # a target with `none` takes more than could be told
            self.on_progress(Progress(done, total, time.perf_counter() - self.started))

    def _on_cell(self) -> None:
        if self.should_stop is not None and self.should_stop():
            raise SearchStopped("the search was stopped")

    def _by_type(self, table: pruning.Shares) -> dict[str, pruning.Shares]:
        return dict(zip(self.space.cell_types, table, strict=True))

    def _step(self, removal: pruning.Removal, pruned: Pruning) -> Step:
        share = pruned.passes[removal.at_pass].shares[removal.type_index, removal.edge, removal.operation]
        return Step(
            self.space.cell_types[removal.type_index],
            removal.edge,
            self.space.operations[removal.operation],
            removal.at_pass,
            float(share),
        )

    def _notices(self, result: SearchResult, first: Scores) -> tuple[Notice, ...]:
        rounding = self._rounding(first) if self.config.normalisation == "batch" else []
        if rounding:
            return (*rounding, *diagnostics.collapse(result.genotype))
        chosen = {kind: result.chosen(kind) for kind in self.space.cell_types}
        return (*diagnostics.collapse(result.genotype), *diagnostics.ties(result.shares, chosen, self.space))

    def _rounding(self, first: Scores) -> list[Notice]:
        """Score the whole supernet once more in the other precision; only batch norm can cancel what flows."""
        other = "float32" if self.config.dtype == "float64" else "float64"
        device = "cpu" if self.device == "mps" else self.device
        try:
            (again,) = self._score(self._supernet(device, other), [self.live])
        except NonFiniteScores:  # the other precision does not reach; that says nothing of this one
            return []
        finally:
            self._report(self.total)
        return diagnostics.rounding(_raw(first), _raw(again), self.config.dtype, other, self.space.cell_types)


def _raw(scores: Scores) -> pruning.Shares:
    return np.asarray(scores.shares * np.exp(scores.log_flow))


def derive(space: SearchSpace, pruned: Pruning, pinned: Collection[tuple[int, int]] = ()) -> Genotype:
    """The genotype that pruning arrived at: the operation left on every edge, the best edges of every node.

    An edge is as good as its operation in the last pass; `pinned` edges `(cell type, edge)` are kept, equal ones keep
    the order of the tables.
    """
    return keep_strongest(space, pruned.live.argmax(axis=2), pruned.passes[-1].shares, pinned).genotype(0)
