"""How well summed latency predicts measured latency: `python -m bench.latency [SPACE …] [--quick] [--out FILE.json]`.

Random networks of each space are timed whole and compared with the table of measured operations. Both are measured in
this run, one after the other, so a machine that is busy at times shows in the error.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.stats import spearmanr

from engine.latency import ROUNDS, LatencyTable, latency_table, measure_latency
from engine.population import Population

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


def compare(name: str, count: int, device: str, batch: int) -> tuple[Row, LatencyTable]:
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
    row = Row(
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
    return row, table


def show(row: Row) -> str:
    found = (
        f"Spearman {row.spearman:.3f}, mean absolute error {row.error:.1%}, worst {row.worst:.1%}, bias {row.bias:+.1%}"
    )
    plain = f"plain sum {row.unscaled:+.1%}, scaled by {row.scale:.3f}"
    networks = f"{row.networks} networks of {row.least:.2f} to {row.largest:.2f} ms"
    return f"{row.space}: {networks}: {found} ({plain}); table in {row.seconds:.1f} s"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("spaces", nargs="*", default=["nas-bench-201", "darts"], help="those two unless named")
    parser.add_argument("--quick", action="store_true", help="fewer networks")
    parser.add_argument("--threads", type=int, default=1, help="threads that torch may use (default 1)")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--out", type=Path, help="write the table as JSON to this file")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    machine: dict[str, Any] = {}
    rows = []
    for name in options.spaces:
        row, table = compare(name, 8 if options.quick else 30, options.device, options.batch)
        if not machine:
            known = ("device", "device_name", "threads", "batch", "image_size", "torch", "engine")
            load = [round(value, 2) for value in os.getloadavg()]
            machine = {key: getattr(table.setup, key) for key in known} | {"load": load}
            print(", ".join(f"{key} {value}" for key, value in machine.items()), flush=True)
        print(show(row), flush=True)
        rows.append(row)
    if options.out:
        options.out.write_text(json.dumps({"machine": machine, "rows": [asdict(row) for row in rows]}, indent=2) + "\n")


if __name__ == "__main__":
    main()
