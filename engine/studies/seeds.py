"""The same question under many seeds: how much the scores move, and how often each operation wins its edge."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from engine.common.errors import quoted
from engine.common.tasks import Answer, Task
from engine.common.work import Work
from engine.proxies import get_proxy
from engine.searches.config import SearchConfig
from engine.searches.diagnostics import ROUNDING
from engine.searches.result import ScoreTable, rounded
from engine.searches.search import run_search
from engine.spaces import SearchSpace

SCHEMA = "freenas/seed-study@1"
MAX_SEEDS = 1024


@dataclass(frozen=True)
class SeedStudy:
    """Searches that differ in their seed alone.

    `shares` holds, by cell type, the flow shares of the whole supernet `(seeds, edges, operations)`; `winners` the
    index of the operation that pruning left on every edge `(seeds, edges)`; `notations` the genotypes; `rounding` is
    how many of the searches rank rounding error (see `engine.searches.diagnostics`).
    """

    config: SearchConfig
    seeds: tuple[int, ...]
    shares: Mapping[str, ScoreTable]
    winners: Mapping[str, NDArray[np.int64]]
    notations: tuple[str, ...]
    seconds: float
    rounding: int = 0

    @property
    def space(self) -> SearchSpace:
        """The search space."""
        return self.config.search_space

    def mean(self, kind: str) -> ScoreTable:
        """Mean share over the seeds, `(edges, operations)`."""
        return np.asarray(self.shares[kind].mean(axis=0))

    def spread(self, kind: str) -> ScoreTable:
        """Standard deviation of the share over the seeds, `(edges, operations)`."""
        return np.asarray(self.shares[kind].std(axis=0))

    def wins(self, kind: str) -> ScoreTable:
        """How often each operation was left on each edge, as a fraction, `(edges, operations)`."""
        operations = np.arange(len(self.space.operations))
        return np.asarray((self.winners[kind][..., None] == operations).mean(axis=0))

    def genotypes(self) -> list[tuple[str, int]]:
        """The genotypes found and how many seeds found each, most frequent first."""
        return Counter(self.notations).most_common()

    def to_json(self) -> str:
        """The study as JSON text."""
        data = {
            "schema": SCHEMA,
            "config": self.config.to_dict(),
            "seeds": self.seeds,
            "shares": {kind: [rounded(each) for each in table] for kind, table in self.shares.items()},
            "winners": {kind: table.tolist() for kind, table in self.winners.items()},
            "genotypes": self.notations,
            "seconds": self.seconds,
            "rounding": self.rounding,
        }
        return json.dumps(data, separators=(",", ":"), allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> SeedStudy:
        """Read what `to_json` wrote; `ValueError` if it is something else."""
        data: dict[str, Any] = json.loads(text)
        if data.get("schema") != SCHEMA:
            raise ValueError(f"schema: {quoted(data.get('schema'))} found, '{SCHEMA}' expected")
        return cls(
            config=SearchConfig.model_validate(data["config"]),
            seeds=tuple(data["seeds"]),
            shares={kind: np.asarray(table) for kind, table in data["shares"].items()},
            winners={kind: np.asarray(table) for kind, table in data["winners"].items()},
            notations=tuple(data["genotypes"]),
            seconds=data["seconds"],
            rounding=data["rounding"],
        )


def closed_form(config: SearchConfig) -> SearchConfig:
    """The same question in the closed form; unchanged where there is none (batch norm, noise, most proxies)."""
    needed = get_proxy(config.proxy).fixed.get("field", "interior")
    if needed == "full" or config.normalisation == "batch" or config.search_space.no_closed_form is not None:
        return config
    return config.model_copy(update={"field": "interior"})


def study_seeds(config: SearchConfig, seeds: Sequence[int], work: Work | None = None) -> SeedStudy:
    """Search once for every seed, in the closed form where there is one, as `work`, a step a seed.

    Raises what `search` raises, and `ValueError` for no seeds or too many.
    """
    if not 0 < len(seeds) <= MAX_SEEDS:
        raise ValueError(f"{len(seeds)} seeds given; 1 to {MAX_SEEDS} are allowed")
    work = work or Work()
    config, results = closed_form(config), []
    work.begin(len(seeds))
    for seed in seeds:
        results.append(run_search(SearchConfig.model_validate(config.to_dict() | {"seed": seed}), work.quiet()))
        work.step()
    described = config.search_space
    winners = {
        kind: [
            [described.operations.index(name) for _, name in sorted(found.chosen(kind).items())] for found in results
        ]
        for kind in described.cell_types
    }
    return SeedStudy(
        config=config,
        seeds=tuple(seeds),
        shares={kind: np.stack([found.shares[kind] for found in results]) for kind in described.cell_types},
        winners={kind: np.asarray(rows) for kind, rows in winners.items()},
        notations=tuple(found.genotype.notation for found in results),
        seconds=round(work.elapsed, 3),
        rounding=sum(found.has(ROUNDING) for found in results),
    )


class SeedsTask(Task):
    """A study of the seeds 0 to `seeds` - 1."""

    kind: Literal["seeds"] = "seeds"
    config: SearchConfig
    seeds: int
    unit: ClassVar[str] = "seed"
    answer: ClassVar[type[Answer]] = SeedStudy

    def run(self, work: Work) -> SeedStudy:
        """Study the seeds."""
        return study_seeds(self.config, range(self.seeds), work)

    @property
    def title(self) -> str:
        """Name the study by the number of its seeds."""
        return f"study, {self.seeds} seeds"
