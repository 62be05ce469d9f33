"""A search, from its configuration to its result."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, assert_never

import numpy as np
from numpy.typing import NDArray

from engine.common.environment import environment, resolve_device
from engine.common.errors import DeviceMemoryExhausted, NonFiniteScores
from engine.common.tasks import Answer, Task
from engine.common.threads import computing_threads
from engine.common.work import OnProgress, Phase, ShouldStop, Work
from engine.data.images import NOISE, Data
from engine.genotypes.genotype import Genotype
from engine.genotypes.population import Population, keep_strongest, listable
from engine.networks.cost import cost_report
from engine.proxies import Proxy, get_proxy
from engine.proxies.base import Evaluate, ProxySetting, Scores
from engine.searches import diagnostics, pruning
from engine.searches.batch import draw_batch, own_data_name
from engine.searches.budget import Budget, Target, best_by_exchange, best_listed, bounded_costs
from engine.searches.config import SearchConfig
from engine.searches.constraints import pinned_edges
from engine.searches.pruning import Pruning
from engine.searches.result import Notice, Pass, SearchResult, Step
from engine.spaces import SearchSpace
from engine.spaces.masks import Mask, silent_operations
from engine.supernets.flow import population_flow

_LABELS = Notice("labels", "The labels are random: the images are Gaussian noise, so no task is scored.")
_DATA = Notice("data", "The images are Gaussian noise, so no task is scored.")


def search(
    config: SearchConfig,
    *,
    images: Data | None = None,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    threads: int | None = None,
) -> SearchResult:
    """Score and prune the operations of a supernet, and return the result.

    `images` (see `engine.data.images`) take the place of those that `config.data` names. `on_progress` hears of every
    pass; `should_stop` is asked at every cell or operation of every pass; `threads` of the CPU are taken, one where
    None, which is the fastest for supernets of these sizes. Raises `SearchStopped` when `should_stop` says so,
    `NonFiniteScores` rather than give a genotype of scores that are not numbers, `DeviceMemoryExhausted` when the
    device's memory is too small, `ValueError` when the device or the images are not there.
    """
    with computing_threads(threads):
        return run_search(config, Work(on_progress, should_stop), images)


def run_search(config: SearchConfig, work: Work, images: Data | None = None) -> SearchResult:
    """Do a search as `work`, a step a pass, and return its result; it raises what `search` raises."""
    device = resolve_device(config.device)
    if device == "mps" and config.dtype == "float64" and config.device == "auto":
        device = "cpu"
    if device == "mps" and config.dtype == "float64":
        raise ValueError("device 'mps' has no float64; take dtype 'float32' or device 'cpu'")
    if images is not None:
        config = config.model_copy(update={"data": own_data_name(images)})
    run = _Run(config, device, work, draw_batch(config, images))
    try:
        return run.result()
    except RuntimeError as error:
        if not _is_out_of_memory(error):
            raise
        advice = f"take fewer {reducible_sizes(config.search_space)}" + (
            "" if run.device == "cpu" else ", or device 'cpu'"
        )
        raise DeviceMemoryExhausted(f"{run.device} has too little memory for this supernet; {advice}") from None


def _is_out_of_memory(error: RuntimeError) -> bool:
    import torch

    return isinstance(error, torch.OutOfMemoryError) or "DefaultCPUAllocator" in str(error)


def reducible_sizes(space: SearchSpace) -> str:
    """Name the sizes of a supernet that may be smaller: `channels`, and `cells` where their number is a choice."""
    return "channels or cells" if space.cells_range.low < space.cells_range.high else "channels"


@dataclass
class _Run:
    """A search under way."""

    config: SearchConfig
    device: str
    work: Work
    batch: Data | None = None

    def __post_init__(self) -> None:
        self.space: SearchSpace = self.config.search_space
        self.proxy = get_proxy(self.config.proxy)
        self.setting = ProxySetting(self.config.supernet, self.device, self.config.dtype, self.batch, self.work)
        self.live: Mask = self.config.live
        self.pinned = pinned_edges(self.space, self.config.pinned)
        self.guard = self.proxy.guard or self.proxy
        self.may_cancel = self.proxy.may_cancel(self.config.supernet)
        self.work.plan(self._phases())

    def result(self) -> SearchResult:
        """Search, and return the result with its notices and times."""
        self.work.report()
        target = self._target() if self.config.limits else None
        evaluate = _open(self.proxy, self.setting)
        built = self.work.elapsed
        pruned = self.prune(evaluate, pruning.by_share if target is None else target.protect)
        scored = self.work.elapsed
        result = self._result(pruned, target)
        notices = self._notices(result, pruned)
        self.work.finish()
        seconds = {"build": built, "passes": scored - built, "total": self.work.elapsed}
        timing = {name: round(value, 4) for name, value in seconds.items()}
        return replace(result, notices=notices, timing=timing).rounded()

    def _result(self, pruned: Pruning, target: Target | None) -> SearchResult:
        """Return the result of pruning, before its notices and times."""
        genotype = derive(self.space, pruned, self.pinned) if target is None else target.genotype
        return SearchResult(
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

    def _flow(self, population: Population) -> NDArray[np.float64]:
        """Return log R in closed form, at the size of this supernet and with its weights."""
        return population_flow(population, self.config.seed, self.work.quiet(), self.config.size, self.config.device)

    def _target(self) -> Target:
        """Return the genotype that the budget leads to; pruning then shows how the supernet comes down to it."""
        costs = bounded_costs(self.config, self.device, self.work.quiet())
        budget = Budget(self.space, self.config.limits, costs, self.pinned)
        budget.affordable(self.live)
        if listable(self.space):
            return best_listed(budget, self.live, self._flow)
        interior = self._unbounded_interior()
        evaluate = _open(interior.proxy, interior.setting)
        free = derive(self.space, interior.prune(evaluate), self.pinned)
        pruned = interior.prune(evaluate, budget.weigh)
        start = budget.fit(pruned.live.argmax(axis=2), pruned.passes[-1].shares)
        return best_by_exchange(budget, start, Population.of(self.space, [free]), self.live, self._flow)

    def _unbounded_interior(self) -> _Run:
        """Return the search for the same without a budget, in closed form."""
        unbounded = self.config.model_dump() | dict.fromkeys(("max_params", "max_macs", "max_latency"))
        config = SearchConfig.model_validate(unbounded | {"field": "interior"})
        return _Run(config, self.device, self.work.quiet())

    def prune(self, evaluate: Evaluate, weigh: pruning.Weigh = pruning.by_share, work: Work | None = None) -> Pruning:
        """Prune the live operations by the method of the configuration, a step of the work, or of `work`, a pass."""
        step = (work or self.work).step
        match self.config.method:
            case "one-shot":
                pruned = pruning.one_shot(evaluate, self.live)
                step()
                return pruned
            case "iterative":
                plan = self.space.plan(self.config.size)
                cells = [plan.repeats(kind) for kind in self.space.cell_types]
                lookahead = self.proxy.side_by_side(self.setting)
                per_round = self.config.per_round
                return pruning.iterative(evaluate, self.live, per_round, lookahead, step, cells, weigh)
            case _:
                assert_never(self.config.method)

    def _prune_again(self) -> Pruning:
        """Prune in double precision, as the second phase of the work, whose passes take longer."""
        searched, repeated = (int(phase.steps) for phase in self._phases())
        if missing := searched - int(self.work.done):
            self.work.step(missing)
        work = self.work.part(repeated)
        work.begin(repeated)
        return self.prune(self._in("float64", self.proxy, work), work=work)

    def _phases(self) -> list[Phase]:
        """Return the passes of the whole search, apart those of a repetition in double precision."""
        silent = silent_operations(self.space, self.live)
        passing = self.live & ~silent
        most, least, rounds = int(passing.sum()), int(passing.any(axis=2).sum()), 1
        if self.config.method == "iterative":
            zero = np.minimum(silent.sum(axis=2), self.live.sum(axis=2) - 1).sum()
            rounds = pruning.rounds(self.live, int(zero), self.config.per_round)
        counts = [max(most - done * self.config.per_round, least) for done in range(rounds)]
        searched = sum(map(self.proxy.passes, counts))
        if self.may_cancel and self.config.dtype == "float32":
            return [Phase("", searched), Phase("repetition", searched)]
        return [Phase("", searched + (self.guard.passes(most) if self.may_cancel else 0))]

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

    def _notices(self, result: SearchResult, pruned: Pruning) -> tuple[Notice, ...]:
        notices = self._rounding(result.genotype, pruned) if self.may_cancel else []
        rounding = bool(notices)
        if self.proxy.needs_data and self.config.data in NOISE:
            notices.append(_LABELS if self.proxy.needs_labels else _DATA)
        notices += diagnostics.collapse(result.genotype)
        if not rounding:
            chosen = {kind: result.chosen(kind) for kind in self.space.cell_types}
            notices += diagnostics.ties(result.shares, chosen, self.space)
        return tuple(notices)

    def _rounding(self, genotype: Genotype, pruned: Pruning) -> list[Notice]:
        """Return a notice if rounding decides: the scores are rounding, or double precision finds another genotype."""
        kinds = self.space.cell_types
        try:
            if self.config.dtype == "float64":
                (first,) = self._in("float32", self.guard)([self.live])
                (second,) = (
                    pruned.passes[:1] if self.guard is self.proxy else self._in("float64", self.guard)([self.live])
                )
                return diagnostics.rounding(_raw(first), _raw(second), kinds)
            again = self._prune_again()
        except NonFiniteScores:  # the other precision does not reach; that says nothing of this one
            return []
        except RuntimeError as error:
            if not _is_out_of_memory(error):
                raise
            return [diagnostics.UNCHECKED]
        first, second = pruned.passes[0], again.passes[0]
        notices = diagnostics.rounding(_raw(first), _raw(second), kinds)
        if not notices and derive(self.space, again, self.pinned) != genotype:
            notices.append(diagnostics.precision(first.shares, second.shares))
        return notices

    def _in(self, dtype: str, proxy: Proxy, work: Work | None = None) -> Evaluate:
        """Open a proxy in a precision, on the processor where the device has no such, as this work or `work`."""
        device = "cpu" if self.device == "mps" and dtype == "float64" else self.device
        return _open(proxy, replace(self.setting, dtype=dtype, device=device, work=work or self.work))


def _open(proxy: Proxy, setting: ProxySetting) -> Evaluate:
    """Open a proxy in a setting; on a GPU in full single precision, which cuDNN does not keep by itself."""
    import torch

    evaluate = proxy.open(setting)

    def precise(masks: Sequence[Mask]) -> list[Scores]:
        with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            return evaluate(masks)

    return precise


def _raw(scores: Scores) -> pruning.Shares:
    return np.asarray(scores.shares * np.exp(scores.log_flow))


def derive(space: SearchSpace, pruned: Pruning, pinned: Collection[tuple[int, int]] = ()) -> Genotype:
    """Return the genotype that pruning arrived at: the operation left on every edge, the best edges of every node.

    Edges are compared by the shares of their operations in the last pass; `pinned` edges `(cell type, edge)` are kept,
    equal ones keep the order of the tables.
    """
    return keep_strongest(space, pruned.live.argmax(axis=2), pruned.passes[-1].shares, pinned).genotype(0)


class SearchTask(Task):
    """One search."""

    kind: Literal["search"] = "search"
    config: SearchConfig
    unit: ClassVar[str] = "pass"
    answer: ClassVar[type[Answer]] = SearchResult

    def run(self, work: Work) -> SearchResult:
        """Search."""
        return run_search(self.config, work)

    @property
    def title(self) -> str:
        """Name the search by its seed."""
        return f"search, seed {self.config.seed}"

    @property
    def duration_class(self) -> str:
        """Name space, proxy, method, field and size."""
        config = self.config
        return f"search {config.search_space.name} {config.proxy} {config.method} {config.field} {config.size}"
