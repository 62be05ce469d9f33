"""One search under many seeds: the spread of the scores, and the frequency with which each operation wins its edge."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PlainSerializer, PlainValidator, TypeAdapter

from engine.common.documents import read_as
from engine.common.environment import resolve_device
from engine.common.processes import processes_worth, spread
from engine.common.tasks import Answer, Task
from engine.common.threads import computing_threads, current_threads
from engine.common.work import Work
from engine.proxies import get_proxy
from engine.searches.config import SearchConfig
from engine.searches.diagnostics import PRECISION, ROUNDING
from engine.searches.result import ScoreTable, SearchResult, rounded
from engine.searches.search import run_search
from engine.spaces import SearchSpace

SCHEMA = "freenas/seed-study@1"
DEFAULT_SEEDS, MAX_SEEDS = 32, 1024

StudyConfig = Annotated[SearchConfig, PlainSerializer(lambda config: config.to_dict())]
"""A configuration; in JSON with the name of its recipe."""
StudyShares = Annotated[
    ScoreTable,
    PlainValidator(np.asarray),
    PlainSerializer(lambda shares: [rounded(table) for table in shares]),
]
"""Flow shares `(seeds, edges, operations)`; in JSON with six significant digits."""
StudyWinners = Annotated[
    NDArray[np.int64],
    PlainValidator(np.asarray),
    PlainSerializer(lambda winners: winners.tolist()),
]
"""Operations left on every edge, as indices in the space, `(seeds, edges)`."""


@dataclass(frozen=True)
class SeedStudy:
    """Searches that differ in their seed alone: the document `freenas/seed-study@1`.

    `shares` holds, by cell type, the flow shares of the whole supernet `(seeds, edges, operations)`; `winners` the
    index of the operation that pruning left on every edge `(seeds, edges)`; `notations` the genotypes; `rounding` is
    the number of searches that rank rounding error, `precision` that of those in which rounding decides (see
    `engine.searches.diagnostics`).
    """

    config: StudyConfig
    seeds: tuple[int, ...]
    shares: Mapping[str, StudyShares]
    winners: Mapping[str, StudyWinners]
    notations: Annotated[tuple[str, ...], Field(alias="genotypes")]
    seconds: float
    rounding: int = 0
    precision: int = 0

    @property
    def space(self) -> SearchSpace:
        """Return the search space."""
        return self.config.search_space

    def mean(self, kind: str) -> ScoreTable:
        """Return the mean share over the seeds, `(edges, operations)`."""
        return np.asarray(self.shares[kind].mean(axis=0))

    def spread(self, kind: str) -> ScoreTable:
        """Return the standard deviation of the share over the seeds, `(edges, operations)`."""
        return np.asarray(self.shares[kind].std(axis=0))

    def wins(self, kind: str) -> ScoreTable:
        """Return the fraction of seeds that left each operation on each edge, `(edges, operations)`."""
        operations = np.arange(len(self.space.operations))
        return np.asarray((self.winners[kind][..., None] == operations).mean(axis=0))

    def genotype_counts(self) -> list[tuple[str, int]]:
        """Return the genotypes and the number of seeds that led to each, most frequent first."""
        return Counter(self.notations).most_common()

    def to_json(self) -> str:
        """Return the study as JSON text."""
        data = {"schema": SCHEMA, **_STUDY.dump_python(self, by_alias=True)}
        return json.dumps(data, separators=(",", ":"), allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> SeedStudy:
        """Read the text that `to_json` wrote; `ValueError` for any other."""
        return read_as(_STUDY, SCHEMA, text, most=None)


_STUDY = TypeAdapter(SeedStudy)


def closed_form(config: SearchConfig) -> SearchConfig:
    """Return the same question in the closed form; unchanged where there is none (batch norm, noise, most proxies)."""
    field = get_proxy(config.proxy).fixed.get("field", "interior")
    if field == "full" or config.normalisation == "batch" or config.search_space.no_closed_form is not None:
        return config
    return config.model_copy(update={"field": "interior"})


def study_seeds(
    config: SearchConfig, seeds: Sequence[int], work: Work | None = None, threads: int | None = None
) -> SeedStudy:
    """Search once for every seed, in the closed form where there is one, as `work`, a step a seed.

    `threads` of the CPU are taken, one where None, in each of the processes of `computing_processes` where the seeds
    are worth them. Raises what `search` raises, and `ValueError` for no seeds or too many.
    """
    if not 0 < len(seeds) <= MAX_SEEDS:
        raise ValueError(f"{len(seeds)} seeds given; 1 to {MAX_SEEDS} are allowed")
    work = work or Work()
    config = closed_form(config)
    with computing_threads(threads):
        results = _search_each(config, seeds, work)
    space = config.search_space
    winners = {
        kind: [[space.operations.index(name) for _, name in sorted(result.chosen(kind).items())] for result in results]
        for kind in space.cell_types
    }
    return SeedStudy(
        config=config,
        seeds=tuple(seeds),
        shares={kind: np.stack([result.shares[kind] for result in results]) for kind in space.cell_types},
        winners={kind: np.asarray(rows) for kind, rows in winners.items()},
        notations=tuple(result.genotype.notation for result in results),
        seconds=round(work.elapsed, 3),
        rounding=sum(result.has(ROUNDING) for result in results),
        precision=sum(result.has(PRECISION) for result in results),
    )


def _search_each(config: SearchConfig, seeds: Sequence[int], work: Work) -> list[SearchResult]:
    """Search with every seed: in this process, and in several as soon as the others are seen to take long."""
    device, results = resolve_device(config.device), list[SearchResult]()
    questions = [SearchConfig.model_validate(config.to_dict() | {"seed": seed}) for seed in seeds]
    searches = [_SeedSearch(question, current_threads()) for question in questions]
    work.begin(len(seeds))
    for done, search in enumerate(searches):
        if done and processes_worth(work.elapsed / done * (len(seeds) - done), device) > 1:
            break
        results.append(_search_seed(search, work))
    return results + spread(_search_seed, searches[len(results) :], work)


class _SeedSearch(NamedTuple):
    """A search of a study, and the threads that it takes."""

    config: SearchConfig
    threads: int


def _search_seed(search: _SeedSearch, work: Work) -> SearchResult:
    with computing_threads(search.threads):
        result = run_search(search.config, work.quiet())
    work.step()
    return result


class SeedsTask(Task):
    """The task of studying the seeds 0 to `seeds` - 1."""

    kind: Literal["seeds"] = "seeds"
    config: SearchConfig
    seeds: int
    unit: ClassVar[str] = "seed"
    answer: ClassVar[type[Answer]] = SeedStudy

    def run(self, work: Work) -> SeedStudy:
        """Search once for every seed."""
        return study_seeds(self.config, range(self.seeds), work)

    @property
    def title(self) -> str:
        """Name the study by the number of its seeds."""
        return f"study, {self.seeds} seeds"
