"""How well summed latency predicts measured latency: `python -m bench.latency [SPACE …] [--quick] [--out FILE.json]`.

Random networks of each space are timed whole and compared with the table of measured operations. Both are measured in
this run, one after the other, so a machine that is busy at times shows in the error.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

from bench.table import parser, report
from engine.common.threads import computing_threads
from engine.genotypes.population import Population
from engine.networks.latency import ROUNDS, latency_table, measure_latency

SEED = 1
"""Of the random networks; those that the table is scaled by have another."""


@dataclass(frozen=True)
class Row:
    """One space: how long its table took, what it was scaled by, and the estimates against `networks` measurements.

    `error` is the mean absolute, `worst` the largest absolute and `bias` the mean relative error of an estimate;
    `unscaled` is the mean relative error of the plain sum. `least` and `largest` are measured, in milliseconds.
    """

    space: str
    seconds: float
    scale: float
    networks: int
    least: float
    largest: float
    spearman: float
    error: float
    worst: float
    bias: float
    unscaled: float

    def __str__(self) -> str:
        found = (
            f"Spearman {self.spearman:.3f}, mean absolute error {self.error:.1%}, worst {self.worst:.1%}, "
            f"bias {self.bias:+.1%} (plain sum {self.unscaled:+.1%}, scaled by {self.scale:.3f})"
        )
        networks = f"{self.networks} networks of {self.least:.2f} to {self.largest:.2f} ms"
        return f"{self.space}: {networks}: {found}; table in {self.seconds:.1f} s"


def compare(name: str, count: int, device: str, batch: int) -> Row:
    with tempfile.TemporaryDirectory() as empty:
        started = time.perf_counter()
        table = latency_table(name, device=device, batch=batch, cache=Path(empty))
        seconds = time.perf_counter() - started
    networks = Population.sample(name, count, seed=SEED)
    timed = [
        [measure_latency(each, device=device, batch=batch, seconds=0.2).median for each in networks.genotypes()]
        for _ in range(ROUNDS)
    ]
    estimated, measured = table.costs.of(networks), np.median(timed, axis=0)
    error = estimated / measured - 1
    return Row(
        space=name,
        seconds=seconds,
        scale=table.scale,
        networks=count,
        least=1e3 * float(measured.min()),
        largest=1e3 * float(measured.max()),
        spearman=float(spearmanr(estimated, measured).statistic),
        error=float(np.abs(error).mean()),
        worst=float(np.abs(error).max()),
        bias=float(error.mean()),
        unscaled=float((estimated / table.scale / measured - 1).mean()),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    command = parser(__doc__)
    command.add_argument("spaces", nargs="*", default=["nas-bench-201", "darts"], help="those two unless named")
    command.add_argument("--quick", action="store_true", help="fewer networks")
    command.add_argument("--threads", type=int, default=1, help="threads that torch may use (default 1)")
    command.add_argument("--device", default="cpu")
    command.add_argument("--batch", type=int, default=1)
    options = command.parse_args(arguments)
    count = 8 if options.quick else 30
    rows = (compare(name, count, options.device, options.batch) for name in options.spaces)
    with computing_threads(options.threads):
        report(rows, options.out, {"measured_on": options.device, "batch": options.batch})


if __name__ == "__main__":
    main()
