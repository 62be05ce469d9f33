"""Agreement of the closed form with the full 32x32 pass: `python -m bench.agreement [--cells 300] [--out FILE]`.

Spearman's rank correlation, seeds 0, 1, 2, at the search size of the space: of the scores of all operations on all
edges, all live, and of log R of random architectures. Values that differ by rounding alone are tied.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import spearmanr

from bench.table import Row, parser, report
from engine import SearchConfig, flow
from engine.common.ties import SHARE_ROUNDING, tie
from engine.genotypes.population import Population
from engine.proxies.freeflow import score_masks
from engine.supernets.flow import FLOW_ROUNDING
from engine.supernets.supernet import Supernet

SPACES = ("nas-bench-201", "darts")
SEEDS = (0, 1, 2)


def supernet(space: str, seed: int, field: str) -> Supernet:
    """Build a supernet at its search size."""
    return Supernet(SearchConfig.model_validate({"space": space, "seed": seed, "field": field}).supernet)


def operations(space: str, seed: int) -> float:
    """Return the agreement on the operations of the edges."""
    shares = []
    for field in ("full", "interior"):
        network = supernet(space, seed, field)
        (scores,) = score_masks(network, [network.space.candidates])
        shares.append(tie(scores.shares[network.space.candidates], SHARE_ROUNDING))
    return float(spearmanr(*shares).statistic)


def architectures(space: str, seed: int, count: int) -> float:
    """Return the agreement on `count` random architectures that flow passes."""
    sample = Population.sample(space, count, seed=seed)
    closed = tie(flow(space, sample, seed), FLOW_ROUNDING)
    network = supernet(space, seed, "full")
    whole = np.array([log_flow(network, sample, row) for row in range(len(sample))])
    passing = np.isfinite(closed)
    return float(spearmanr(closed[passing], tie(whole[passing], FLOW_ROUNDING)).statistic)


def log_flow(network: Supernet, population: Population, row: int) -> float:
    """Return log R of one architecture in a full pass."""
    live = mask(population, row)
    with torch.inference_mode():
        total, log_scale = network(network.architecture_parameters([live]), live)
    return float(total.log() + log_scale)


def mask(population: Population, row: int) -> NDArray[np.bool_]:
    """Return the operations of an architecture, `(cell types, edges, operations)`."""
    choices = population.operations[:, row]
    live = np.zeros((*choices.shape, len(population.space.operations)), dtype=bool)
    np.put_along_axis(live, np.maximum(choices, 0)[..., None], (choices >= 0)[..., None], axis=2)
    return live


def main() -> None:
    """Measure and print."""
    arguments = parser(__doc__)
    arguments.add_argument("--cells", type=int, default=300, help="random architectures (default 300)")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    rows = (
        row
        for space in SPACES
        for row in (
            Row.of(f"{space}: operations on edges", [operations(space, seed) for seed in SEEDS], "rho"),
            Row.of(
                f"{space}: {options.cells} architectures",
                [architectures(space, seed, options.cells) for seed in SEEDS],
                "rho",
            ),
        )
    )
    report(rows, options.out)


if __name__ == "__main__":
    main()
