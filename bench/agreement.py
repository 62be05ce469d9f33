"""How far the closed form ranks as the full 32x32 pass does: `python -m bench.agreement [--cells 300] [--out FILE]`.

Spearman's rank correlation, seeds 0, 1, 2, at the search size of the space: of the scores of all operations on all
edges, all live, and of log R of random architectures.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import spearmanr

from bench.table import Row, parser, report
from engine import SearchConfig, flow
from engine.genotypes.population import Population
from engine.proxies.freeflow import score
from engine.supernets.supernet import Supernet

SPACES = ("nas-bench-201", "darts")
SEEDS = (0, 1, 2)


def supernet(space: str, seed: int, field: str) -> Supernet:
    """A supernet at its search size."""
    return Supernet(SearchConfig.model_validate({"space": space, "seed": seed, "field": field}).supernet)


def operations(space: str, seed: int) -> float:
    """The agreement on the operations of the edges."""
    found = []
    for field in ("full", "interior"):
        built = supernet(space, seed, field)
        (scores,) = score(built, [built.space.candidates])
        found.append(scores.shares[built.space.candidates])
    return float(spearmanr(*found).statistic)


def architectures(space: str, seed: int, count: int) -> float:
    """The agreement on `count` random architectures that flow passes."""
    sample = Population.sample(space, count, seed=seed)
    closed = flow(space, sample, seed)
    built = supernet(space, seed, "full")
    whole = np.array([log_flow(built, sample, row) for row in range(len(sample))])
    passing = np.isfinite(closed)
    return float(spearmanr(closed[passing], whole[passing]).statistic)


def log_flow(built: Supernet, population: Population, row: int) -> float:
    """log R of one architecture in a full pass."""
    live = mask(population, row)
    with torch.inference_mode():
        found, log_scale = built(built.architecture_parameters([live]), live)
    return float(found.log() + log_scale)


def mask(population: Population, row: int) -> NDArray[np.bool_]:
    """The operations of an architecture, `(cell types, edges, operations)`."""
    choices = population.operations[:, row]
    live = np.zeros((*choices.shape, len(population.space.operations)), dtype=bool)
    np.put_along_axis(live, np.maximum(choices, 0)[..., None], (choices >= 0)[..., None], axis=2)
    return live


def main() -> None:
    """Measure and print."""
    arguments = parser(__doc__)
    arguments.add_argument("--cells", type=int, default=300, help="random architectures (default 300)")
    given = arguments.parse_args()
    torch.set_num_threads(1)
    rows = (
        row
        for space in SPACES
        for row in (
            Row.of(f"{space}: operations on edges", [operations(space, seed) for seed in SEEDS], "rho"),
            Row.of(
                f"{space}: {given.cells} architectures",
                [architectures(space, seed, given.cells) for seed in SEEDS],
                "rho",
            ),
        )
    )
    report(rows, given.out)


if __name__ == "__main__":
    main()
